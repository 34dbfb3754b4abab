import { X509Certificate } from 'node:crypto'
import type { Config } from '../config/config.ts'
import type { Deviation } from '../config/deviation.ts'
import { routeNamed } from '../config/route-name.ts'
import { newMark } from '../forge/bait.ts'
import { isFlawed, type Reference } from '../forge/check.ts'
import { type Decryption, standIn } from '../forge/decryption.ts'
import { forgeRequest, type Supply } from '../forge/forge.ts'
import { publish, type Keyring } from '../forge/keyring.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { changesToken, forgeToken } from '../forge/token.ts'
import { ValueError, type Scene } from '../forge/value.ts'
import { wordsOf } from '../judge/rule.ts'
import type { PlannedCase, PlannedVariant } from '../plan/plan.ts'
import { proofFlawsIn } from './proof-flaws.ts'
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
  /** The nonce for DPoP proofs that the target gave last. */
  readonly nonce: () => string | undefined
  /** How far from an edge of a token's time a case must stay, in seconds. */
  readonly marginSeconds: () => number
  readonly random: (bytes: number) => Buffer
  /** What the steps of a case before this one have made. */
  readonly steps?: StepsSoFar
}

/** The keys that steps have published, and the tokens that they have sent, by their names. */
export type StepsSoFar = {
  readonly published: NonNullable<Scene['published']>
  tokenOf(step: string): string
}

/** Forges requests one after the other, each with a fresh good token underneath. */
export const requestMaker =
  (workshop: Workshop): MakeRequest =>
  (deviation) => {
    const { config, unrouted, steps } = workshop
    const route = routeNamed(config.target, controlRoute(deviation))
    if (route === undefined) throw new ValueError('this target has no such route')
    const supply = supplyFor(workshop.supply, route.audience)
    const { good } = supply
    const destination = { target: config.target, route, unrouted }
    return forgeRequest(
      deviation,
      destination,
      {
        good,
        another: () => supply.another(),
        other: (name) => supply.other(name),
        ...(steps === undefined ? {} : { sent: (step) => steps.tokenOf(step) }),
      },
      sceneOf(workshop, good),
    )
  }

/** On a route with an audience of its own other tokens are good. */
const supplyFor = (supply: Supply, audience: string | undefined): Supply =>
  audience === undefined ? supply : (supply.for?.(audience) ?? supply)

/** What values are resolved against, around one good token. */
export const sceneOf = (
  { config, keyring, supply, served, steps, now, nonce, marginSeconds, random }: Workshop,
  good: Supply['good'],
): Scene => {
  const given = nonce()
  const { certificate } = config.binding ?? {}
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
    routes: routeDemands(config),
    good: good.kind === 'jwt' ? good : opaque,
    keyring,
    genuine: (name) => supply.other(name),
    ...(config.encryption === undefined ? {} : { encryption: config.encryption }),
    served,
    mark: newMark(random),
    ...(steps === undefined ? {} : { published: steps.published }),
    ...(given === undefined ? {} : { nonce: given }),
    ...(certificate === undefined ? {} : { certificate: new X509Certificate(certificate.cert).raw }),
    random,
  }
}

const routeDemands = ({ target, policy }: Config): NonNullable<Scene['routes']> => {
  const needsAll = routeNamed(target, 'scoped-all')?.scope?.scopes
  const audience = target.routes.protected.audience ?? policy.audiences[0]
  const otherAudience = routeNamed(target, 'other-audience')?.audience
  return {
    ...(needsAll === undefined ? {} : { needsAll }),
    ...(audience === undefined ? {} : { audience }),
    ...(otherAudience === undefined ? {} : { otherAudience }),
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
  const bench = benchOf(workshop)
  const jobs: Job[] = []
  const unfit = new Map<PlannedVariant, Unfit>()
  for (const one of planned)
    for (const variant of one.variants) {
      if (variant.missing.length > 0) continue
      const { deviation, steps } = variant
      if (steps !== undefined) {
        jobs.push(steppedJob(one, variant))
        continue
      }
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

/** What steps send is forged when its turn comes, since it may depend on what came before. */
const steppedJob = (planned: PlannedCase, variant: PlannedVariant): Job => ({
  planned,
  variant,
  route: 'protected',
  method: 'GET',
  make: () => {
    throw new Error('a case of several steps is played, and not sent')
  },
})

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

type Bench = Workshop & { readonly decryption?: Decryption }

/** What is forged here is never sent, so that one good token does for all of it, and a key of ours for the gateway's. */
const benchOf = (workshop: Workshop): Bench => {
  const { config, supply } = workshop
  const { good } = supply
  const bench = {
    ...workshop,
    supply: {
      good,
      another: () => supply.another(),
      other: (name: string) => supply.other(name),
      for: (audience: string) => supplyFor(supply, audience),
    },
  }
  if (config.encryption === undefined) return bench
  const { encryption, decryption } = standIn(config.encryption)
  return { ...bench, config: { ...config, encryption }, decryption }
}

type Fitness = { readonly kind: 'fit'; readonly method: string } | ({ readonly kind: 'unfit' } & Unfit)

const fitness = async (
  { deviation, expect }: PlannedVariant,
  bench: Bench,
  features: ReadonlySet<string>,
): Promise<Fitness> => {
  const distinct = (detail: string): Fitness => ({ kind: 'unfit', missing: 'distinct-deviation', detail })
  try {
    const request = requestMaker(bench)(deviation)
    const fit: Fitness = { kind: 'fit', method: request.method }
    const words = wordsOf(expect, features)
    const mustRefuse = words.every((word) => word === 'reject' || word === 'refuse' || word === 'bad-request')
    const isAboutProof = typeof deviation.proof === 'object' && deviation.carry === undefined
    if (mustRefuse && isAboutProof && !changesToken(deviation))
      return proofFlawsIn(request, bench).length > 0 ? fit : distinct('here this proof is a good one')
    // The reference check knows nothing of scopes, and nothing of tokens that were made elsewhere.
    const isAboutScope =
      deviation.request?.route?.startsWith('scoped') === true && deviation.sign === undefined
    if (!mustRefuse || !changesToken(deviation) || deviation.token !== undefined || isAboutScope) return fit
    return (await mustBeRefused(deviation, bench))
      ? fit
      : distinct('under this policy a sound gateway lets this token in')
  } catch (error) {
    if (error instanceof ValueError) return distinct(error.message)
    throw error
  }
}

const mustBeRefused = async (deviation: Deviation, bench: Bench): Promise<boolean> => {
  const audience = routeNamed(bench.config.target, controlRoute(deviation))?.audience
  const { good } = supplyFor(bench.supply, audience)
  if (good.kind === 'opaque') return true
  const token = forgeToken(deviation, good, sceneOf(bench, good))
  return isFlawed(token, referenceFor(bench, good, audience))
}

const referenceFor = (
  { config, keyring, decryption, now }: Bench,
  good: Reference['good'],
  audience: string | undefined,
): Reference => ({
  policy: audience === undefined ? config.policy : { ...config.policy, audiences: [audience] },
  good,
  keys: [...keyring.issuer.map(publish), ...(keyring.publicKey === undefined ? [] : [keyring.publicKey])],
  now: now(),
  ...(decryption === undefined ? {} : { decryption }),
})
