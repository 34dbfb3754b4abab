import { createHash, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { EphemeralKey } from '../config/encrypt.ts'
import { encode } from './base64.ts'
import { ValueError, type Members } from './scene.ts'

/** Our side of a Diffie-Hellman exchange: what the header tells of it, and the secret that it comes to. */
export type Agreed = { readonly epk: Members; readonly secret: Buffer }

const curves = {
  prime256v1: { name: 'P-256', bytes: 32 },
  secp384r1: { name: 'P-384', bytes: 48 },
  secp521r1: { name: 'P-521', bytes: 66 },
} as const
type CurveName = keyof typeof curves

const isCurve = (name: string | undefined): name is CurveName =>
  name !== undefined && Object.hasOwn(curves, name)

/** The name that OpenSSL has for the curve of a key that ECDH-ES can encrypt to, or undefined. */
export const curveOf = (key: KeyObject): CurveName | undefined => {
  const name = key.asymmetricKeyType === 'ec' ? key.asymmetricKeyDetails?.namedCurve : undefined
  return isCurve(name) ? name : undefined
}

/** Agrees with the recipient's key by a fresh one of its curve (RFC 7518 section 4.6). */
export const agree = (recipient: KeyObject): Agreed => {
  const pair = freshLike(recipient)
  const { kty, crv, x, y } = pair.publicKey.export({ format: 'jwk' })
  return {
    epk: { kty, crv, x, ...(y === undefined ? {} : { y }) },
    secret: diffieHellman({ privateKey: pair.privateKey, publicKey: recipient }),
  }
}

const freshLike = (recipient: KeyObject): { privateKey: KeyObject; publicKey: KeyObject } => {
  if (recipient.asymmetricKeyType === 'x25519') return generateKeyPairSync('x25519')
  if (recipient.asymmetricKeyType === 'x448') return generateKeyPairSync('x448')
  const namedCurve = curveOf(recipient)
  if (namedCurve === undefined) throw new ValueError('this key can agree on no content key')
  return generateKeyPairSync('ec', { namedCurve })
}

/**
 * A public key that no honest sender has. With a point (x, 0), which has order two on the curve of some other constant, a
 * recipient that does not check comes to the secret x wherever its private key is odd; with the zero of X25519 always to
 * zero. What two random numbers come to nobody knows.
 */
export const agreeBadly = (
  kind: EphemeralKey,
  recipient: KeyObject,
  random: (bytes: number) => Buffer,
): Agreed => {
  if (kind === 'x25519-zero') {
    const zeros = Buffer.alloc(32)
    return { epk: { kty: 'OKP', crv: 'X25519', x: encode(zeros) }, secret: zeros }
  }
  const { name, bytes } = curves[curveOf(recipient) ?? 'prime256v1']
  const x = coordinate(bytes, random)
  const y = kind === 'order-two' ? Buffer.alloc(bytes) : coordinate(bytes, random)
  return {
    epk: { kty: 'EC', crv: name, x: encode(x), y: encode(y) },
    secret: kind === 'order-two' ? x : random(bytes),
  }
}

/** Well below the prime of each curve. */
const coordinate = (bytes: number, random: (bytes: number) => Buffer): Buffer =>
  Buffer.concat([Buffer.alloc(2), random(bytes - 2)])

/** The Concat KDF with SHA-256 and without party information (RFC 7518 section 4.6.2). */
export const derive = (secret: Buffer, purpose: string, bytes: number): Buffer => {
  const info = Buffer.concat([
    number(purpose.length),
    Buffer.from(purpose),
    number(0),
    number(0),
    number(bytes * 8),
  ])
  const rounds = Array.from({ length: Math.ceil(bytes / 32) }, (_, at) =>
    createHash('sha256')
      .update(number(at + 1))
      .update(secret)
      .update(info)
      .digest(),
  )
  return Buffer.concat(rounds).subarray(0, bytes)
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
