import type { Decisions } from './decisions.ts'
import type { ConfiguredKeys } from './deployment.ts'
import { isObject, type JsonObject } from './strict-json.ts'
import { type KeySet, servedKey, staticKey, type VerificationKey } from './verification-key.ts'

/** What a fetch brought: the JSON, or nothing where it could not be had, and what else the answer said. */
export type Fetched = {
  readonly document: unknown
  /** The set is the one that is held already (RFC 9110 section 15.4.5). */
  readonly unchanged?: boolean
  readonly etag?: string
}

/** How a fetch is made: what of it a fault may change. */
export type FetchManner = {
  readonly verifiesTls: boolean
  readonly timeoutMs: number
  readonly mostBytes: number
  readonly followsRedirects: boolean
  /** Certificates, PEM, by which the server may be trusted beside the usual ones. */
  readonly authority?: string | undefined
  /** That of the set that is held. */
  readonly etag: string | undefined
}

/** Fetches a key set; resolves to undefined where it cannot be had. */
export type FetchKeys = (uri: string, manner: FetchManner) => Promise<Fetched | undefined>

export type KeySetDecisions = {
  readonly fetchManner: (manner: FetchManner) => FetchManner
  /** The keys of a document; undefined where it is no key set. */
  readonly keySetOf: (document: unknown, d: Decisions) => KeySet | undefined
  readonly usableKey: (jwk: unknown) => VerificationKey | undefined
  /** Of keys that share a `kid`, the one that counts. */
  readonly byKid: (keys: readonly VerificationKey[]) => ReadonlyMap<string, VerificationKey>
  /** What is held from now on; undefined: there are no keys. What is held is fresh as long as the policy's time runs. */
  readonly takeUp: (
    fetched: KeySet | undefined,
    held: KeySet | undefined,
    isFresh: boolean,
  ) => KeySet | undefined
  /** What serves where the keys cannot be had. */
  readonly withoutKeys: () => KeySet | undefined
  /** Whether the issuer's metadata are those of the issuer (OpenID Connect Discovery 1.0 section 4.3). */
  readonly trustsMetadata: (metadata: JsonObject, issuers: readonly string[]) => boolean
  /** How long that is used, in milliseconds. */
  readonly holdMs: (set: KeySet | undefined, maxAgeMs: number) => number
  /** Whether a `kid` that the set does not have is a reason to fetch, so many milliseconds after the last fetch. */
  readonly refetches: (sinceMs: number, cooldownMs: number) => boolean
  /** Whether "not modified" leaves the keys as they are. */
  readonly keepsUnchanged: boolean
  /** Whether all who wait share one fetch. */
  readonly sharesFetch: boolean
}

/** Keys beyond this number are left out. */
const maxKeys = 100

/** A failed fetch is not tried again before, so that an outage is not made worse. */
const retryAfterMs = 1000

export const soundKeySet: KeySetDecisions = {
  fetchManner: (manner) => manner,
  keySetOf: (document, d) => {
    if (!isObject(document) || !Array.isArray(document.keys)) return undefined
    const asServed: readonly unknown[] = document.keys.slice(0, maxKeys)
    return { usable: d.byKid(asServed.map(d.usableKey).filter((key) => key !== undefined)), asServed }
  },
  usableKey: servedKey,
  byKid: (keys) => new Map(keys.toReversed().map((key) => [key.kid, key])),
  takeUp: (fetched, held, isFresh) => fetched ?? (isFresh ? held : undefined),
  withoutKeys: () => undefined,
  trustsMetadata: ({ issuer }, issuers) => typeof issuer === 'string' && issuers.includes(issuer),
  holdMs: (set, maxAgeMs) => (set === undefined ? Math.min(retryAfterMs, maxAgeMs) : maxAgeMs),
  refetches: (sinceMs, cooldownMs) => sinceMs >= cooldownMs,
  keepsUnchanged: true,
  sharesFetch: true,
}

/** The keys of a deployment. */
export type KeySource = {
  /** Resolves to undefined while they cannot be had. */
  keys(): Promise<KeySet | undefined>
  /** Fetches anew because of a `kid` that the set does not have, where that may be done. */
  again(): Promise<KeySet | undefined>
}

export type KeySourceOptions = {
  readonly keys: ConfiguredKeys
  readonly fetchKeys: FetchKeys
  readonly now: () => number
  /** How long after a fetch an unknown `kid` makes it fetch again; left out, never: OCI does not say that it does. */
  readonly cooldownMs?: number | undefined
  readonly authority?: string | undefined
  /** Where the metadata say where the key set is; left out, the policy does. */
  readonly discovery?: { readonly url: string; readonly issuers: readonly string[] } | undefined
}

/** Where the keys of a deployment come from. */
export const keySource = (
  { keys, fetchKeys, now, cooldownMs, discovery, authority }: KeySourceOptions,
  d: Decisions,
): KeySource => {
  if (keys.kind === 'static') {
    const set = Promise.resolve({ usable: d.byKid(keys.keys.map(staticKey)), asServed: keys.keys })
    return { keys: () => set, again: () => set }
  }
  let held: KeySet | undefined
  let etag: string | undefined
  let fetching: Promise<KeySet | undefined> | undefined
  let until = 0
  let fetchedAt = 0
  let freshUntil = 0

  const manner = (tag?: string): FetchManner =>
    d.fetchManner({ ...soundManner, verifiesTls: keys.verifiesTls, etag: tag, authority })
  const locate = async (): Promise<string | undefined> => {
    if (discovery === undefined) return keys.uri
    const metadata = (await fetchKeys(discovery.url, manner()))?.document
    if (!isObject(metadata) || !d.trustsMetadata(metadata, discovery.issuers)) return undefined
    return typeof metadata.jwks_uri === 'string' ? metadata.jwks_uri : undefined
  }
  const load = async (): Promise<KeySet | undefined> => {
    const uri = await locate()
    const fetched = uri === undefined ? undefined : await fetchKeys(uri, manner(etag))
    const isSame = fetched?.unchanged === true && d.keepsUnchanged
    const brought = isSame ? held : fetched === undefined ? undefined : d.keySetOf(fetched.document, d)
    if (brought !== undefined) freshUntil = now() + d.holdMs(brought, keys.maxAgeMs)
    held = d.takeUp(brought, held, now() < freshUntil) ?? d.withoutKeys()
    if (!isSame) etag = brought === undefined ? undefined : fetched?.etag
    until = brought === undefined ? now() + d.holdMs(undefined, keys.maxAgeMs) : freshUntil
    return held
  }
  /** One load at a time, however many wait for it. */
  const loadOnce = (): Promise<KeySet | undefined> => {
    if (fetching !== undefined && d.sharesFetch) return fetching
    fetchedAt = now()
    const mine = load().finally(() => {
      if (fetching === mine) fetching = undefined
    })
    fetching = mine
    return mine
  }
  return {
    keys: () => (now() < until ? Promise.resolve(held) : loadOnce()),
    again: () =>
      cooldownMs !== undefined && d.refetches(now() - fetchedAt, cooldownMs)
        ? loadOnce()
        : Promise.resolve(held),
  }
}

const soundManner = { timeoutMs: 1000, mostBytes: 1_000_000, followsRedirects: false } as const
