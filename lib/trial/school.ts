import type { Config } from '../config/config.ts'
import type { Deviation } from '../config/deviation.ts'
import { routeNamed, routeNames } from '../config/route-name.ts'
import type { Word } from '../config/expect.ts'
import { clockOffset, type ClockOffset, type ClockSample } from '../exchange/clock.ts'
import type { Speech } from '../judge/protocol.ts'
import type { PlannedCase } from '../plan/plan.ts'
import { openIo, type Io } from './io.ts'
import { routesNeeded, type Job } from './job.ts'
import { tellingNonces } from './nonce.ts'
import { learnStyle, teach, type Learned, type Taught, type Untaught } from './teach.ts'
import { meetWitness, noWitness, type Witness, type Witnessed } from './witness.ts'
import type { World } from './world.ts'
import type { Shop } from './workshop.ts'

/** What the controls of a run taught. */
export type School = {
  readonly home: Taught
  readonly lessons: ReadonlyMap<Job['route'], Learned>
  /** The routes whose controls taught nothing. */
  readonly untaught: ReadonlyMap<Job['route'], Untaught>
  readonly style: Readonly<Partial<Record<Word, Speech>>>
  readonly witness: Witness
  readonly clock: ClockOffset | undefined
  readonly io: Io
}

/** The controls of every route that a case needs, the target's clock, and how this gateway refuses. */
export const attendSchool = async (
  config: Config,
  planned: readonly PlannedCase[],
  shop: Shop,
  run: World,
): Promise<School> => {
  const plainIo = tellingNonces(openIo(run, config.target.pace), (nonce) => shop.setNonce(nonce))
  const { home, clock, ...met } = await learnHome(config, shop, { upstream: run.upstream, io: plainIo })
  const { witness, io } = met
  const lessons = new Map<Job['route'], Learned>()
  const untaught = new Map<Job['route'], Untaught>()
  if (home.kind === 'trouble') return { home, lessons, untaught, style: {}, witness, clock, io }
  lessons.set('protected', home)
  const used = new Set(planned.flatMap(({ variants }) => variants.flatMap(routesNeeded)))
  const others = routeNames.flatMap((name) => {
    const route = routeNamed(config.target, name)
    if (name === 'protected' || route === undefined || !used.has(name)) return []
    return [{ name, route, refusal: home.lesson.none, hopeless: hopeless(config, shop) }]
  })
  const all = await Promise.all(
    others.map(async (subject) => ({ name: subject.name, ...(await teach(subject, shop.make, met)) })),
  )
  for (const { name, ...taught } of all)
    if (taught.kind === 'taught') lessons.set(name, taught)
    else untaught.set(name, taught)
  const scheme = schemeOf(config)
  const style = await learnStyle(styleControls(config, shop), shop.make, { io, scheme, lessons })
  return { home, lessons, untaught, style, witness, clock, io }
}

type Home = Witnessed & { readonly home: Taught; readonly clock: ClockOffset | undefined }

/** A clock that is hours off must be known before the first token is believed to be good. */
const learnHome = async (
  config: Config,
  shop: Shop,
  { upstream, io }: { readonly upstream: World['upstream']; readonly io: Io },
): Promise<Home> => {
  const learn = async (): Promise<Witnessed & { taught: Taught; samples: readonly ClockSample[] }> => {
    const met =
      upstream === undefined ? { witness: noWitness, io } : await meetWitness(upstream, shop.make, io)
    const { samples, ...taught } = await teach(
      { name: 'protected', route: config.target.routes.protected, hopeless: hopeless(config, shop) },
      shop.make,
      met,
    )
    return { ...met, taught, samples }
  }
  const first = await learn()
  const clock = clockOffset(first.samples)
  shop.setClock(clock)
  const { taught: home, witness } = first
  if (clock === undefined || Math.abs(clock.offsetSeconds) <= clock.marginSeconds)
    return { home, clock, witness, io: first.io }
  const second = await learn()
  if (second.taught.kind === 'taught' || home.kind === 'trouble')
    return { home: second.taught, clock, witness: second.witness, io: second.io }
  // Whoever wrote that date is not who judges tokens.
  shop.setClock(undefined)
  return { home, clock: undefined, witness, io: first.io }
}

/** The public part of a JWT may stand under anybody's signature; an opaque token leaves nothing to be forged. */
const styleControls = (config: Config, shop: Shop): Readonly<Partial<Record<Word, Deviation>>> => ({
  challenge: { carry: 'none' },
  reject: isJwt(shop) ? { sign: 'attacker' } : noToken(config),
  ...(config.tokens.kind === 'keys' && config.target.routes.scoped !== undefined
    ? { forbid: { claims: { $scope: 'gateproof-none' }, request: { route: 'scoped' } } }
    : {}),
})

/** For nobody, from nobody, and long ended. */
const hopeless = (config: Config, shop: Shop): Deviation =>
  isJwt(shop)
    ? {
        claims: { iss: 'gateproof-nobody', aud: 'gateproof-nobody', exp: { $now: -86_400 } },
        sign: 'attacker',
      }
    : noToken(config)

const isJwt = ({ workshop }: Shop): boolean => workshop.supply.good.kind === 'jwt'

const noToken = (config: Config): Deviation => ({
  carry: { value: [...schemePieces(config), 'gateproof-is-no-token'] },
})

const schemePieces = ({ target }: Config): readonly unknown[] => {
  const [home] = target.credentials
  return home.in === 'header' && home.scheme !== null ? [{ $scheme: 'as-is' }, ' '] : []
}

/** The scheme that the target's challenges should have. */
export const schemeOf = ({ target }: Config): string => {
  const [home] = target.credentials
  return home.in === 'header' ? (home.scheme ?? 'Bearer') : 'Bearer'
}
