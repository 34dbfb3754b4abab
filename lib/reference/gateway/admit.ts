import type { Decisions } from './decisions.ts'
import type { Guard, TokenPolicy } from './deployment.ts'
import type { GatewayRequest } from './request.ts'
import type { KeySet } from './verification-key.ts'

/** What stands between a request and its route. */
export type Gate = {
  readonly guard: Guard
  readonly policy: TokenPolicy
  readonly keys: KeySet
  readonly nowSeconds: number
}

export type Verdict =
  'admitted' | 'no-credentials' | 'malformed-credentials' | 'invalid-token' | 'insufficient-scope'

/** Finds the token, reads it, checks header, signature and claims, and last what it may do here. */
export const admit = (request: GatewayRequest, gate: Gate, d: Decisions): Verdict => {
  const { guard, policy, keys, nowSeconds } = gate
  const presented = d.present(request, policy.place, d)
  if (presented.kind === 'none') return guard.kind === 'optional' ? 'admitted' : 'no-credentials'
  if (presented.kind === 'malformed') return 'malformed-credentials'
  const token = presented.kind === 'token' ? d.readToken(presented.token, d) : undefined
  const clock = { nowSeconds, skewSeconds: policy.clockSkewSeconds }
  const isValid =
    token !== undefined &&
    d.acceptsHeader(token.header, d) &&
    d.isAuthentic(token, keys, d) &&
    d.claimsHold(token.claims, policy, clock, d)
  if (!isValid) return 'invalid-token'
  return d.isAuthorized(token.claims, guard, d) ? 'admitted' : 'insufficient-scope'
}
