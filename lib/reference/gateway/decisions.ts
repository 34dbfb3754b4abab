import { admit, type Gate, type Verdict } from './admit.ts'
import { type ClaimDecisions, soundClaims } from './check-claims.ts'
import { type HolderDecisions, soundHolder } from './check-holder.ts'
import { type ProofDecisions, soundProof } from './check-proof.ts'
import { type ScopeDecisions, soundScope } from './check-scope.ts'
import { type DemandDecisions, soundDemands } from './demands.ts'
import type { Fault } from './faults/fault.ts'
import { type CredentialDecisions, soundCredentials } from './find-token.ts'
import { type ForwardingDecisions, soundForwarding } from './forward.ts'
import { type ClaimForwardingDecisions, soundClaimForwarding } from './forward-claims.ts'
import { soundUse, type UseDecisions } from './check-use.ts'
import { type KeySetDecisions, soundKeySet } from './key-source.ts'
import { type MetadataDecisions, soundMetadata } from './metadata.ts'
import { soundStreams, type StreamDecisions } from './http2-front.ts'
import { type RoutingDecisions, soundRouting } from './match-route.ts'
import { type OpeningDecisions, soundOpening } from './open-token.ts'
import { type ReadingDecisions, soundReading } from './read-token.ts'
import type { GatewayRequest } from './request.ts'
import { type ServingDecisions, soundServing } from './serve-request.ts'
import { type TrustDecisions, soundTrust } from './trust.ts'
import { type SignatureDecisions, soundSignature } from './verify-token.ts'

/**
 * Every decision of the gateway, in the order in which a request meets them. The stages call them by this table, so
 * that a fault is the replacement of one of them, and the sound code knows of no fault.
 */
export type Decisions = StreamDecisions &
  ServingDecisions &
  MetadataDecisions &
  RoutingDecisions &
  KeySetDecisions &
  UseDecisions & {
    readonly admit: (request: GatewayRequest, gate: Gate, d: Decisions) => Verdict
  } & CredentialDecisions &
  OpeningDecisions &
  ReadingDecisions &
  SignatureDecisions &
  ClaimDecisions &
  HolderDecisions &
  ProofDecisions &
  DemandDecisions &
  TrustDecisions &
  ScopeDecisions &
  ForwardingDecisions &
  ClaimForwardingDecisions & {
    /** Does the HTTP parser let malformed messages through? */
    readonly hasLenientParser: boolean
  }

const sound: Decisions = {
  ...soundStreams,
  ...soundServing,
  ...soundMetadata,
  ...soundRouting,
  ...soundKeySet,
  ...soundUse,
  admit,
  ...soundCredentials,
  ...soundOpening,
  ...soundReading,
  ...soundSignature,
  ...soundClaims,
  ...soundHolder,
  ...soundProof,
  ...soundDemands,
  ...soundTrust,
  ...soundScope,
  ...soundForwarding,
  ...soundClaimForwarding,
  hasLenientParser: false,
}

/** The decisions of a gateway with these faults; of the sound one, where there are none. */
export const decisionsWith = (faults: readonly Fault[]): Decisions =>
  faults.reduce((next, { alter }) => ({ ...next, ...alter(next) }), sound)
