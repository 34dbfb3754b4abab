import Type from 'typebox'

const closed = { additionalProperties: false } as const

/** Those by which a gateway may have its tokens encrypted (RFC 7518 section 4.1). */
export const wrappingAlgorithms = [
  'RSA-OAEP',
  'RSA-OAEP-256',
  'RSA-OAEP-384',
  'RSA-OAEP-512',
  'ECDH-ES',
  'ECDH-ES+A128KW',
  'ECDH-ES+A192KW',
  'ECDH-ES+A256KW',
] as const

export const keyAlgorithms = ['dir', 'none', ...wrappingAlgorithms, 'PBES2-HS256+A128KW'] as const
export type KeyAlgorithm = (typeof keyAlgorithms)[number]

export const contentAlgorithms = [
  'A128GCM',
  'A192GCM',
  'A256GCM',
  'A128CBC-HS256',
  'A192CBC-HS384',
  'A256CBC-HS512',
] as const
export type ContentAlgorithm = (typeof contentAlgorithms)[number]

export const ephemeralKeys = ['off-curve', 'order-two', 'x25519-zero'] as const
export type EphemeralKey = (typeof ephemeralKeys)[number]

/** The schema of a deviation's `encrypt`: a JWE (RFC 7516) around the token, as suites/README.md says. */
export const Encrypt = Type.Union([
  Type.Enum(['none']),
  Type.Object(
    {
      to: Type.Optional(Type.Enum(['gateway', 'issuer', 'attacker'])),
      alg: Type.Optional(Type.Enum([...keyAlgorithms])),
      enc: Type.Optional(Type.Enum([...contentAlgorithms])),
      payload: Type.Optional(Type.Enum(['token', 'claims'])),
      contentKey: Type.Optional(Type.Enum(['zeros', 'empty'])),
      epk: Type.Optional(Type.Enum([...ephemeralKeys])),
      p2c: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
      zip: Type.Optional(Type.Boolean()),
      /** So many zero bytes behind the plaintext, compressed. */
      bomb: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 })),
      /** So many bytes of the tag are kept. */
      tag: Type.Optional(Type.Integer({ minimum: 0, maximum: 31 })),
    },
    closed,
  ),
])
export type Encrypt = Type.Static<typeof Encrypt>
