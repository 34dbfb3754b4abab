import { type Fault, fault } from './fault.ts'

/** Whether a token that was good once still is. */
export const replayFaults = {
  'jti-reused': fault('the id of a token is not remembered', () => ({ isUnusedToken: () => true })),
  'revocation-ignored': fault('revoked tokens are not looked up', () => ({ isRevoked: () => false })),
  'revocation-by-text': fault('a revoked token is known by its text, of which there are several', (next) => {
    const texts = new Set<string>()
    return {
      // Padding bits and what follows a further dot change the text, and not the token.
      decodeSignature: (segment) => Buffer.from(segment, 'base64url'),
      isRevoked: (token, claims, revoked) => {
        if (texts.size === 0 && next.isRevoked(token, claims, revoked)) texts.add(token)
        return texts.has(token)
      },
    }
  }),
} as const satisfies Readonly<Record<string, Fault>>
