import { admit, type Gate, type Verdict } from './admit.ts'
import { type ClaimDecisions, soundClaims } from './check-claims.ts'
import { type ScopeDecisions, soundScope } from './check-scope.ts'
import type { Fault } from './faults/fault.ts'
import { type CredentialDecisions, soundCredentials } from './find-token.ts'
import { type ForwardingDecisions, soundForwarding } from './forward.ts'
import { type RoutingDecisions, soundRouting } from './match-route.ts'
import { type ReadingDecisions, soundReading } from './read-token.ts'
import type { GatewayRequest } from './request.ts'
import { type ServingDecisions, soundServing } from './serve-request.ts'
import { type SignatureDecisions, soundSignature } from './verify-token.ts'

/**
 * Every decision of the gateway, in the order in which a request meets them. The stages call them by this table, so
 * that a fault is the replacement of one of them, and the sound code knows of no fault.
 */
export type Decisions = ServingDecisions &
  RoutingDecisions & {
    readonly admit: (request: GatewayRequest, gate: Gate, d: Decisions) => Verdict
  } & CredentialDecisions &
  ReadingDecisions &
  SignatureDecisions &
  ClaimDecisions &
  ScopeDecisions &
  ForwardingDecisions & {
    /** Does the HTTP parser let malformed messages through? */
    readonly hasLenientParser: boolean
  }

const sound: Decisions = {
  ...soundServing,
  ...soundRouting,
  admit,
  ...soundCredentials,
  ...soundReading,
  ...soundSignature,
  ...soundClaims,
  ...soundScope,
  ...soundForwarding,
  hasLenientParser: false,
}

/** The decisions of a gateway with these faults; of the sound one, where there are none. */
export const decisionsWith = (faults: readonly Fault[]): Decisions =>
  faults.reduce((next, { alter }) => ({ ...next, ...alter(next) }), sound)
