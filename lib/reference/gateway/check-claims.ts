import type { Decisions } from './decisions.ts'
import type { ClaimRule, TokenPolicy } from './deployment.ts'
import type { JsonObject } from './strict-json.ts'

/** The gateway's time, in seconds since the epoch, and how far the issuer's may differ. */
export type Clock = { readonly nowSeconds: number; readonly skewSeconds: number }

export type ClaimDecisions = {
  readonly claimsHold: (claims: JsonObject, policy: TokenPolicy, clock: Clock, d: Decisions) => boolean
  readonly claim: (claims: JsonObject, name: string) => unknown
  readonly isUnexpired: (exp: unknown, clock: Clock) => boolean
  readonly hasBegun: (nbf: unknown, clock: Clock) => boolean
  readonly isIssued: (iat: unknown, clock: Clock) => boolean
  readonly trustsIssuer: (iss: unknown, issuers: readonly string[], d: Decisions) => boolean
  readonly sameIssuer: (ours: string, theirs: string) => boolean
  readonly namesAudience: (aud: unknown, audiences: readonly string[], d: Decisions) => boolean
  readonly sameAudience: (ours: string, theirs: string) => boolean
  readonly claimFits: (value: unknown, rule: ClaimRule) => boolean
  /** Is it an access token, and no token of another kind from the same issuer (RFC 8725 section 3.12)? */
  readonly isAccessToken: (claims: JsonObject) => boolean
  readonly hasTextIdentifiers: (claims: JsonObject) => boolean
}

/** An issuer's clock that is ahead by more than five minutes and the skew is not believed. */
const iatToleranceSeconds = 300

/** Claims that an ID token, a logout token, a DPoP proof or another JWT has, and no access token. */
const foreignClaims = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events', 'htm', 'htu', 'token_introspection']

export const soundClaims: ClaimDecisions = {
  claimsHold: (claims, policy, clock, d) =>
    d.isUnexpired(d.claim(claims, 'exp'), clock) &&
    d.hasBegun(d.claim(claims, 'nbf'), clock) &&
    d.isIssued(d.claim(claims, 'iat'), clock) &&
    d.trustsIssuer(d.claim(claims, 'iss'), policy.issuers, d) &&
    d.namesAudience(d.claim(claims, 'aud'), policy.audiences, d) &&
    d.hasTextIdentifiers(claims) &&
    d.isAccessToken(claims) &&
    policy.claims.every((rule) => d.claimFits(d.claim(claims, rule.key), rule)),
  claim: (claims, name) => (Object.hasOwn(claims, name) ? claims[name] : undefined),
  // RFC 7519 section 4.1.4: not accepted on or after that time.
  isUnexpired: (exp, { nowSeconds, skewSeconds }) => isDate(exp) && exp > nowSeconds - skewSeconds,
  hasBegun: (nbf, { nowSeconds, skewSeconds }) =>
    nbf === undefined || (isDate(nbf) && nbf <= nowSeconds + skewSeconds),
  isIssued: (iat, { nowSeconds, skewSeconds }) =>
    iat === undefined || (isDate(iat) && iat <= nowSeconds + skewSeconds + iatToleranceSeconds),
  trustsIssuer: (iss, issuers, d) =>
    issuers.length === 0 || (typeof iss === 'string' && issuers.some((ours) => d.sameIssuer(ours, iss))),
  sameIssuer: (ours, theirs) => ours === theirs,
  namesAudience: (aud, audiences, d) => {
    const named: unknown = typeof aud === 'string' ? [aud] : aud
    if (audiences.length === 0) return true
    return isTextList(named) && named.some((theirs) => audiences.some((ours) => d.sameAudience(ours, theirs)))
  },
  sameAudience: (ours, theirs) => ours === theirs,
  claimFits: (value, { values, required }) => {
    if (value === undefined) return !required
    if (values.length === 0) return !required || value !== null
    return typeof value === 'string' && values.includes(value)
  },
  isAccessToken: (claims) =>
    !foreignClaims.some((name) => Object.hasOwn(claims, name)) &&
    (claims.token_use === undefined || claims.token_use === 'access') &&
    (claims.tok_type === undefined || claims.tok_type === 'AT') &&
    // A client's assertion names the client as its issuer and as its subject (RFC 7523 section 3).
    (claims.iss === undefined || claims.iss !== claims.sub),
  hasTextIdentifiers: (claims) =>
    ['sub', 'jti', 'client_id'].every(
      (name) => !Object.hasOwn(claims, name) || typeof claims[name] === 'string',
    ),
}

/** A NumericDate (RFC 7519 section 2), which may have a fraction. */
export const isDate = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)

const isTextList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((member) => typeof member === 'string')
