import { isRole, type LoadCase } from '../../config/load-case.ts'
import { plan } from '../../plan/plan.ts'
import { waitsOf } from '../../plan/step-needs.ts'
import { validRequests } from '../good-requests.ts'
import { loadBytes, MixError } from '../load-bytes.ts'
import { makeTraffic } from '../traffic.ts'
import type { LoadClass } from '../record.ts'
import type { Requests } from '../requests.ts'
import type { Bench } from './bench.ts'
import { Unjudged } from './bench.ts'
import { watchEnd, type EndWatch } from './end-watch.ts'
import { identityBytes, watchIdentity, type IdentityWatch } from './identity.ts'
import { takeUpMarginMs, type Rotation } from './key-rotation.ts'
import type { Spy } from './spy.ts'

/** The requests of a case, and who watches them beyond the judge. */
export type Mixture = {
  readonly classes: readonly LoadClass[]
  readonly spies: ReadonlyMap<string, Spy>
  readonly bodyBytes: number
  readonly identity?: IdentityWatch
  /** Of the token that ends, or of the key that is withdrawn, in the phase. */
  readonly end?: EndWatch
}

const usualTokens = 200

/** So long after they were made tokens end that are to end in the phase: seconds. */
const endsAfterSeconds = 3

/** Mints what the mix of a case names. Throws Unjudged where it cannot be sent here. */
export const mixtureOf = async (
  { mix = { valid: 1 }, phase = {}, check }: LoadCase,
  rotation: Rotation | undefined,
  bench: Bench,
): Promise<Mixture> => {
  const count = phase.tokens ?? usualTokens
  const classes: LoadClass[] = []
  const spies = new Map<string, Spy>()
  let identity: IdentityWatch | undefined
  let end: EndWatch | undefined
  const plain: Record<string, number> = {}
  for (const [name, weight] of Object.entries(mix)) {
    if (name === 'valid' && check.includes('identity-isolated')) {
      identity = watchIdentity(weight, count, bench)
      classes.push(identity.class)
      spies.set(name, identity.spy)
    } else if (name === 'next' || name === 'withdrawn') {
      const requests = await byKey(name, count, rotation, bench)
      classes.push({ name, expect: 'accept', weight, requests })
      if (name === 'withdrawn') end = watchEnd({ endsAt: Infinity, graceMs: withdrawalGraceMs(bench) })
    } else if (name === 'oversized')
      classes.push({ name, expect: 'refuse', weight, requests: oversized(bench) })
    else if (name !== 'ending') plain[name] = weight
  }
  classes.push(...(await plainClasses(plain, count, bench)))
  if (mix.ending !== undefined) {
    // The last to be made: their time runs.
    const made = await endingClass(count, bench)
    end = made.end
    classes.push({ name: 'ending', expect: 'accept', weight: mix.ending, requests: made.requests })
  }
  if (end !== undefined) spies.set(mix.ending === undefined ? 'withdrawn' : 'ending', end.spy)
  return {
    classes,
    spies,
    bodyBytes: identity === undefined ? 0 : identityBytes,
    ...(identity === undefined ? {} : { identity }),
    ...(end === undefined ? {} : { end }),
  }
}

const byKey = async (
  prefix: string,
  count: number,
  rotation: Rotation | undefined,
  { source }: Bench,
): Promise<Requests> => {
  if (rotation === undefined) throw new Unjudged({ missing: ['served-key-set'] })
  return validRequests(source, { count, prefix, key: rotation.key })
}

/** Forged tokens that are nearly as long as gateways take headers. */
const oversized = ({ make, config }: Bench): readonly Uint8Array[] =>
  Array.from({ length: fewRequests }, () =>
    loadBytes(make({ claims: { x_padding: { $random: paddingCharacters } }, sign: 'attacker' }), config),
  )

const fewRequests = 50
const paddingCharacters = 4500

const withdrawalGraceMs = ({ waits }: Bench): number => (waits.maxAge ?? 0) + takeUpMarginMs

const endingClass = async (
  count: number,
  { source, waits }: Bench,
): Promise<{ readonly end: EndWatch; readonly requests: Requests }> => {
  const { workshop } = source
  const exp = workshop.now() + endsAfterSeconds
  const endsAt = performance.now() + endsAfterSeconds * 1000
  const requests = await validRequests(source, { count, prefix: 'ending', claims: { exp } })
  const graceMs = (waits.skew ?? 0) + workshop.marginSeconds() * 1000
  return { end: watchEnd({ endsAt, graceMs }), requests }
}

/** Good requests and those of other cases. */
const plainClasses = async (
  mix: Readonly<Record<string, number>>,
  tokens: number,
  { source, suite, features, make, config }: Bench,
): Promise<readonly LoadClass[]> => {
  const ids = Object.keys(mix).filter((name) => !isRole(name))
  const ground = { target: config.target, features, risky: true, waits: waitsOf(config) }
  for (const id of ids) {
    const variants = plan(suite, { include: [id], exclude: [] }, ground).flatMap((one) => one.variants)
    if (variants.every(({ missing }) => missing.length > 0))
      throw new Unjudged({ missing: [...new Set(variants.flatMap(({ missing }) => missing))] })
  }
  if (Object.keys(mix).length === 0) return []
  try {
    const own = { ...source, config: { ...config, load: { ...config.load, mix, tokens } } }
    return (await makeTraffic(own, ({ deviation }) => make(deviation))).classes
  } catch (error) {
    if (error instanceof MixError) throw new Unjudged({ reason: error.message })
    throw error
  }
}
