import { createPublicKey, type KeyObject } from 'node:crypto'
import { algorithms, type StaticKey } from './specification.ts'

export type Algorithm = (typeof algorithms)[number]

/** A public key that may verify a token's signature. */
export type VerificationKey = {
  readonly kid: string
  /** The one algorithm that the key is for, where the key says so (RFC 7517 section 4.4). */
  readonly alg: Algorithm | undefined
  readonly publicKey: KeyObject
  /** Length of the modulus, and so of each signature, in bytes. */
  readonly modulusBytes: number
  /** The key as it was written: PEM text, or JSON without what the specification adds. */
  readonly text: string
}

/** The keys of a deployment: those that may verify, and the set as it was served or configured. */
export type KeySet = {
  readonly usable: ReadonlyMap<string, VerificationKey>
  readonly asServed: readonly unknown[]
}

/** The algorithm of that name, or undefined; names are case-sensitive (RFC 7515 section 4.1.1). */
export const algorithmNamed = (name: unknown): Algorithm | undefined =>
  algorithms.find((algorithm) => algorithm === name)

/** A static key of a specification that was checked. */
export const staticKey = (key: StaticKey): VerificationKey => {
  if (key.format === 'PEM') return verificationKey(key.kid, undefined, createPublicKey(key.key), key.key)
  const { kid, kty, alg, n, e } = key
  const text = JSON.stringify(key, (name, value: unknown) => (name === 'format' ? undefined : value))
  return verificationKey(kid, alg, createPublicKey({ key: { kty, n, e }, format: 'jwk' }), text)
}

/** A member of a fetched key set, or undefined where it is none that may verify tokens here. */
export const servedKey = (jwk: unknown): VerificationKey | undefined => {
  if (typeof jwk !== 'object' || jwk === null) return undefined
  const { kid, kty, use, key_ops, alg, n, e }: Readonly<Record<string, unknown>> = { ...jwk }
  if (typeof kid !== 'string' || kty !== 'RSA' || typeof n !== 'string' || typeof e !== 'string')
    return undefined
  if (use !== undefined && use !== 'sig') return undefined
  if (key_ops !== undefined && !isForSignatures(key_ops)) return undefined
  if (alg !== undefined && algorithmNamed(alg) === undefined) return undefined
  if (modulusFault(n) !== undefined || exponentFault(e) !== undefined) return undefined
  const publicKey = createPublicKey({ key: { kty, n, e }, format: 'jwk' })
  return verificationKey(kid, algorithmNamed(alg), publicKey, JSON.stringify(jwk))
}

/**
 * The documentation asks for `verify`, and yet names as a key set to fetch that of IDCS, whose key has `encrypt` and
 * `sign`: the latter is taken for the other half of the same use.
 */
const isForSignatures = (operations: unknown): boolean =>
  Array.isArray(operations) && (operations.includes('verify') || operations.includes('sign'))

const verificationKey = (
  kid: string,
  alg: Algorithm | undefined,
  publicKey: KeyObject,
  text: string,
): VerificationKey => ({ kid, alg, publicKey, modulusBytes: modulusBits(publicKey) / 8, text })

const modulusBits = (key: KeyObject): number => key.asymmetricKeyDetails?.modulusLength ?? 0

/** The public RSA key that a PEM text holds, or undefined. */
export const rsaKeyOfPem = (pem: string): KeyObject | undefined => {
  // A private key would be taken too, and its public half used.
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) return undefined
  try {
    const key = createPublicKey(pem)
    return key.asymmetricKeyType === 'rsa' ? key : undefined
  } catch (error) {
    // OpenSSL has many codes for a PEM that is none.
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

/** What is wrong with an RSA modulus or key length, if anything; the limits are the gateway's. */
export const sizeFault = (bits: number): string | undefined =>
  bits >= 2048 && bits <= 4096 ? undefined : `must have 2048 to 4096 bits; this has ${bits}`

/** {@link sizeFault} of a key. */
export const keySizeFault = (key: KeyObject): string | undefined => sizeFault(modulusBits(key))

/** What is wrong with the `n` of a JWK (RFC 7518 section 6.3.1.1), if anything. */
export const modulusFault = (n: string): string | undefined => {
  const bytes = bytesOf(n)
  if (bytes === undefined) return 'must be base64url without padding'
  const first = bytes[0] ?? 0
  return sizeFault(bytes.length * 8 - (Math.clz32(first) - 24))
}

/** What is wrong with the `e` of a JWK (RFC 7518 section 6.3.1.2), if anything: with 1 every text signs itself. */
export const exponentFault = (e: string): string | undefined => {
  const bytes = bytesOf(e)
  if (bytes === undefined) return 'must be base64url without padding'
  const odd = ((bytes.at(-1) ?? 0) & 1) === 1
  return odd && (bytes.length > 1 || (bytes[0] ?? 0) > 1) ? undefined : 'must be odd and greater than 1'
}

const bytesOf = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length > 0 && bytes.toString('base64url') === text ? bytes : undefined
}
