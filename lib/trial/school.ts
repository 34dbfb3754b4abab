import type { Config } from '../config/config.ts'
import type { Deviation, Word } from '../config/suite.ts'
import type { Answered } from '../exchange/answer.ts'
import { clockOffset, type ClockOffset, type ClockSample } from '../exchange/clock.ts'
import { createPace } from '../exchange/pace.ts'
import type { Speech } from '../judge/protocol.ts'
import type { Lesson } from '../judge/side.ts'
import type { PlannedCase } from '../plan/plan.ts'
import type { Io } from './attempt.ts'
import type { Job, MakeRequest } from './job.ts'
import { learnStyle, teach, type Taught } from './teach.ts'
import { noWitness, witnessById, witnessByTurn, type Witness } from './witness.ts'
import type { World } from './world.ts'
import type { Shop } from './workshop.ts'

type Lessons = { readonly lesson: Lesson; readonly good: Answered }

/** What the controls of a run taught. */
export type School = {
  readonly home: Taught
  readonly lessons: ReadonlyMap<Job['route'], Lessons>
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
  const { witness, io } = await meetWitness(config, shop.make, run)
  const lessons = new Map<Job['route'], Lessons>()
  const samples: ClockSample[] = []
  const learn = async (name: Job['route']): Promise<Taught | undefined> => {
    const route = config.target.routes[name]
    if (route === undefined) return undefined
    const taught = await teach(name, route, shop.make, { io, witness })
    samples.push(...taught.samples)
    if (taught.kind === 'taught') lessons.set(name, taught)
    return taught
  }
  // A clock that is hours off must be known before the first token is believed to be good.
  let home = await learn('protected')
  const clock = clockOffset(samples)
  if (clock !== undefined && Math.abs(clock.offsetSeconds) > clock.marginSeconds) {
    shop.setClock(clock)
    home = await learn('protected')
  }
  if (home === undefined) throw new Error('a configuration without a protected route')
  const used = new Set(
    planned.flatMap(({ variants }) => variants.map(({ deviation }) => deviation.request?.route)),
  )
  for (const name of ['scoped', 'public', 'optional'] as const)
    if (home.kind === 'taught' && used.has(name)) await learn(name)
  const style =
    home.kind === 'taught'
      ? await learnStyle(styleControls(config), shop.make, { io, scheme: schemeOf(config) })
      : {}
  return { home, lessons, style, witness, clock, io }
}

/** Whether the upstream sees our requests, and whether it can tell them apart by their ids. */
const meetWitness = async (
  config: Config,
  make: MakeRequest,
  run: World,
): Promise<{ witness: Witness; io: Io }> => {
  const { upstream } = run
  const { concurrency, perSecond } = config.target.pace
  const paceOf = (bound: number) =>
    createPace({
      concurrency: bound,
      ...(perSecond === undefined ? {} : { perSecond }),
      sleep: (ms) => run.sleep(ms),
      now: () => run.now(),
    })
  const plain: Io = {
    send: (request, options) => run.exchanger.send(request, { ...options, signal: run.signal }),
    pace: paceOf(concurrency),
    sleep: (ms) => run.sleep(ms),
    newId: () => run.newId(),
  }
  if (upstream === undefined) return { witness: noWitness, io: plain }
  const id = run.newId()
  const before = upstream.hits().length
  await plain.send(make({}), { attemptId: id, newConnection: false })
  if (upstream.hitsOf(id).length > 0 || upstream.hits().length === before)
    return { witness: witnessById(upstream), io: plain }
  const turns = witnessByTurn()
  return {
    witness: turns,
    io: {
      ...plain,
      pace: paceOf(1),
      send: async (request, options) => {
        const seen = upstream.hits().length
        const answer = await plain.send(request, options)
        await run.sleep(turnMs)
        turns.record(options.attemptId, upstream.hits().slice(seen))
        return answer
      },
    },
  }
}

/** How long a hit may come after its answer where hits are told apart by turns. */
const turnMs = 20

const styleControls = (config: Config): Readonly<Partial<Record<Word, Deviation>>> => ({
  challenge: { carry: 'none' },
  reject:
    config.tokens.kind === 'keys'
      ? { sign: 'attacker' }
      : { carry: { value: [{ $scheme: 'as-is' }, ' ', 'gateproof-is-no-token'] } },
  ...(config.tokens.kind === 'keys' && config.target.routes.scoped !== undefined
    ? { forbid: { claims: { $scope: 'gateproof-none' }, request: { route: 'scoped' } } }
    : {}),
})

/** The scheme that the target's challenges should have. */
export const schemeOf = ({ target }: Config): string => {
  const [home] = target.credentials
  return home.in === 'header' ? (home.scheme ?? 'Bearer') : 'Bearer'
}
