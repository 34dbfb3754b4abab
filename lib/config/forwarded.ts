import type { Policy } from './config.ts'

/** A claim that the gateway hands to the upstream, and the header that it stands in there. */
export type Forwarded = { readonly header: string; readonly claim: string }

/** Claims whose value a case cannot choose: others than their checks would have a say. */
const taken = ['iss', 'aud', 'exp', 'nbf', 'iat', 'jti', 'sub', 'client_id', 'azp', 'typ', 'acr', 'amr']

/** The claims that `policy.forwards` names, in its order. */
export const forwardedClaims = ({ forwards }: Pick<Policy, 'forwards'>): readonly Forwarded[] =>
  Object.entries(forwards?.claims ?? {}).map(([header, claim]) => ({ header, claim }))

/** The first forwarded claim that may have any value and may be left out, with the token as good as before. */
export const freeClaim = (policy: Policy): Forwarded | undefined => {
  const bound = [
    ...taken,
    ...policy.scopeClaims.map(({ path }) => path[0]),
    ...policy.requiredClaims.map(({ path }) => path[0]),
  ]
  return forwardedClaims(policy).find(({ claim }) => !bound.includes(claim))
}

/** The header that carries the subject, or undefined. */
export const subjectHeader = (policy: Pick<Policy, 'forwards'>): string | undefined =>
  forwardedClaims(policy).find(({ claim }) => claim === 'sub')?.header
