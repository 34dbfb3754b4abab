import type { Config } from '../config/config.ts'
import type { Deviation } from '../config/deviation.ts'
import { flawsOf, joseRefuses, type Reference } from '../forge/check.ts'
import { forgeRequest, type Supply } from '../forge/forge.ts'
import { publish, type Keyring } from '../forge/keyring.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { changesToken, forgeToken } from '../forge/token.ts'
import { ValueError, type Scene } from '../forge/value.ts'
import { wordsOf } from '../judge/rule.ts'
import type { PlannedCase, PlannedVariant } from '../plan/plan.ts'
import { controlRoute, type Job, type MakeRequest } from './job.ts'

/** What every request of a run is forged from. */
export type Workshop = {
  readonly config: Config
  readonly keyring: Keyring
  readonly supply: Supply
  /** A path that no route has. */
  readonly unrouted: string
  readonly served: NonNullable<Scene['served']>
  /** The target's clock, seconds since the epoch. */
  readonly now: () => number
  /** How far from an edge of a token's time a case must stay, in seconds. */
  readonly marginSeconds: () => number
  readonly random: (bytes: number) => Buffer
}

/** Forges requests one after the other, each with a fresh good token underneath. */
export const requestMaker =
  (workshop: Workshop): MakeRequest =>
  (deviation) => {
    const { config, supply, unrouted } = workshop
    const route = config.target.routes[controlRoute(deviation)]
    if (route === undefined) throw new ValueError('this target has no such route')
    const { good } = supply
    const destination = { target: config.target, route, unrouted }
    return forgeRequest(
      deviation,
      destination,
      { good, another: () => supply.another(), other: (name) => supply.other(name) },
      sceneOf(workshop, good),
    )
  }

/** What values are resolved against, around one good token. */
export const sceneOf = (
  { config, keyring, served, now, marginSeconds, random }: Workshop,
  good: Supply['good'],
): Scene => {
  const { origin, basePath, routes } = config.target
  const scope = routes.scoped?.scope?.scopes[0]
  return {
    now: now(),
    marginSeconds: marginSeconds(),
    policy: config.policy,
    target: {
      origin,
      host: new URL(origin).host,
      url: origin + basePath,
      protectedPath: basePath + routes.protected.path,
      ...(routes.public === undefined ? {} : { publicPath: basePath + routes.public.path }),
    },
    ...(scope === undefined ? {} : { scope }),
    good: good.kind === 'jwt' ? good : opaque,
    keyring,
    served,
    random,
  }
}

/** An opaque token has no claims to depart from; whatever needs some is not planned for it. */
const opaque: Scene['good'] = {
  header: {},
  claims: {},
  algorithm: {
    name: 'RS256',
    family: 'rsa',
    padding: 'pkcs1',
    hash: 'sha256',
    sibling: 'RS512',
    twin: 'PS256',
  },
}

/** Why a planned variant will not be sent after all. */
export type Unfit = { readonly missing: string; readonly detail: string }

export type Prepared = { readonly jobs: readonly Job[]; readonly unfit: ReadonlyMap<PlannedVariant, Unfit> }

/**
 * Forges every variant once without sending it, and holds each token that has to be refused against the reference
 * check: one that a sound gateway might rightly let in here is not sent.
 */
export const prepare = async (
  planned: readonly PlannedCase[],
  workshop: Workshop,
  features: ReadonlySet<string>,
): Promise<Prepared> => {
  const make = requestMaker(workshop)
  const bench = withOneToken(workshop)
  const jobs: Job[] = []
  const unfit = new Map<PlannedVariant, Unfit>()
  for (const one of planned)
    for (const variant of one.variants) {
      if (variant.missing.length > 0) continue
      const { deviation } = variant
      const fit = await fitness(variant, bench, features)
      if (fit.kind === 'unfit') unfit.set(variant, fit)
      else
        jobs.push({
          planned: one,
          variant,
          route: controlRoute(deviation),
          method: fit.method,
          make: () => persistently(() => make(deviation)),
        })
    }
  return { jobs, unfit }
}

/** What could be made once can be made again, though another token may by chance leave the deviation nothing to change. */
const persistently = (make: () => ForgedRequest): ForgedRequest => {
  for (let turn = 0; turn < mostTurns; turn++) {
    try {
      return make()
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
    }
  }
  return make()
}

const mostTurns = 20

/** What is forged here is never sent, so that one good token does for all of it. */
const withOneToken = (workshop: Workshop): Workshop => {
  const { good } = workshop.supply
  const { supply } = workshop
  return { ...workshop, supply: { good, another: () => good, other: (name) => supply.other(name) } }
}

type Fitness = { readonly kind: 'fit'; readonly method: string } | ({ readonly kind: 'unfit' } & Unfit)

const fitness = async (
  { deviation, expect }: PlannedVariant,
  workshop: Workshop,
  features: ReadonlySet<string>,
): Promise<Fitness> => {
  const distinct = (detail: string): Fitness => ({ kind: 'unfit', missing: 'distinct-deviation', detail })
  try {
    const { method } = requestMaker(workshop)(deviation)
    const fit: Fitness = { kind: 'fit', method }
    const words = wordsOf(expect, features)
    const mustRefuse = words.every((word) => word === 'reject' || word === 'refuse' || word === 'bad-request')
    // The reference check knows nothing of scopes, and nothing of tokens that were made elsewhere.
    const isAboutScope = deviation.request?.route === 'scoped' && deviation.sign === undefined
    if (!mustRefuse || !changesToken(deviation) || deviation.token !== undefined || isAboutScope) return fit
    return (await isFlawed(deviation, workshop))
      ? fit
      : distinct('under this policy a sound gateway lets this token in')
  } catch (error) {
    if (error instanceof ValueError) return distinct(error.message)
    throw error
  }
}

const isFlawed = async (deviation: Deviation, workshop: Workshop): Promise<boolean> => {
  const { good } = workshop.supply
  if (good.kind === 'opaque') return true
  const token = forgeToken(deviation, good, sceneOf(workshop, good))
  const reference = referenceFor(workshop, good)
  return flawsOf(token, reference).length > 0 || (await joseRefuses(token, reference))
}

const referenceFor = ({ config, keyring, now }: Workshop, good: Reference['good']): Reference => ({
  policy: config.policy,
  good,
  keys: [...keyring.issuer.map(publish), ...(keyring.publicKey === undefined ? [] : [keyring.publicKey])],
  now: now(),
})
