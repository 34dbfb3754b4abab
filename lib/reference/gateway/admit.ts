import type { ProofVerdict } from './check-proof.ts'
import type { Decisions } from './decisions.ts'
import type { Demands } from './demands.ts'
import type { Guard, TokenPolicy } from './deployment.ts'
import type { ProofDesk } from './proof-desk.ts'
import type { GatewayRequest } from './request.ts'
import type { KeySet } from './verification-key.ts'

/** What stands between a request and its route. */
export type Gate = {
  readonly guard: Guard
  readonly policy: TokenPolicy
  readonly keys: KeySet
  readonly nowSeconds: number
  /** The signed token in what the request presents, where that could be opened. */
  readonly opened: string | undefined
  /** What DPoP proofs are held to, where they are taken. */
  readonly desk: ProofDesk | undefined
  /** Is the client's certificate looked at? */
  readonly readsCertificates: boolean
  readonly demands: Demands
}

export type Verdict =
  | 'admitted'
  | 'no-credentials'
  | 'malformed-credentials'
  | 'insufficient-scope'
  | 'insufficient-authentication'
  | Exclude<ProofVerdict, 'proven'>

/** Finds the token, reads it, checks header, signature, claims and holder, and last what it may do here. */
export const admit = (request: GatewayRequest, gate: Gate, d: Decisions): Verdict => {
  const { guard, policy, keys, nowSeconds, opened, demands } = gate
  const presented = d.present(request, policy.place, d)
  if (presented.kind === 'none') return guard.kind === 'optional' ? 'admitted' : 'no-credentials'
  if (presented.kind === 'malformed') return 'malformed-credentials'
  const token = presented.kind === 'token' && opened !== undefined ? d.readToken(opened, d) : undefined
  const clock = { nowSeconds, skewSeconds: policy.clockSkewSeconds }
  const isValid =
    token !== undefined &&
    d.acceptsHeader(token.header, d) &&
    d.isAuthentic(token, keys, d) &&
    d.claimsHold(token.claims, policy, clock, d) &&
    d.demandsHold(token, demands, clock, d)
  if (!isValid || presented.kind !== 'token') return 'invalid-token'
  const held = d.checkHolder({ request, claims: token.claims, token: presented.token }, gate, d)
  if (held !== 'proven') return held
  if (!d.isAuthenticated(token.claims, demands.authentication ?? {}, clock))
    return 'insufficient-authentication'
  return d.isAuthorized(token.claims, guard, d) ? 'admitted' : 'insufficient-scope'
}
