import { createCipheriv, createHmac, type CipherGCMTypes } from 'node:crypto'
import type { ContentAlgorithm } from '../config/encrypt.ts'

type Gcm = { readonly kind: 'gcm'; readonly cipher: CipherGCMTypes; readonly keyBytes: number }
type Cbc = {
  readonly kind: 'cbc'
  readonly cipher: string
  readonly hash: string
  readonly keyBytes: number
}

/** RFC 7518 section 5.1. */
const table: Readonly<Record<ContentAlgorithm, Gcm | Cbc>> = {
  A128GCM: { kind: 'gcm', cipher: 'aes-128-gcm', keyBytes: 16 },
  A192GCM: { kind: 'gcm', cipher: 'aes-192-gcm', keyBytes: 24 },
  A256GCM: { kind: 'gcm', cipher: 'aes-256-gcm', keyBytes: 32 },
  'A128CBC-HS256': { kind: 'cbc', cipher: 'aes-128-cbc', hash: 'sha256', keyBytes: 32 },
  'A192CBC-HS384': { kind: 'cbc', cipher: 'aes-192-cbc', hash: 'sha384', keyBytes: 48 },
  'A256CBC-HS512': { kind: 'cbc', cipher: 'aes-256-cbc', hash: 'sha512', keyBytes: 64 },
}

/** Length of the key that encrypts the content, in bytes. */
export const contentKeyBytes = (enc: ContentAlgorithm): number => table[enc].keyBytes

/** Length of the initialization vector, in bytes. */
export const vectorBytes = (enc: ContentAlgorithm): number => (table[enc].kind === 'gcm' ? 12 : 16)

export type Sealed = { readonly ciphertext: Buffer; readonly tag: Buffer }

/** Encrypts and authenticates the content, with the encoded header as the additional data (RFC 7516 section 5.1). */
export const sealContent = (
  enc: ContentAlgorithm,
  key: Buffer,
  vector: Buffer,
  { header, plaintext }: { readonly header: string; readonly plaintext: Buffer },
): Sealed => {
  const kind = table[enc]
  const data = Buffer.from(header, 'ascii')
  if (kind.kind === 'gcm') {
    const cipher = createCipheriv(kind.cipher, key, vector)
    cipher.setAAD(data)
    const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
    return { ciphertext, tag: cipher.getAuthTag() }
  }
  const half = kind.keyBytes / 2
  const cipher = createCipheriv(kind.cipher, key.subarray(half), vector)
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return { ciphertext, tag: macOf(kind.hash, key.subarray(0, half), [data, vector, ciphertext]) }
}

/** The first half of the HMAC over all, and the length of the additional data in bits (RFC 7518 section 5.2.2.1). */
const macOf = (
  hash: string,
  key: Buffer,
  [data, vector, ciphertext]: readonly [Buffer, Buffer, Buffer],
): Buffer => {
  const bits = Buffer.alloc(8)
  bits.writeBigUInt64BE(BigInt(data.length * 8))
  const mac = createHmac(hash, key).update(data).update(vector).update(ciphertext).update(bits).digest()
  return mac.subarray(0, key.length)
}
