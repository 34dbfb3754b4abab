import { createPublicKey, type KeyObject } from 'node:crypto'
import Type from 'typebox'
import type { TokenBinding, TokenEncryption } from './token-source.ts'
import { contentAlgorithms, wrappingAlgorithms } from './encrypt.ts'
import { closed, file } from './fields.ts'
import { child } from './pointer.ts'
import { parseJwk, readKey } from './signing-key.ts'
import type { Source } from './source.ts'
import { CertificatePair, resolvePair } from './tls.ts'

const defaults = { dpop: false } as const

export const BindingSection = Type.Object(
  {
    dpop: Type.Optional(
      Type.Boolean({
        description: 'Good tokens are bound to a DPoP key of ours (RFC 9449), by us or by the token endpoint',
        default: defaults.dpop,
      }),
    ),
    certificate: Type.Optional(CertificatePair),
    otherCertificate: Type.Optional(CertificatePair),
  },
  {
    ...closed,
    description:
      'What binds good tokens to their sender: DPoP, or a client certificate (RFC 8705) and a second one',
  },
)

export const EncryptionSection = Type.Object(
  {
    jwk: file('The public key of the gateway, a JWK'),
    alg: Type.Enum([...wrappingAlgorithms], { description: 'How the content key is encrypted' }),
    enc: Type.Enum([...contentAlgorithms], {
      description: 'How the token is encrypted',
    }),
  },
  { ...closed, description: 'For a gateway that decrypts: good tokens are signed, then encrypted' },
)

/** Reads the certificates. */
export const resolveBinding = (
  at: string,
  input: Type.Static<typeof BindingSection>,
  source: Source,
): TokenBinding => {
  const certificate = resolvePair(child(at, 'certificate'), input.certificate ?? {}, source)
  const otherCertificate = resolvePair(child(at, 'otherCertificate'), input.otherCertificate ?? {}, source)
  return {
    dpop: input.dpop ?? defaults.dpop,
    ...(certificate !== undefined && { certificate }),
    ...(otherCertificate !== undefined && { otherCertificate }),
  }
}

/** Reads the key; undefined, and told, where it is none that the algorithm takes. */
export const resolveEncryption = (
  at: string,
  { jwk: name, alg, enc }: Type.Static<typeof EncryptionSection>,
  source: Source,
): TokenEncryption | undefined => {
  const where = child(at, 'jwk')
  const content = source.read(where, name)
  if (content === undefined) return undefined
  const jwk = parseJwk(content)
  const publicKey = jwk && readKey(() => createPublicKey({ key: jwk, format: 'jwk' }))
  if (publicKey !== undefined && fits(publicKey, alg))
    return { publicKey, ...(jwk?.kid !== undefined && { kid: jwk.kid }), alg, enc }
  source.tell(where, `\`${source.asWritten(where, name)}\` holds no JWK with a public key for ${alg}`)
  return undefined
}

const fits = ({ asymmetricKeyType }: KeyObject, alg: string): boolean =>
  (alg.startsWith('RSA') ? ['rsa'] : ['ec', 'x25519', 'x448']).includes(asymmetricKeyType ?? '')
