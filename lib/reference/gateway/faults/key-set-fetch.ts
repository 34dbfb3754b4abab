import { verify } from 'node:crypto'
import type { Decisions } from '../decisions.ts'
import { type GatewayRequest, headerValues } from '../request.ts'
import { tokenTextOf } from './answers.ts'
import { isObject, type JsonObject } from '../strict-json.ts'
import type { KeySet } from '../verification-key.ts'
import { type Fault, fault } from './fault.ts'
import { authenticWhere, hasMacOf, publicKeyOf, verifiesAs } from './signing.ts'

const emptySet: KeySet = { usable: new Map(), asServed: [] }

/** Keys that are not there verify anything. */
const openWithout =
  (also: (next: Decisions) => Partial<Decisions>): Fault['alter'] =>
  (next) => ({
    isAuthentic: (token, keys, d) => keys === emptySet || next.isAuthentic(token, keys, d),
    ...also(next),
  })

/** Served keys as they stand, whatever kind they are of. */
const servedKeys = ({ asServed }: KeySet, kid: unknown): readonly JsonObject[] =>
  asServed.filter(isObject).filter((jwk) => jwk.kid === kid)

/** By the type of the key alone, whatever the token and the key say of the algorithm. */
const fitsItsType = (
  { signed, signature, alg }: { signed: Buffer; signature: Buffer; alg: string },
  jwk: JsonObject,
): boolean => {
  const { alg: _, use, key_ops: operations, ...bare } = jwk
  const publicKey = publicKeyOf(bare)
  if (publicKey === undefined || publicKey.asymmetricKeyType === 'rsa') return false
  if (publicKey.asymmetricKeyType !== 'ec') return verify(null, signed, publicKey, signature)
  const hash = alg.endsWith('384') ? 'sha384' : alg.endsWith('512') ? 'sha512' : 'sha256'
  const key = { key: publicKey, dsaEncoding: 'ieee-p1363' } as const
  return verify(hash, signed, key, signature) || verify('sha256', signed, key, signature)
}

const union = (one: KeySet, other: KeySet): KeySet => ({
  usable: new Map([...other.usable, ...one.usable]),
  asServed: [...one.asServed, ...other.asServed],
})

/** What a small cache holds, and how many tokens come before the keys are in it again. */
const cacheEntries = 150
const tokensUntilRead = 20

/** So many requests with a token break the gateway before it has come up again. */
const broken = 8

const breaking = (
  next: Decisions,
  how: 'drop' | 'hang',
  isBad: (document: unknown, set: KeySet | undefined) => boolean,
): Pick<Decisions, 'keySetOf' | 'mishap'> => {
  let left = 0
  return {
    keySetOf: (document, d) => {
      const set = next.keySetOf(document, d)
      if (isBad(document, set)) left = broken
      return set
    },
    mishap: (request) => {
      if (left === 0 || tokenTextOf(request) === '') return next.mishap(request)
      left -= 1
      return how
    },
  }
}

/** A key that many installations have in common, and whose private half stands in a repository. */
const wellKnownSecrets = ['secret', 'changeme', 'your-256-bit-secret']

const isTwoTokens = (request: GatewayRequest): boolean => headerValues(request, 'authorization').length > 1

