import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { compactDecrypt, errors } from 'jose'
import type { TokenEncryption } from '../config/token-source.ts'
import { curveOf } from './jwe-agreement.ts'

/** What a gateway that decrypts holds (RFC 7516): the one key, and the one way in which each part is encrypted. */
export type Decryption = { readonly privateKey: KeyObject; readonly alg: string; readonly enc: string }

/** What a compressed token may come to, in bytes: far more than any token has, and what libraries allow. */
const mostInflatedBytes = 250_000

/** What `jose` decrypts of a compact JWE; undefined where a sound gateway could or should not. */
export const decryptSoundly = async (
  token: string,
  { privateKey, alg, enc }: Decryption,
): Promise<string | undefined> => {
  try {
    const { plaintext } = await compactDecrypt(token, privateKey, {
      keyManagementAlgorithms: [alg],
      contentEncryptionAlgorithms: [enc],
      maxDecompressedLength: mostInflatedBytes,
    })
    return Buffer.from(plaintext).toString()
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

/**
 * A key of ours in the place of the gateway's, of the same kind: what a deviation comes to can be checked with it, since
 * whatever is encrypted to one key could have been to the other.
 */
export const standIn = (
  encryption: TokenEncryption,
): { readonly encryption: TokenEncryption; readonly decryption: Decryption } => {
  const { alg, enc } = encryption
  const { publicKey, privateKey } = pairLike(encryption.publicKey)
  return { encryption: { ...encryption, publicKey }, decryption: { privateKey, alg, enc } }
}

const pairLike = (key: KeyObject): { publicKey: KeyObject; privateKey: KeyObject } => {
  const namedCurve = curveOf(key)
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve })
  if (key.asymmetricKeyType === 'x448') return generateKeyPairSync('x448')
  return key.asymmetricKeyType === 'x25519'
    ? generateKeyPairSync('x25519')
    : generateKeyPairSync('rsa', { modulusLength: 2048 })
}
