import { constants, createHash, publicDecrypt } from 'node:crypto'
import type { Decisions } from '../decisions.ts'
import type { ReadToken } from '../read-token.ts'
import type { VerificationKey } from '../verification-key.ts'
import { type Fault, fault } from './fault.ts'
import { authenticWhere, hasMacOf, splitUnsigned } from './signing.ts'

/** The signature is made into another before it is verified. */
const verifyingAs =
  (rewrite: (signature: Buffer, key: VerificationKey) => Buffer): Fault['alter'] =>
  (next) => ({
    verifies: (token, key, algorithm) =>
      next.verifies({ ...token, signature: rewrite(token.signature, key) }, key, algorithm),
  })

/** The signature's text is made into another before it is decoded; whatever characters it has. */
const decodingAs =
  (rewrite: (segment: string) => string): Fault['alter'] =>
  (next) => ({
    tokenText: (text) => text,
    decodeSignature: (segment, d) => next.decodeSignature(rewrite(segment), d),
  })

const canonical = (segment: string): string => Buffer.from(segment, 'base64url').toString('base64url')

const modulusOf = ({ publicKey }: VerificationKey): bigint =>
  bigOf(Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'))

const bigOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex') || '0'}`)

/** A token passes too where one with the same part was verified before. */
const remembering =
  (partOf: (token: ReadToken) => string): Fault['alter'] =>
  (next) => {
    const seen = new Set<string>()
    const isAuthentic: Decisions['isAuthentic'] = (token, keys, d) => {
      const isRight = next.isAuthentic(token, keys, d)
      if (isRight && seen.size < 10_000) seen.add(partOf(token))
      return isRight || seen.has(partOf(token))
    }
    return { isAuthentic }
  }

/** PKCS #1 v1.5 as it is read by software that searches for the hash instead of demanding the one encoding. */
const hasHashSomewhere = (
  { header, signed, signature }: ReadToken,
  { publicKey, modulusBytes }: VerificationKey,
): boolean => {
  if (header.alg !== 'RS256' || signature.length !== modulusBytes) return false
  if (bigOf(signature) >= bigOf(Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url')))
    return false
  const block = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, signature)
  return block.includes(createHash('sha256').update(signed).digest())
}

const weakSecrets = [
  'secret',
  'password',
  '123456',
  'changeme',
  'qwerty',
  'test',
  'key',
  'jwt',
  'your-256-bit-secret',
  'secretkey',
  'supersecret',
  'admin',
]

/** How the signature is verified. */
export const signatureFaults = {
  'sig-unchecked': fault(
    'tokens are read and not verified',
    authenticWhere(() => true),
  ),
  'sig-empty-passes': fault('an empty signature is none that could be wrong', (next) => ({
    split: splitUnsigned(next),
    ...authenticWhere(({ signature }) => signature.length === 0)(next),
  })),
  'sig-no-segment-passes': fault('two parts are an unsigned token', (next) => ({
    split: (token) => {
      const [header, payload, more] = token.split('.', 3)
      return header && payload && more === undefined ? [header, payload, ''] : next.split(token)
    },
    ...authenticWhere(({ signature }) => signature.length === 0)(next),
  })),
  'sig-error-is-success': fault(
    'only "wrong" is refused, and not "could not be verified": a length that is off',
    (next) => ({
      decodeSignature: (segment, d) => next.decodeSignature(canonical(segment), d),
      ...authenticWhere(({ header, signature }, keys) => {
        const key = next.keyOf(header, keys)
        return key !== undefined && signature.length > 0 && signature.length !== key.modulusBytes
      })(next),
    }),
  ),
  'sig-trivial-passes': fault(
    'a signature of 0, 1, n - 1, n or all ones is not refused',
    authenticWhere(({ header, signature }, keys, next) => {
      const key = next.keyOf(header, keys)
      if (key === undefined || signature.length === 0) return false
      const value = bigOf(signature)
      const modulus = modulusOf(key)
      return [0n, 1n, modulus, modulus - 1n].includes(value) || signature.every((byte) => byte === 0xff)
    }),
  ),
  'sig-payload-not-covered': fault(
    'verified signatures are cached by their text and header alone',
    remembering(({ segments: [header, , signature] }) => `${header}.${signature}`),
  ),
  'sig-header-not-covered': fault(
    'verified signatures are cached by their text and payload alone',
    remembering(({ segments: [, payload, signature] }) => `${payload}.${signature}`),
  ),
  'sig-cached-by-text': fault(
    'verified signatures are cached by their text alone',
    remembering(({ segments: [, , signature] }) => signature),
  ),
  'sig-trailing-ignored': fault('bytes behind the signature are dropped', (next) => ({
    decodeSignature: (segment, d) => next.decodeSignature(canonical(segment), d),
    ...verifyingAs((signature, { modulusBytes }) => signature.subarray(0, modulusBytes))(next),
  })),
  'sig-leading-zero-stripped': fault(
    'zeros before the signature are dropped',
    verifyingAs((signature, { modulusBytes }) =>
      signature.length > modulusBytes && signature.subarray(0, -modulusBytes).every((byte) => byte === 0)
        ? signature.subarray(-modulusBytes)
        : signature,
    ),
  ),
  'sig-not-reduced': fault(
    'a signature beyond the modulus is reduced',
    verifyingAs((signature, key) => {
      const reduced = bigOf(signature) % modulusOf(key)
      return Buffer.from(reduced.toString(16).padStart(key.modulusBytes * 2, '0'), 'hex')
    }),
  ),
  'sig-lenient-padding': fault(
    'the padding is searched for the hash instead of compared',
    authenticWhere((token, keys, next) => {
      const key = next.keyOf(token.header, keys)
      return key !== undefined && hasHashSomewhere(token, key)
    }),
  ),
  'sig-noncanonical': fault('unused bits of the signature’s last character are not looked at', (next) => ({
    decodeSignature: (segment, d) => next.decodeSignature(canonical(segment), d),
  })),
  'sig-padded': fault('padding of the signature is removed', (next) => ({
    decodeSignature: (segment, d) => next.decodeSignature(segment.replace(/=+$/, ''), d),
  })),
  'std-base64': fault('the signature may use the alphabet with + and /', (next) => ({
    decodeSignature: (segment, d) =>
      next.decodeSignature(segment.replaceAll('+', '-').replaceAll('/', '_'), d),
  })),
  'sig-illegal-char-skipped': fault(
    'characters of the signature that are no base64url are skipped',
    decodingAs((segment) => segment.replace(/\\x41|%41|[^A-Za-z0-9_-]/g, '')),
  ),
  'sig-whitespace-stripped': fault('white space within the token is skipped', (next) => ({
    tokenText: (text) => next.tokenText(text.replace(/\s/g, '')),
  })),
  'hmac-empty-key': fault(
    'the HMAC secret is not configured, and so is empty',
    authenticWhere((token) => hasMacOf(token, ['', Buffer.alloc(32), Buffer.alloc(48), Buffer.alloc(64)])),
  ),
  'hmac-weak-secret': fault(
    'HMAC tokens are allowed, with a secret from a tutorial',
    authenticWhere((token) => hasMacOf(token, weakSecrets)),
  ),
  'hmac-guessable-secret': fault(
    'HMAC tokens are allowed, with a secret that the token itself tells',
    authenticWhere((token) => {
      const { header, claims } = token
      const told: unknown[] = [
        header.kid,
        header.alg,
        claims.iss,
        claims.aud,
        claims.client_id,
        claims.sub,
      ].flat()
      return hasMacOf(
        token,
        told.filter((text) => typeof text === 'string'),
      )
    }),
  ),
  'jwe-header-skips-signature': fault(
    'a header with enc is taken for a JWE, which has no signature',
    authenticWhere(({ header }) => Object.hasOwn(header, 'enc')),
  ),
} as const satisfies Readonly<Record<string, Fault>>
