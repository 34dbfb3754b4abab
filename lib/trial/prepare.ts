import type { Deviation } from '../config/deviation.ts'
import { endedFor } from '../config/measure.ts'
import { routeNamed } from '../config/route-name.ts'
import type { Step } from '../config/steps.ts'
import { isFlawed, type Reference } from '../forge/check.ts'
import { type Decryption, standIn } from '../forge/decryption.ts'
import { namesDelay } from '../forge/delay.ts'
import { publish } from '../forge/keyring.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { changesToken, forgeToken } from '../forge/token.ts'
import { ValueError } from '../forge/scene.ts'
import { wordsOf } from '../judge/rule.ts'
import type { Note } from '../judge/verdict.ts'
import type { PlannedCase, PlannedVariant } from '../plan/plan.ts'
import { furtherDifferences, lacksDifference } from './genuine.ts'
import { proofFlawsIn } from './proof-flaws.ts'
import { latestSeconds } from './leeway.ts'
import { requestMaker, sceneOf, supplyFor, type Workshop } from './request-maker.ts'
import { controlRoute, type Job } from './job.ts'

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
        const fit = await stepsFitness(steps, bench, features)
        if (fit.kind === 'unfit') unfit.set(variant, fit)
        else jobs.push(steppedJob(one, variant))
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
          ...(namesDelay(deviation) ? { makeSleeping: sleepingMaker(deviation, workshop) } : {}),
          ...(fit.notes === undefined ? {} : { notes: fit.notes }),
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

const sleepingMaker =
  (deviation: Deviation, workshop: Workshop) =>
  (delaySeconds: number): ForgedRequest =>
    persistently(() => requestMaker({ ...workshop, delaySeconds })(deviation))

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

type Fitness =
  | { readonly kind: 'fit'; readonly method: string; readonly notes?: readonly Note[] }
  | ({ readonly kind: 'unfit' } & Unfit)

/** What steps send may depend on what came before them, but for what a measurement has to see refused. */
const stepsFitness = async (
  steps: readonly Step[],
  bench: Bench,
  features: ReadonlySet<string>,
): Promise<Fitness> =>
  steps.some(({ measure }) => measure !== undefined)
    ? fitness({ deviation: endedFor(latestSeconds(bench)), expect: 'reject' }, bench, features)
    : { kind: 'fit', method: 'GET' }

const fitness = async (
  { deviation, expect }: Pick<PlannedVariant, 'deviation' | 'expect'>,
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
    if (typeof deviation.token === 'string') {
      const held = genuineness(deviation.token, bench)
      return held.lack === undefined ? { ...fit, notes: held.notes } : distinct(held.lack)
    }
    // The reference check knows nothing of scopes, and nothing of tokens that were made elsewhere.
    const isAboutScope =
      deviation.request?.route?.startsWith('scoped') === true && deviation.sign === undefined
    if (!mustRefuse || !changesToken(deviation) || isAboutScope) return fit
    return (await mustBeRefused(deviation, request, bench))
      ? fit
      : distinct('under this policy a sound gateway lets this token in')
  } catch (error) {
    if (error instanceof ValueError) return distinct(error.message)
    throw error
  }
}

/** What a token that was made elsewhere must show of its difference, and what else it differs in. */
const genuineness = (
  name: string,
  { config, supply, now }: Bench,
): { readonly lack: string | undefined; readonly notes: readonly Note[] } => {
  const yardstick = {
    config,
    good: supply.good.kind === 'jwt' ? supply.good.jws : supply.good.text,
    now: now(),
  }
  const text = supply.other(name)
  const further = furtherDifferences(name, text, yardstick)
  return {
    lack: lacksDifference(name, text, yardstick),
    notes: further.length === 0 ? [] : [`differs-further: ${further.join(', ')}`],
  }
}

const mustBeRefused = async (
  deviation: Deviation,
  request: ForgedRequest,
  bench: Bench,
): Promise<boolean> => {
  const audience = routeNamed(bench.config.target, controlRoute(deviation))?.audience
  const { good } = supplyFor(bench.supply, audience)
  if (good.kind === 'opaque') return true
  // Where it travels as usual, and is good for the usual audience, it is forged already: signing takes most of the time.
  const [forged] = deviation.carry === undefined && audience === undefined ? request.secrets : []
  const token = forged ?? forgeToken(deviation, good, sceneOf(bench, good))
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
