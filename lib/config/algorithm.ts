import type { KeyObject } from 'node:crypto'
import Type from 'typebox'

/** JWS algorithms with a key pair (RFC 7518 section 3.1, RFC 8037 section 3.1). */
export const asymmetricAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const

/** All JWS algorithms that authenticate; `none` is not among them. */
const algorithms = [...asymmetricAlgorithms, 'HS256', 'HS384', 'HS512'] as const

/** The schema of a list of JWS algorithms. */
export const algorithmList = (description: string) =>
  Type.Array(Type.Enum([...algorithms]), { minItems: 1, description })

const curves = new Map([
  ['prime256v1', 'ES256'],
  ['secp384r1', 'ES384'],
  ['secp521r1', 'ES512'],
])

/** The JWS algorithms that a private key can sign with, the commonest first. */
export const algorithmsOf = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly string[] => {
  switch (asymmetricKeyType) {
    case 'rsa':
      return asymmetricAlgorithms.filter((name) => name.startsWith('RS') || name.startsWith('PS'))
    case 'rsa-pss':
      return asymmetricAlgorithms.filter((name) => name.startsWith('PS'))
    case 'ec': {
      const name = curves.get(asymmetricKeyDetails?.namedCurve ?? '')
      return name === undefined ? [] : [name]
    }
    case 'ed25519':
    case 'ed448':
      return ['EdDSA']
    default:
      return []
  }
}
