import type { SigningKey } from '../../config/config.ts'
import { algorithmOf, freshKey } from '../../forge/algorithm.ts'
import { publish } from '../../forge/keyring.ts'
import type { KeySet } from '../../serve/key-set.ts'
import { openProbe } from '../probe.ts'
import type { Bench } from './bench.ts'
import { Unjudged } from './bench.ts'

/** Beyond the declared time, for the clocks and the way. */
export const takeUpMarginMs = 5000

/** The key set that we serve, in the hands of one load case. */
export type Rotation = {
  /** A key of the issuer's algorithm that is not published yet. */
  readonly key: SigningKey
  publish(): void
  withdraw(): void
  /** From now on the set is to be fetched anew each second, and comes late. */
  hasten(): void
  /** How often it was fetched since the case began. */
  fetches(): number
  restore(): void
}

/** Throws Unjudged where no key set of ours is up. */
export const openRotation = async ({ config, io }: Bench): Promise<Rotation> => {
  const { keySet } = io
  if (keySet === undefined || config.tokens.kind !== 'keys')
    throw new Unjudged({ missing: ['served-key-set'] })
  const [{ alg }] = config.tokens.keys
  const algorithm = algorithmOf(alg)
  if (algorithm === undefined) throw new Unjudged({ missing: ['signing-key'] })
  const key: SigningKey = {
    kid: `gateproof-${io.random(6).toString('hex')}`,
    alg,
    ...(await freshKey(algorithm)),
  }
  const before = keySet.counted('keys')
  return {
    key,
    publish: () => keySet.respond({ body: withKey(keySet, key) }),
    withdraw: () => keySet.respond({}),
    hasten: () => keySet.respond({ headers: [['cache-control', 'max-age=1']], delayMs: lateMs }),
    fetches: () => keySet.counted('keys') - before,
    restore: () => keySet.respond({}),
  }
}

/** A fetch that takes so long shows where requests wait for it. */
const lateMs = 200

const withKey = (keySet: KeySet, key: SigningKey): string =>
  JSON.stringify({ keys: [...keySet.keys(), publish(key).jwk] })

/**
 * Sends a request again and again until it is let in; false where that takes longer than the limit. One probe at a time,
 * with growing pauses.
 */
export const letInWithin = async (
  makeBytes: () => Promise<Uint8Array> | Uint8Array,
  limitMs: number,
  { endpoint, config, judge, io }: Bench,
): Promise<boolean> => {
  const probe = openProbe(endpoint, config.target.timeoutMs, judge.bodyBytes, io.signal)
  const until = performance.now() + limitMs
  try {
    for (let pause = 20; !io.signal.aborted; pause = Math.min(1000, pause * 2)) {
      const probed = await probe.exchange(await makeBytes())
      if (
        probed.kind === 'answered' &&
        judge.read(probed.answer, { name: 'valid', expect: 'accept' }) === 'let-in'
      )
        return true
      if (performance.now() + pause > until) return false
      await io.sleep(pause)
    }
    return false
  } finally {
    probe.close()
  }
}
