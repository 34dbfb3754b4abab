/**
 * The faults that the gateway can be started with: a closed list. To add one:
 *
 * 1. Add it to the file of its subject in `faults/`: a name, what is wrong in a sentence, and the decisions that it
 *    replaces (`decisions.ts` lists them all; `next` holds those that it finds).
 * 2. Only where no decision stands where the software went wrong: name one in the stage's file, and call it by `d`.
 */
import { algFaults } from './faults/alg.ts'
import { audienceFaults } from './faults/audience.ts'
import { bluntFaults } from './faults/blunt.ts'
import { certificateFaults } from './faults/certificate.ts'
import { claimFaults } from './faults/claim.ts'
import { confusionFaults } from './faults/confusion.ts'
import { crashFaults } from './faults/crash.ts'
import { connectionFaults } from './faults/connection.ts'
import { credentialFaults } from './faults/credential.ts'
import { demandFaults } from './faults/demands.ts'
import { encodingFaults } from './faults/encoding.ts'
import type { Fault } from './faults/fault.ts'
import { forwardClaimsFaults } from './faults/forward-claims.ts'
import { headerFaults } from './faults/header.ts'
import { issuerFaults } from './faults/issuer.ts'
import { jweFaults } from './faults/jwe.ts'
import { keySetFaults } from './faults/key-set.ts'
import { keySetFetchFaults } from './faults/key-set-fetch.ts'
import { kidFaults } from './faults/kid.ts'
import { loadFaults } from './faults/load.ts'
import { locationFaults } from './faults/location.ts'
import { metadataFaults } from './faults/metadata.ts'
import { methodFaults } from './faults/method.ts'
import { outboundFaults } from './faults/outbound.ts'
import { pathFaults } from './faults/path.ts'
import { proofFaults } from './faults/proof.ts'
import { referenceFaults } from './faults/reference.ts'
import { replayFaults } from './faults/replay.ts'
import { responseFaults } from './faults/response.ts'
import { scopeFaults } from './faults/scope.ts'
import { signatureFaults } from './faults/signature.ts'
import { strictFaults } from './faults/strict.ts'
import { timeFaults } from './faults/time.ts'
import { trustFaults } from './faults/trust.ts'
import { upstreamFaults } from './faults/upstream.ts'

export const faults = {
  ...bluntFaults,
  ...credentialFaults,
  ...locationFaults,
  ...algFaults,
  ...confusionFaults,
  ...referenceFaults,
  ...outboundFaults,
  ...kidFaults,
  ...headerFaults,
  ...signatureFaults,
  ...keySetFaults,
  ...keySetFetchFaults,
  ...replayFaults,
  ...encodingFaults,
  ...jweFaults,
  ...timeFaults,
  ...issuerFaults,
  ...audienceFaults,
  ...claimFaults,
  ...demandFaults,
  ...trustFaults,
  ...scopeFaults,
  ...pathFaults,
  ...methodFaults,
  ...responseFaults,
  ...crashFaults,
  ...upstreamFaults,
  ...forwardClaimsFaults,
  ...strictFaults,
  ...proofFaults,
  ...certificateFaults,
  ...connectionFaults,
  ...metadataFaults,
  ...loadFaults,
} as const satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof faults
