import type { Deviation } from '../config/deviation.ts'
import { endedFor } from '../config/measure.ts'
import { routeNamed } from '../config/route-name.ts'
import { isFlawed, type Reference } from '../forge/check.ts'
import { type Decryption, standIn } from '../forge/decryption.ts'
import { publish } from '../forge/keyring.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { changesToken, forgeToken } from '../forge/token.ts'
import { ValueError } from '../forge/scene.ts'
import { wordsOf } from '../judge/rule.ts'
import type { Note } from '../judge/verdict.ts'
import type { PlannedVariant } from '../plan/plan.ts'
import { furtherDifferences, lacksDifference } from './genuine.ts'
import { controlRoute, type Fit, type Fitness, type Unfit } from './job.ts'
import { latestSeconds } from './leeway.ts'
import { proofFlawsIn } from './proof-flaws.ts'
import { forgeBeside, persistentlyBeside, sceneOf, supplyFor, type Workshop } from './request-maker.ts'

/** What a look at a variant showed, and the request that was forged for it, where it could be sent as it is. */
export type Look = { readonly fitness: Fitness; readonly request?: ForgedRequest }

type Variant = Pick<PlannedVariant, 'deviation' | 'expect' | 'steps'>

/** A workshop around one good token, with what a sound gateway would check tokens by. */
type Bench = Workshop & { readonly keys: Reference['keys']; readonly decryption?: Decryption }

/**
 * Opens the bench on which each variant is forged once, and each token that has to be refused is held against the
 * reference check: one that a sound gateway might rightly let in here is not sent.
 */
export const openBench = (
  workshop: Workshop,
  features: ReadonlySet<string>,
): ((variant: Variant) => Promise<Look>) => {
  const { config, keyring, supply } = workshop
  const keys = [
    ...keyring.issuer.map(publish),
    ...(keyring.publicKey === undefined ? [] : [keyring.publicKey]),
  ]
  const seal = config.encryption === undefined ? undefined : standIn(config.encryption)
  const bench = (): Bench => {
    const { good } = supply
    const own = {
      good,
      another: () => supply.another(),
      other: (name: string) => supply.other(name),
      for: (audience: string) => supplyFor(supply, audience),
    }
    const made = { ...workshop, keys, supply: own }
    return seal === undefined
      ? made
      : { ...made, config: { ...config, encryption: seal.encryption }, decryption: seal.decryption }
  }
  // What is encrypted to a key of ours is not what the gateway decrypts, and what somebody else issued ends when it does.
  const canKeep = seal === undefined && config.tokens.kind === 'keys'
  return async ({ deviation, expect, steps }) => {
    if (steps === undefined) {
      const { fitness, request } = await look({ deviation, expect }, bench, features)
      return { fitness, ...(canKeep && request !== undefined ? { request } : {}) }
    }
    // What steps send may depend on what came before them, but for what a measurement has to see refused.
    if (!steps.some(({ measure }) => measure !== undefined))
      return { fitness: { kind: 'fit', method: 'GET' } }
    const long = { deviation: endedFor(latestSeconds(workshop)), expect: 'reject' } as const
    const { fitness } = await look(long, bench, features)
    return { fitness }
  }
}

const look = async (
  { deviation, expect }: Pick<Variant, 'deviation' | 'expect'>,
  open: () => Bench,
  features: ReadonlySet<string>,
): Promise<Look> => {
  try {
    // Each try is around another good token: by chance one leaves the deviation nothing to change.
    const { bench, request } = await persistentlyBeside(async () => {
      const own = open()
      return { bench: own, request: await forgeBeside(deviation, own) }
    })
    return { fitness: await fitnessOf(request, { deviation, expect }, bench, features), request }
  } catch (error) {
    if (error instanceof ValueError) return { fitness: distinct(error.message) }
    throw error
  }
}

const distinct = (detail: string): Unfit => ({ kind: 'unfit', missing: 'distinct-deviation', detail })

const fitnessOf = async (
  request: ForgedRequest,
  { deviation, expect }: Pick<Variant, 'deviation' | 'expect'>,
  bench: Bench,
  features: ReadonlySet<string>,
): Promise<Fitness> => {
  const fit: Fit = { kind: 'fit', method: request.method }
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
  const isAboutScope = deviation.request?.route?.startsWith('scoped') === true && deviation.sign === undefined
  if (!mustRefuse || !changesToken(deviation) || isAboutScope) return fit
  return (await mustBeRefused(deviation, request, bench))
    ? fit
    : distinct('under this policy a sound gateway lets this token in')
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
  { config, keys, decryption, now }: Bench,
  good: Reference['good'],
  audience: string | undefined,
): Reference => ({
  policy: audience === undefined ? config.policy : { ...config.policy, audiences: [audience] },
  good,
  keys,
  now: now(),
  ...(decryption === undefined ? {} : { decryption }),
})
