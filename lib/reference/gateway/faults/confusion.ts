import type { KeyObject } from 'node:crypto'
import { isObject } from '../strict-json.ts'
import type { KeySet, VerificationKey } from '../verification-key.ts'
import { type Fault, fault } from './fault.ts'
import { authenticWhere, hasMacOf, usableKeys } from './signing.ts'

type Form = (key: VerificationKey) => readonly (Buffer | string)[]

/** An HS256, HS384 or HS512 token is verified with a form of the public key as the secret. */
const confusedBy = (form: Form): Fault['alter'] =>
  authenticWhere((token, keys) => hasMacOf(token, usableKeys(keys).flatMap(form)))

const spki = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()

const bodyOf = (pem: string): string => pem.replace(/-----[^-]+-----|\s/g, '')

const confusedByPem = (respell: (pem: string) => readonly string[]): Fault['alter'] =>
  confusedBy(({ publicKey }) => respell(spki(publicKey)))

const parts = (key: KeyObject): { readonly n: string; readonly e: string } => {
  const { n = '', e = '' } = key.export({ format: 'jwk' })
  return { n, e }
}

/** A length and as many bytes (RFC 4251 section 5). */
const field = (bytes: Buffer | string): Buffer => {
  const body = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}

const integer = (base64url: string): Buffer => {
  const bytes = Buffer.from(base64url, 'base64url')
  return field(bytes[0] !== undefined && bytes[0] >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
}

const openssh = (key: KeyObject): string => {
  const { n, e } = parts(key)
  return `ssh-rsa ${Buffer.concat([field('ssh-rsa'), integer(e), integer(n)]).toString('base64')}`
}

/** The certificates of a fetched key set, whose keys have them as `x5c`. */
const certificates = ({ asServed }: KeySet): readonly Buffer[] =>
  asServed
    .flatMap((jwk): unknown => (isObject(jwk) ? jwk.x5c : []))
    .map((text) => Buffer.from(String(text), 'base64'))

const certificatePem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/(.{64})(?=.)/g, '$1\n')}\n-----END CERTIFICATE-----\n`

/** The public key is taken for an HMAC secret: one fault for each text that software keeps a key as. */
export const confusionFaults = {
  'alg-confusion': fault(
    'the secret is the public key in PEM, as it stands in a file',
    confusedBy((key) => [spki(key.publicKey), key.text]),
  ),
  'alg-confusion-pem-trimmed': fault(
    'the secret is the PEM without the end of its last line',
    confusedByPem((pem) => [pem.trimEnd()]),
  ),
  'alg-confusion-pem-crlf': fault(
    'the secret is the PEM with CR LF',
    confusedByPem((pem) => [pem.replaceAll('\n', '\r\n')]),
  ),
  'alg-confusion-pem-leading-space': fault(
    'white space before the PEM keeps it from being known as a public key',
    confusedByPem((pem) => [' ', '\t', '\n'].map((space) => space + pem)),
  ),
  'alg-confusion-pem-oneline': fault(
    'the secret is the PEM that lost its line ends',
    confusedByPem((pem) => [
      pem.replaceAll('\n', ''),
      pem.trimEnd().replaceAll('\n', ' '),
      pem.replaceAll('\n', '\\n'),
      `-----BEGIN PUBLIC KEY-----\n${bodyOf(pem)}\n-----END PUBLIC KEY-----\n`,
    ]),
  ),
  'alg-confusion-base64': fault(
    'the secret is the base64 of the PEM without its armour',
    confusedByPem((pem) => [bodyOf(pem)]),
  ),
  'alg-confusion-pkcs1-pem': fault(
    'the secret is the PKCS #1 PEM',
    confusedBy(({ publicKey }) => [publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()]),
  ),
  'alg-confusion-spki-der': fault(
    'the secret is the DER of the key',
    confusedBy(({ publicKey }) => [publicKey.export({ type: 'spki', format: 'der' })]),
  ),
  'alg-confusion-pkcs1-der': fault(
    'the secret is the PKCS #1 DER',
    confusedBy(({ publicKey }) => [publicKey.export({ type: 'pkcs1', format: 'der' })]),
  ),
  'alg-confusion-certificate-pem': fault(
    'the secret is the PEM of the key’s certificate',
    authenticWhere((token, keys) => hasMacOf(token, certificates(keys).map(certificatePem))),
  ),
  'alg-confusion-certificate-der': fault(
    'the secret is the DER of the key’s certificate',
    authenticWhere((token, keys) => hasMacOf(token, certificates(keys))),
  ),
  'alg-confusion-jwk': fault(
    'the secret is the JWK’s JSON as it was served',
    confusedBy(({ text }) => [text]),
  ),
  'alg-confusion-jwk-canonical': fault(
    'the secret is the JSON that a thumbprint is made of',
    confusedBy(({ publicKey }) => {
      const { n, e } = parts(publicKey)
      return [JSON.stringify({ e, kty: 'RSA', n })]
    }),
  ),
  'alg-confusion-modulus': fault(
    'the secret is the bytes of the modulus',
    confusedBy(({ publicKey }) => [Buffer.from(parts(publicKey).n, 'base64url')]),
  ),
  'alg-confusion-modulus-text': fault(
    'the secret is the text of the JWK’s n',
    confusedBy(({ publicKey }) => [parts(publicKey).n]),
  ),
  'alg-confusion-openssh': fault(
    'the secret is the line of an authorized_keys file',
    confusedBy(({ publicKey }) => [openssh(publicKey), `${openssh(publicKey)}\n`]),
  ),
} as const satisfies Readonly<Record<string, Fault>>
