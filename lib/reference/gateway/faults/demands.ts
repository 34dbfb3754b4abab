import { type Fault, fault } from './fault.ts'

/** What tokens must be beyond what every gateway asks. */
export const demandFaults = {
  'profile-claims-unchecked': fault('claims that RFC 9068 demands are not looked for', (next) => ({
    fitsProfile: ({ header, claims }) =>
      next.fitsProfile({ header, claims: { sub: '', client_id: '', jti: '', ...claims } }),
  })),
  'lifetime-unchecked': fault('how long a token lives is not looked at', () => ({
    isShortLived: () => true,
  })),
  'age-unchecked': fault('when a token was issued is not looked at', () => ({ isYoung: () => true })),
  'iat-missing-passes': fault('a token without iat is as young as can be', (next) => ({
    fitsProfile: ({ header, claims }) => next.fitsProfile({ header, claims: { iat: 0, ...claims } }),
    isYoung: (claims, max, clock) => claims.iat === undefined || next.isYoung(claims, max, clock),
    isShortLived: (claims, max) => claims.iat === undefined || next.isShortLived(claims, max),
  })),
  'client-unchecked': fault('the list of clients is not looked at', () => ({ isAllowedClient: () => true })),
  'subject-pattern-unanchored': fault('the pattern of subjects needs only to occur', () => ({
    matchesSubject: (sub, pattern) => typeof sub === 'string' && new RegExp(pattern).test(sub),
  })),
  'subject-pattern-line': fault('the pattern of subjects needs only to match a line', () => ({
    matchesSubject: (sub, pattern) =>
      typeof sub === 'string' && new RegExp(`^(?:${pattern})$`, 'm').test(sub),
  })),
  'boolean-truthy': fault('a claim that must be true may be any value that is not empty', () => ({
    isTrue: Boolean,
  })),
  'boolean-present': fault('a claim that must be true needs only to be there', () => ({
    isTrue: (value) => value !== undefined,
  })),
  'acr-unchecked': fault('how the user authenticated is not looked at', () => ({
    isAuthenticated: () => true,
  })),
  'step-up-as-invalid': fault('a lack of authentication is called an invalid token', (next) => ({
    admit: (request, gate, d) => {
      const verdict = next.admit(request, gate, d)
      return verdict === 'insufficient-authentication' ? 'invalid-token' : verdict
    },
  })),
} as const satisfies Readonly<Record<string, Fault>>
