import { withoutHeader } from './answers.ts'
import { type Fault, fault } from './fault.ts'

/** Too coarse to prove that a case tests what it names. */
export const bluntFaults = {
  'accept-all': fault('nothing is checked', () => ({ admit: () => 'admitted' })),
  'refuse-all': fault('no token is good enough', (next) => ({
    admit: (request, gate, d) => {
      const verdict = next.admit(request, gate, d)
      return verdict === 'admitted' ? 'invalid-token' : verdict
    },
  })),
  'no-challenge': fault('a refusal has no WWW-Authenticate header', (next) => ({
    refusal: (refusal, standard, request) =>
      withoutHeader(next.refusal(refusal, standard, request), 'WWW-Authenticate'),
  })),
} as const satisfies Readonly<Record<string, Fault>>