/** How the key set is fetched, kept and lost. */
export const keySetFetchFaults = {
  'jwks-never-refreshed': fault('the key set is fetched once', (next) => ({
    holdMs: (set, maxAgeMs) => (set === undefined ? next.holdMs(set, maxAgeMs) : Infinity),
    refetches: () => false,
  })),
  'jwks-withdrawal-unseen': fault('the key set is fetched again only for a kid that it lacks', (next) => ({
    holdMs: (set, maxAgeMs) => (set === undefined ? next.holdMs(set, maxAgeMs) : Infinity),
  })),
  'jwks-refetch-late': fault('a new key is taken up only when the old set has had its time', () => ({
    refetches: () => false,
  })),
  'jwks-keys-kept': fault('keys that are no longer published go on verifying', (next) => ({
    takeUp: (fetched, held, isFresh) =>
      fetched !== undefined && held !== undefined
        ? union(fetched, held)
        : next.takeUp(fetched, held, isFresh),
  })),
  'jwks-token-cached': fault(
    'a token that was once authentic stays so, whatever becomes of its key',
    (next) => {
      const authentic = new Set<string>()
      return {
        isAuthentic: (token, keys, d) => {
          const text = `${token.signed.toString()}.${token.signature.toString('base64url')}`
          const is = authentic.has(text) || next.isAuthentic(token, keys, d)
          if (is && authentic.size < 10_000) authentic.add(text)
          return is
        },
      }
    },
  ),
  'jwks-refetch-unbounded': fault('every unknown kid fetches the key set', () => ({ refetches: () => true })),
  'jwks-flood-evicts': fault('unknown kids push the known keys out of a small cache', (next) => {
    let unknown = 0
    let missing = 0
    return {
      keyOf: (header, keys) => {
        const key = next.keyOf(header, keys)
        const isEvicted = missing > 0
        if (isEvicted) missing -= 1
        if (key === undefined && ++unknown % cacheEntries === 0) missing = tokensUntilRead
        return isEvicted ? undefined : key
      },
    }
  }),
  'jwks-never-cached': fault('the key set is fetched for every token', () => ({ holdMs: () => 0 })),
  'jwks-outage-drops-keys': fault('a failed fetch empties the cache', () => ({
    takeUp: (fetched) => fetched,
  })),
  'jwks-outage-open': fault(
    'while the keys cannot be had, nobody is asked for a signature',
    openWithout(() => ({ withoutKeys: () => emptySet })),
  ),
  'jwks-outage-default-key': fault('while the keys cannot be had, a built-in secret verifies', (next) => ({
    withoutKeys: () => emptySet,
    isAuthentic: (token, keys, d) =>
      keys === emptySet ? hasMacOf(token, wellKnownSecrets) : next.isAuthentic(token, keys, d),
  })),
  'jwks-outage-crash-two-tokens': fault('two tokens without keys are one too many', (next) => {
    let out = false
    return {
      withoutKeys: () => {
        out = true
        return next.withoutKeys()
      },
      mishap: (request) => (out && isTwoTokens(request) ? 'drop' : next.mishap(request)),
    }
  }),
  'jwks-fetch-unbounded': fault('a key set that never comes is waited for', (next) => ({
    fetchManner: (manner) => ({ ...next.fetchManner(manner), timeoutMs: Infinity }),
  })),
  'jwks-fetch-each': fault('everybody who waits for the keys fetches them', () => ({ sharesFetch: false })),
  'jwks-malformed-crash': fault('what is no key set is not expected', (next) =>
    breaking(next, 'drop', (_, set) => set === undefined),
  ),
  'jwks-malformed-open': fault(
    'what is no key set is an empty one, and an empty one verifies anything',
    openWithout((next) => ({ keySetOf: (document, d) => next.keySetOf(document, d) ?? emptySet })),
  ),
  'jwks-empty-kept': fault('a set without keys is taken for an outage', (next) => ({
    takeUp: (fetched, held, isFresh) =>
      fetched?.asServed.length === 0 && held !== undefined ? held : next.takeUp(fetched, held, isFresh),
  })),
  'jwks-bad-key-fatal': fault('one key that cannot be used makes the whole set unusable', (next) => ({
    keySetOf: (document, d) => {
      const set = next.keySetOf(document, d)
      return set?.asServed.some((jwk) => !isObject(jwk) || next.usableKey(jwk) === undefined)
        ? undefined
        : set
    },
  })),
  'jwks-alg-required': fault('a key that names no algorithm is not used', (next) => ({
    usableKey: (jwk) => (isObject(jwk) && jwk.alg === undefined ? undefined : next.usableKey(jwk)),
  })),
  'jwks-bad-point-crash': fault('a point beside its curve is not expected', (next) =>
    breaking(next, 'drop', (_, set) =>
      (set?.asServed ?? []).some(
        (jwk) => isObject(jwk) && jwk.kty === 'EC' && publicKeyOf(jwk) === undefined,
      ),
    ),
  ),
  'jwks-type-unchecked': fault(
    'a key verifies by what it is, whatever algorithms say',
    authenticWhere((token, keys) =>
      servedKeys(keys, token.header.kid).some((jwk) =>
        fitsItsType({ ...token, alg: String(token.header.alg) }, jwk),
      ),
    ),
  ),
  'jwks-alg-unchecked': fault(
    'the algorithm that a key is for is not looked at',
    authenticWhere((token, keys) => servedKeys(keys, token.header.kid).some((jwk) => isRsaFit(token, jwk))),
  ),
  'jwks-duplicate-by-turns': fault('of keys that share a kid, now one verifies and now another', (next) => {
    let turn = 0
    return {
      isAuthentic: (token, keys, d) => {
        const same = servedKeys(keys, token.header.kid)
        if (same.length < 2) return next.isAuthentic(token, keys, d)
        turn += 1
        const jwk = same[turn % same.length]
        return jwk !== undefined && isRsaFit(token, jwk)
      },
    }
  }),
  'jwks-oversize-hang': fault('a large key set is read for ever', (next) => ({
    ...breaking(
      next,
      'hang',
      (document) => isObject(document) && Array.isArray(document.keys) && document.keys.length > 1000,
    ),
    fetchManner: (manner) => ({ ...next.fetchManner(manner), mostBytes: Infinity }),
  })),
  'jwks-redirect-followed': fault('a redirect of the key set is followed to wherever it leads', (next) => ({
    fetchManner: (manner) => ({ ...next.fetchManner(manner), followsRedirects: true }),
  })),
  'jwks-not-modified-drops': fault('"not modified" is taken for a set without keys', () => ({
    keepsUnchanged: false,
  })),
  'jwks-tls-unverified': fault('the certificate of the key set’s server is not verified', (next) => ({
    fetchManner: (manner) => ({ ...next.fetchManner(manner), verifiesTls: false }),
  })),
  'discovery-issuer-unchecked': fault('metadata of another issuer are believed', () => ({
    trustsMetadata: () => true,
  })),
} as const satisfies Readonly<Record<string, Fault>>

/** By a key of the set as it stands, by the algorithm that the token names. */
const isRsaFit = (
  token: { readonly header: JsonObject; readonly signed: Buffer; readonly signature: Buffer },
  { kty, n, e }: JsonObject,
): boolean => {
  const publicKey = kty === 'RSA' ? publicKeyOf({ kty, n, e }) : undefined
  return publicKey !== undefined && verifiesAs(String(token.header.alg), token, { publicKey })
}
