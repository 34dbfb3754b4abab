import type { Decisions } from './decisions.ts'
import type { JsonObject } from './strict-json.ts'

/** What the gateway remembers of tokens by their ids. */
export type UseRecord = {
  /** Of those that were let in, where no token is taken twice. */
  readonly used?: Set<unknown>
  /** Of those that were revoked. */
  readonly revoked?: Set<unknown>
}

export type UseDecisions = {
  /** May a token that is good by itself be used now? */
  readonly mayBeUsed: (token: string, claims: JsonObject, record: UseRecord, d: Decisions) => boolean
  /** RFC 7519 section 4.1.7: the id prevents a token from being replayed. */
  readonly isUnusedToken: (claims: JsonObject, used: Set<unknown>) => boolean
  readonly isRevoked: (token: string, claims: JsonObject, revoked: ReadonlySet<unknown>) => boolean
}

export const soundUse: UseDecisions = {
  mayBeUsed: (token, claims, { used, revoked }, d) =>
    (revoked === undefined || !d.isRevoked(token, claims, revoked)) &&
    (used === undefined || d.isUnusedToken(claims, used)),
  isUnusedToken: ({ jti }, used) => {
    if (typeof jti !== 'string' || used.has(jti)) return false
    used.add(jti)
    return true
  },
  isRevoked: (_, { jti }, revoked) => revoked.has(jti),
}
