import { constants, createCipheriv, publicEncrypt, type KeyObject } from 'node:crypto'
import type { ContentAlgorithm, EphemeralKey, KeyAlgorithm } from '../config/encrypt.ts'
import { encode } from './base64.ts'
import { agree, agreeBadly, derive } from './jwe-agreement.ts'
import { contentKeyBytes } from './jwe-content.ts'
import { ValueError, type Members } from './scene.ts'

/** How the content key comes to the recipient. */
export type KeyOrder = {
  readonly alg: KeyAlgorithm
  readonly enc: ContentAlgorithm
  readonly recipient: KeyObject
  /** Instead of a random one, or of what both sides agree on. */
  readonly contentKey?: Buffer
  readonly epk?: EphemeralKey
  readonly p2c?: number
}

/** The content key, what stands for it in the token, and what the header says of it. */
export type Delivered = {
  readonly contentKey: Buffer
  readonly encryptedKey: Buffer
  readonly members: Members
}

const hashes = {
  'RSA-OAEP': 'sha1',
  'RSA-OAEP-256': 'sha256',
  'RSA-OAEP-384': 'sha384',
  'RSA-OAEP-512': 'sha512',
} as const

/** Makes a content key and delivers it (RFC 7518 section 4.1). */
export const deliverKey = (order: KeyOrder, random: (bytes: number) => Buffer): Delivered => {
  const { alg, enc, recipient } = order
  const contentKey = order.contentKey ?? random(contentKeyBytes(enc))
  switch (alg) {
    case 'dir':
    case 'none':
      return { contentKey, encryptedKey: Buffer.alloc(0), members: {} }
    case 'RSA-OAEP':
    case 'RSA-OAEP-256':
    case 'RSA-OAEP-384':
    case 'RSA-OAEP-512':
      return { contentKey, encryptedKey: encryptRsa(recipient, hashes[alg], contentKey), members: {} }
    case 'PBES2-HS256+A128KW': {
      // The password is nobody's, so the key that it would come to after all those rounds may be any.
      const members = { p2s: encode(random(16)), p2c: order.p2c ?? 600_000 }
      return { contentKey, encryptedKey: wrap(random(16), contentKey), members }
    }
    default:
      return deliverAgreed({ ...order, alg }, contentKey, random)
  }
}

const wrapBytes = { 'ECDH-ES+A128KW': 16, 'ECDH-ES+A192KW': 24, 'ECDH-ES+A256KW': 32 } as const

type AgreedOrder = KeyOrder & { readonly alg: 'ECDH-ES' | keyof typeof wrapBytes }

const deliverAgreed = (
  { alg, enc, recipient, epk: bad }: AgreedOrder,
  contentKey: Buffer,
  random: (bytes: number) => Buffer,
): Delivered => {
  const { epk, secret } = bad === undefined ? agree(recipient) : agreeBadly(bad, recipient, random)
  if (alg === 'ECDH-ES')
    return {
      contentKey: derive(secret, enc, contentKeyBytes(enc)),
      encryptedKey: Buffer.alloc(0),
      members: { epk },
    }
  return { contentKey, encryptedKey: wrap(derive(secret, alg, wrapBytes[alg]), contentKey), members: { epk } }
}

const encryptRsa = (key: KeyObject, oaepHash: string, contentKey: Buffer): Buffer => {
  if (key.asymmetricKeyType !== 'rsa') throw new ValueError('only an RSA key can be encrypted to by RSA-OAEP')
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, contentKey)
}

/** RFC 3394 section 2.2.1. */
const wrap = (key: Buffer, contentKey: Buffer): Buffer => {
  const cipher = createCipheriv(`aes${key.length * 8}-wrap`, key, Buffer.alloc(8, 0xa6))
  return Buffer.concat([cipher.update(contentKey), cipher.final()])
}
