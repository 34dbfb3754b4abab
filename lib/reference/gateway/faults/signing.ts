import { constants, createHmac, createPublicKey, type KeyObject, verify, X509Certificate } from 'node:crypto'
import type { Decisions } from '../decisions.ts'
import type { ReadToken } from '../read-token.ts'
import { isObject } from '../strict-json.ts'
import type { KeySet, VerificationKey } from '../verification-key.ts'

/** A token is authentic also where the test says so: how most of the faults in signatures look. */
export const authenticWhere =
  (test: (token: ReadToken, keys: KeySet, next: Decisions) => boolean) =>
  (next: Decisions): Pick<Decisions, 'isAuthentic'> => ({
    isAuthentic: (token, keys, d) => next.isAuthentic(token, keys, d) || test(token, keys, next),
  })

/** Three parts of which the last may be empty. */
export const splitUnsigned =
  (next: Decisions): Decisions['split'] =>
  (token) => {
    const [header, payload, signature, more] = token.split('.', 4)
    return header && payload && signature === '' && more === undefined
      ? [header, payload, '']
      : next.split(token)
  }

/** A token without a signature is authentic where its `alg` passes the test. */
export const unsecuredWhere =
  (isNone: (alg: unknown) => boolean) =>
  (next: Decisions): Partial<Decisions> => ({
    split: splitUnsigned(next),
    ...authenticWhere((token) => token.signature.length === 0 && isNone(token.header.alg))(next),
  })

const hmacHashes = new Map([
  ['HS256', 'sha256'],
  ['HS384', 'sha384'],
  ['HS512', 'sha512'],
])

/** Is the signature the HMAC that the header's algorithm names, with one of the secrets? */
export const hasMacOf = (
  { header, signed, signature }: ReadToken,
  secrets: readonly (Buffer | string)[],
): boolean => {
  const hash = typeof header.alg === 'string' ? hmacHashes.get(header.alg) : undefined
  return (
    hash !== undefined &&
    secrets.some((secret) => createHmac(hash, secret).update(signed).digest().equals(signature))
  )
}

/** Is the signature right by that algorithm, whatever the policy says of it? */
export const verifiesAs = (
  algorithm: string,
  { signed, signature }: Pick<ReadToken, 'signed' | 'signature'>,
  { publicKey }: Pick<VerificationKey, 'publicKey'>,
): boolean => {
  const [, family, bits = ''] = /^(RS|PS|ES)(1|256|384|512)$/.exec(algorithm) ?? []
  const hash = `sha${bits}`
  if (publicKey.asymmetricKeyType === 'ed25519')
    return algorithm === 'EdDSA' && verify(null, signed, publicKey, signature)
  if (publicKey.asymmetricKeyType === 'ec')
    return family === 'ES' && verify(hash, signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
  if (family === 'RS') return verify(hash, signed, publicKey, signature)
  const pss = {
    key: publicKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_AUTO,
  }
  return family === 'PS' && verify(hash, signed, pss, signature)
}

/** The key that a caller's JWK or certificate (DER) holds, or undefined. */
export const publicKeyOf = (key: unknown): KeyObject | undefined => {
  try {
    if (Buffer.isBuffer(key)) return new X509Certificate(key).publicKey
    return isObject(key) ? createPublicKey({ key: { ...key }, format: 'jwk' }) : undefined
  } catch (error) {
    // What a caller sends as a key may be anything.
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

/** Every key that may verify. */
export const usableKeys = ({ usable }: KeySet): readonly VerificationKey[] => [...usable.values()]

/** Does one of the keys verify the token by the algorithm that its header names, or by RS256? */
export const anyKeyVerifies = (token: ReadToken, keys: KeySet, next: Decisions): boolean =>
  usableKeys(keys).some((key) => next.verifies(token, key, next.algorithmOf(token.header) ?? 'RS256'))
