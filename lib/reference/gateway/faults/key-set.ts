import type { ReadToken } from '../read-token.ts'
import { isObject, type JsonObject } from '../strict-json.ts'
import { type Fault, fault } from './fault.ts'
import { authenticWhere, hasMacOf, publicKeyOf, verifiesAs } from './signing.ts'

/** Keys of the set that may not verify do so where the test says so. */
const alsoVerifiedBy = (test: (jwk: JsonObject, token: ReadToken) => boolean): Fault['alter'] =>
  authenticWhere((token, { asServed }) =>
    asServed.filter(isObject).some((jwk) => test(jwk, token) && isSignedBy(token, jwk)),
  )

const isSignedBy = (token: ReadToken, { kty, n, e }: JsonObject): boolean => {
  const publicKey = publicKeyOf({ kty, n, e })
  return publicKey !== undefined && verifiesAs(String(token.header.alg), token, { publicKey })
}

const isNamed = ({ kid }: JsonObject, { header }: ReadToken): boolean => kid === header.kid

const bitsOf = (n: unknown): number => Buffer.from(String(n), 'base64url').length * 8

/** Which keys of the set are used. */
export const keySetFaults = {
  'jwks-use-ignored': fault(
    'a key for encryption verifies',
    alsoVerifiedBy((jwk, token) => isNamed(jwk, token) && jwk.use !== 'sig'),
  ),
  'jwks-key-ops-ignored': fault(
    'a key verifies whatever its key_ops',
    alsoVerifiedBy((jwk, token) => isNamed(jwk, token) && jwk.key_ops !== undefined),
  ),
  'jwks-oct-used': fault(
    'a published symmetric key verifies',
    authenticWhere((token, { asServed }) =>
      asServed
        .filter(isObject)
        .some(({ kty, k }) => kty === 'oct' && hasMacOf(token, [Buffer.from(String(k), 'base64url')])),
    ),
  ),
  'rsa-1024-accepted': fault(
    'a key of 1024 bits verifies',
    alsoVerifiedBy((jwk, token) => isNamed(jwk, token) && bitsOf(jwk.n) < 2048),
  ),
  'rsa-exponent-unchecked': fault(
    'a key with the exponent 1 verifies, by which every padded text is its own signature',
    authenticWhere((token, { asServed }) =>
      asServed.filter(isObject).some((jwk) => isNamed(jwk, token) && jwk.e === 'AQ'),
    ),
  ),
} as const satisfies Readonly<Record<string, Fault>>
