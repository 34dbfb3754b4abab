import { type Clock, isDate } from './check-claims.ts'
import type { Decisions } from './decisions.ts'
import type { ReadToken } from './read-token.ts'
import type { JsonObject } from './strict-json.ts'

/** What a token must be beyond what every gateway asks. */
export type Demands = {
  /** RFC 9068. */
  readonly profile?: boolean
  readonly maxLifetimeSeconds?: number
  readonly maxAgeSeconds?: number
  /** Clients that may call. */
  readonly clients?: readonly string[]
  /** The source of a regular expression that all of the subject must match. */
  readonly subject?: string
  /** Claims that must be true. */
  readonly truths?: readonly string[]
  /** How the user must have authenticated (RFC 9470). */
  readonly authentication?: {
    readonly acr?: string
    readonly amr?: string
    readonly maxAgeSeconds?: number
  }
}

export type DemandDecisions = {
  readonly demandsHold: (token: ReadToken, demands: Demands, clock: Clock, d: Decisions) => boolean
  readonly fitsProfile: (token: Pick<ReadToken, 'header' | 'claims'>) => boolean
  readonly isShortLived: (claims: JsonObject, maxSeconds: number) => boolean
  readonly isYoung: (claims: JsonObject, maxSeconds: number, clock: Clock) => boolean
  readonly isAllowedClient: (claims: JsonObject, clients: readonly string[]) => boolean
  readonly matchesSubject: (sub: unknown, pattern: string) => boolean
  readonly isTrue: (value: unknown) => boolean
  readonly isAuthenticated: (
    claims: JsonObject,
    demanded: NonNullable<Demands['authentication']>,
    clock: Clock,
  ) => boolean
}

export const soundDemands: DemandDecisions = {
  demandsHold: (token, demands, clock, d) => {
    const { claims } = token
    const { profile, maxLifetimeSeconds, maxAgeSeconds, clients, subject, truths = [] } = demands
    return (
      (profile !== true || d.fitsProfile(token)) &&
      (maxLifetimeSeconds === undefined || d.isShortLived(claims, maxLifetimeSeconds)) &&
      (maxAgeSeconds === undefined || d.isYoung(claims, maxAgeSeconds, clock)) &&
      (clients === undefined || d.isAllowedClient(claims, clients)) &&
      (subject === undefined || d.matchesSubject(d.claim(claims, 'sub'), subject)) &&
      truths.every((name) => d.isTrue(d.claim(claims, name)))
    )
  },
  // RFC 9068 sections 2.1 and 2.2; issuer, audience and expiry are asked for by every policy here.
  fitsProfile: ({ header, claims }) =>
    typeof header.typ === 'string' &&
    ['at+jwt', 'application/at+jwt'].includes(header.typ.toLowerCase()) &&
    ['sub', 'client_id', 'jti'].every((name) => typeof claims[name] === 'string') &&
    isDate(claims.iat),
  isShortLived: ({ iat, exp }, maxSeconds) => isDate(iat) && isDate(exp) && exp - iat <= maxSeconds,
  isYoung: ({ iat }, maxSeconds, { nowSeconds, skewSeconds }) =>
    isDate(iat) && nowSeconds - iat <= maxSeconds + skewSeconds,
  isAllowedClient: ({ azp, client_id: client }, clients) =>
    [azp, client].every((one) => one === undefined || (typeof one === 'string' && clients.includes(one))) &&
    (azp !== undefined || client !== undefined),
  // Without the flag m, `$` is the end of the text and not of a line.
  matchesSubject: (sub, pattern) => typeof sub === 'string' && new RegExp(`^(?:${pattern})$`).test(sub),
  isTrue: (value) => value === true,
  isAuthenticated: (claims, { acr, amr, maxAgeSeconds }, { nowSeconds, skewSeconds }) =>
    (acr === undefined || claims.acr === acr) &&
    (amr === undefined || (Array.isArray(claims.amr) && claims.amr.includes(amr))) &&
    (maxAgeSeconds === undefined ||
      (isDate(claims.auth_time) && nowSeconds - claims.auth_time <= maxAgeSeconds + skewSeconds)),
}
