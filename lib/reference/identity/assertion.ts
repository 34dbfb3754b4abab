import { createLocalJWKSet, errors, jwtVerify } from 'jose'
import type { Client } from '../../config/applications.ts'

/** Whose assertions are taken, for whom they must be made, and when: milliseconds since the epoch. */
export type AssertionTerms = {
  readonly client: Client
  readonly audiences: readonly string[]
  readonly now: number
}

/**
 * Verifies a JWT that a client presents as its authorization grant (RFC 7523 section 3). The domain has no users, so
 * a client can speak for itself alone: issuer and subject are both its client id.
 * @returns what is wrong, in words fit for an error_description (RFC 6749 section 5.2), or undefined.
 */
export async function faultOfAssertion(
  assertion: string,
  terms: AssertionTerms,
): Promise<string | undefined> {
  const { client, audiences, now } = terms
  if (client.assertionKeys === undefined) return 'no key was registered for the assertions of this client'
  try {
    await jwtVerify(assertion, createLocalJWKSet(client.assertionKeys), {
      algorithms: ['RS256'],
      issuer: client.clientId,
      subject: client.clientId,
      audience: [...audiences],
      requiredClaims: ['exp'],
      currentDate: new Date(now),
    })
    return undefined
  } catch (error) {
    if (error instanceof errors.JOSEError) return describe(error)
    throw error
  }
}

/** The library's own words hold double quotes, which an error_description must not. */
function describe(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'the assertion has expired'
  if (error instanceof errors.JWTClaimValidationFailed)
    return `the claim ${error.claim} of the assertion is missing or wrong`
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed) {
    return 'the assertion is not signed with a key of this client'
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return 'the assertion names none of the keys of this client'
  return 'the assertion is not a JWT signed with RS256'
}
