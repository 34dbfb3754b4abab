import { verify } from 'node:crypto'
import type { Decisions } from './decisions.ts'
import type { ReadToken } from './read-token.ts'
import type { JsonObject } from './strict-json.ts'
import { type Algorithm, algorithmNamed, type KeySet, type VerificationKey } from './verification-key.ts'

export type SignatureDecisions = {
  /** Is there nothing in the header that must be understood, or that says that this is no access token? */
  readonly acceptsHeader: (header: JsonObject, d: Decisions) => boolean
  readonly understandsExtensions: (header: JsonObject) => boolean
  readonly acceptsType: (typ: unknown) => boolean
  /** Did one of the keys sign the token? */
  readonly isAuthentic: (token: ReadToken, keys: KeySet, d: Decisions) => boolean
  readonly algorithmOf: (header: JsonObject) => Algorithm | undefined
  readonly keyOf: (header: JsonObject, keys: KeySet) => VerificationKey | undefined
  readonly isFor: (key: VerificationKey, algorithm: Algorithm) => boolean
  readonly verifies: (token: ReadToken, key: VerificationKey, algorithm: Algorithm) => boolean
}

const hashes = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' } as const

/** RFC 9068 section 2.1, and what issuers write that do not follow it. */
const types = ['jwt', 'at+jwt', 'application/at+jwt']

export const soundSignature: SignatureDecisions = {
  acceptsHeader: (header, d) => d.understandsExtensions(header) && d.acceptsType(header.typ),
  // No extension is understood here, so each that must be is refused (RFC 7515 section 4.1.11); `b64` is not for JWTs
  // (RFC 7797 section 7), and `zip` only for JWEs (RFC 7516 section 4.1.3).
  understandsExtensions: (header) => !['crit', 'b64', 'zip'].some((name) => Object.hasOwn(header, name)),
  acceptsType: (typ) => typ === undefined || (typeof typ === 'string' && types.includes(typ.toLowerCase())),
  isAuthentic: (token, keys, d) => {
    const algorithm = d.algorithmOf(token.header)
    const key = d.keyOf(token.header, keys)
    if (algorithm === undefined || key === undefined) return false
    return d.isFor(key, algorithm) && d.verifies(token, key, algorithm)
  },
  algorithmOf: (header) => algorithmNamed(header.alg),
  // The header names the key and nothing else: never an own key or certificate (RFC 7515 section 10.3), nor a URL
  // (RFC 8725 section 3.10).
  keyOf: (header, { usable }) => (typeof header.kid === 'string' ? usable.get(header.kid) : undefined),
  isFor: (key, algorithm) => key.alg === undefined || key.alg === algorithm,
  verifies: ({ signed, signature }, { publicKey, modulusBytes }, algorithm) =>
    signature.length === modulusBytes && verify(hashes[algorithm], signed, publicKey, signature),
}
