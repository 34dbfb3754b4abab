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
import { claimFaults } from './faults/claim.ts'
import { confusionFaults } from './faults/confusion.ts'
import { crashFaults } from './faults/crash.ts'
import { credentialFaults } from './faults/credential.ts'
import { encodingFaults } from './faults/encoding.ts'
import type { Fault } from './faults/fault.ts'
import { headerFaults } from './faults/header.ts'
import { issuerFaults } from './faults/issuer.ts'
import { keySetFaults } from './faults/key-set.ts'
import { kidFaults } from './faults/kid.ts'
import { locationFaults } from './faults/location.ts'
import { methodFaults } from './faults/method.ts'
import { pathFaults } from './faults/path.ts'
import { referenceFaults } from './faults/reference.ts'
import { responseFaults } from './faults/response.ts'
import { scopeFaults } from './faults/scope.ts'
import { signatureFaults } from './faults/signature.ts'
import { strictFaults } from './faults/strict.ts'
import { timeFaults } from './faults/time.ts'
import { upstreamFaults } from './faults/upstream.ts'

export const faults = {
  ...bluntFaults,
  ...credentialFaults,
  ...locationFaults,
  ...algFaults,
  ...confusionFaults,
  ...referenceFaults,
  ...kidFaults,
  ...headerFaults,
  ...signatureFaults,
  ...keySetFaults,
  ...encodingFaults,
  ...timeFaults,
  ...issuerFaults,
  ...audienceFaults,
  ...claimFaults,
  ...scopeFaults,
  ...pathFaults,
  ...methodFaults,
  ...responseFaults,
  ...crashFaults,
  ...upstreamFaults,
  ...strictFaults,
} as const satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof faults
