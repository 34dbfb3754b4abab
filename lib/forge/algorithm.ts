import {
  constants,
  createHmac,
  generateKey,
  generateKeyPair,
  sign,
  type KeyObject,
  type SignKeyObjectInput,
} from 'node:crypto'
import { promisify } from 'node:util'

/** The JWS algorithms that the forge can produce (RFC 7518 section 3.1, RFC 8037, RFC 8812). */
const table = {
  RS256: { family: 'rsa', padding: 'pkcs1', hash: 'sha256', sibling: 'RS512', twin: 'PS256' },
  RS384: { family: 'rsa', padding: 'pkcs1', hash: 'sha384', sibling: 'RS256', twin: 'PS384' },
  RS512: { family: 'rsa', padding: 'pkcs1', hash: 'sha512', sibling: 'RS256', twin: 'PS512' },
  PS256: { family: 'rsa', padding: 'pss', hash: 'sha256', sibling: 'PS512', twin: 'RS256' },
  PS384: { family: 'rsa', padding: 'pss', hash: 'sha384', sibling: 'PS256', twin: 'RS384' },
  PS512: { family: 'rsa', padding: 'pss', hash: 'sha512', sibling: 'PS256', twin: 'RS512' },
  RS1: { family: 'rsa', padding: 'pkcs1', hash: 'sha1', sibling: 'RS256', twin: 'PS256' },
  ES256: { family: 'ec', curve: 'P-256', hash: 'sha256', sibling: 'ES384', twin: 'ES384' },
  ES384: { family: 'ec', curve: 'P-384', hash: 'sha384', sibling: 'ES256', twin: 'ES256' },
  ES512: { family: 'ec', curve: 'P-521', hash: 'sha512', sibling: 'ES256', twin: 'ES256' },
  ES256K: { family: 'ec', curve: 'secp256k1', hash: 'sha256', sibling: 'ES256', twin: 'ES256' },
  EdDSA: { family: 'okp', curve: 'Ed25519', sibling: 'ES256', twin: 'ES256' },
  HS1: { family: 'hmac', hash: 'sha1', sibling: 'HS256', twin: 'HS256' },
  HS256: { family: 'hmac', hash: 'sha256', sibling: 'HS512', twin: 'HS384' },
  HS384: { family: 'hmac', hash: 'sha384', sibling: 'HS256', twin: 'HS256' },
  HS512: { family: 'hmac', hash: 'sha512', sibling: 'HS256', twin: 'HS256' },
} as const

export type AlgorithmName = keyof typeof table
export type Family = (typeof table)[AlgorithmName]['family']
type Hash = 'sha1' | 'sha256' | 'sha384' | 'sha512'
export type Algorithm = {
  readonly name: AlgorithmName
  readonly family: Family
  readonly padding?: 'pkcs1' | 'pss'
  readonly curve?: string
  readonly hash?: Hash
  /** Another hash of the same family. */
  readonly sibling: AlgorithmName
  /** For RSA the other padding with the same hash; elsewhere another algorithm of the family. */
  readonly twin: AlgorithmName
}

const isAlgorithmName = (name: string): name is AlgorithmName => Object.hasOwn(table, name)

/** The algorithm of that exact name, or undefined: names are case-sensitive (RFC 7515 section 4.1.1). */
export const algorithmOf = (name: unknown): Algorithm | undefined =>
  typeof name === 'string' && isAlgorithmName(name) ? { name, ...table[name] } : undefined

/** Whether a key of that kind can sign with the algorithm. */
export const fits = (algorithm: Algorithm, key: KeyObject): boolean => {
  switch (algorithm.family) {
    case 'rsa':
      return (
        key.asymmetricKeyType === 'rsa' ||
        (key.asymmetricKeyType === 'rsa-pss' && algorithm.padding === 'pss')
      )
    case 'ec':
      return key.asymmetricKeyType === 'ec' && curveOf(key) === algorithm.curve
    case 'okp':
      return key.asymmetricKeyType === 'ed25519'
    case 'hmac':
      return key.type === 'secret'
  }
}

const curveNames: Readonly<Record<string, string>> = {
  prime256v1: 'P-256',
  secp384r1: 'P-384',
  secp521r1: 'P-521',
  secp256k1: 'secp256k1',
}
const curveOf = (key: KeyObject): string | undefined => curveNames[key.asymmetricKeyDetails?.namedCurve ?? '']

export type PssOptions = { readonly saltLength?: number | 'max' | 'less-one' }

/** The signature of `input` in the form of RFC 7518: R‖S for ECDSA, salt as long as the hash for PSS. */
export const signBytes = (
  algorithm: Algorithm,
  key: KeyObject,
  input: Uint8Array,
  pss?: PssOptions,
): Buffer => {
  switch (algorithm.family) {
    case 'hmac':
      return createHmac(algorithm.hash ?? 'sha256', key)
        .update(input)
        .digest()
    case 'okp':
      return sign(null, input, key)
    case 'ec':
      return sign(algorithm.hash, input, { key, dsaEncoding: 'ieee-p1363' })
    case 'rsa':
      return sign(algorithm.hash, input, rsaOptions(algorithm, key, pss))
  }
}

const rsaOptions = (algorithm: Algorithm, key: KeyObject, pss?: PssOptions): SignKeyObjectInput =>
  algorithm.padding === 'pss'
    ? {
        key,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: saltLength(algorithm, pss?.saltLength),
      }
    : { key, padding: constants.RSA_PKCS1_PADDING }

/** The same signature, made in another thread where the algorithm is one that takes long: RSA. */
export const signBeside = (algorithm: Algorithm, key: KeyObject, input: Uint8Array): Promise<Buffer> =>
  algorithm.family === 'rsa'
    ? signInThread(algorithm.hash, input, rsaOptions(algorithm, key))
    : Promise.resolve(signBytes(algorithm, key, input))

const digestBytes = { sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const

const saltLength = (algorithm: Algorithm, asked: PssOptions['saltLength']): number => {
  const natural = digestBytes[algorithm.hash ?? 'sha256']
  if (asked === undefined) return natural
  if (asked === 'max') return constants.RSA_PSS_SALTLEN_MAX_SIGN
  return asked === 'less-one' ? natural - 1 : asked
}

const signInThread = promisify(sign)
const generate = promisify(generateKeyPair)
const generateSecret = promisify(generateKey)

/** A fresh key pair that fits the algorithm: RSA of 2048 bits; of a secret both halves are the same. */
export const freshKey = async (
  algorithm: Algorithm,
): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> => {
  switch (algorithm.family) {
    case 'ec':
      return generate('ec', { namedCurve: algorithm.curve ?? 'P-256' })
    case 'okp':
      return generate('ed25519')
    case 'hmac': {
      const secret = await generateSecret('hmac', { length: 512 })
      return { privateKey: secret, publicKey: secret }
    }
    case 'rsa':
      return generate('rsa', { modulusLength: 2048 })
  }
}
