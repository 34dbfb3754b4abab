import type { ConfiguredKeys } from './deployment.ts'
import { isObject } from './strict-json.ts'
import { type KeySet, servedKey, staticKey, type VerificationKey } from './verification-key.ts'

/** Fetches a key set's JSON; resolves to undefined where it cannot be had. */
export type FetchKeys = (uri: string, verifiesTls: boolean) => Promise<unknown>

/** Keys beyond this number are left out. */
const maxKeys = 100

/** A failed fetch is not tried again before, so that an outage is not made worse. */
const retryAfterMs = 1000

/** Where the keys of a deployment come from; what it returns resolves to undefined while they cannot be had. */
export const keySource = (
  keys: ConfiguredKeys,
  fetchKeys: FetchKeys,
  now: () => number,
): (() => Promise<KeySet | undefined>) => {
  if (keys.kind === 'static') {
    const set = Promise.resolve({ usable: byKid(keys.keys.map(staticKey)), asServed: keys.keys })
    return () => set
  }
  const load = async () => keySetOf(await fetchKeys(keys.uri, keys.verifiesTls))
  return cached(load, (set) => now() + (set === undefined ? retryAfterMs : keys.maxAgeMs), now)
}

/** One load at a time, however many wait for it, and its result until its time is up. */
const cached = <Value>(
  load: () => Promise<Value>,
  expiry: (value: Value) => number,
  now: () => number,
): (() => Promise<Value>) => {
  let held: Promise<Value> | undefined
  let until = 0
  return () => {
    if (held !== undefined && now() < until) return held
    until = Infinity
    held = load().then((value) => {
      until = expiry(value)
      return value
    })
    return held
  }
}

const keySetOf = (document: unknown): KeySet | undefined => {
  if (!isObject(document) || !Array.isArray(document.keys)) return undefined
  const asServed: readonly unknown[] = document.keys.slice(0, maxKeys)
  const usable = asServed.map(servedKey).filter((key) => key !== undefined)
  return { usable: byKid(usable), asServed }
}

/** Of keys that share a `kid`, the first. */
const byKid = (keys: readonly VerificationKey[]): ReadonlyMap<string, VerificationKey> =>
  new Map(keys.toReversed().map((key) => [key.kid, key]))
