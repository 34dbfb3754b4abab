import { constants, createHash, privateEncrypt, type KeyObject } from 'node:crypto'
import type { Padding } from '../config/deviation.ts'
import type { Algorithm } from './algorithm.ts'
import { nothing, objectId, octets, sequence } from './der.ts'
import { ValueError } from './scene.ts'

type Hash = NonNullable<Algorithm['hash']>

const objectIds: Readonly<Record<Hash, string>> = {
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
}

const digest = (hash: Hash, ...input: readonly Uint8Array[]): Buffer =>
  createHash(hash).update(Buffer.concat(input)).digest()

/** DigestInfo (RFC 8017 section 9.2). */
const digestInfo = (hash: Hash, hashed: Buffer, parameters: Buffer): Buffer =>
  sequence(sequence(objectId(objectIds[hash]), parameters), octets(hashed))

type Parts = {
  readonly hash: Hash
  readonly hashed: Buffer
  /** The right DigestInfo. */
  readonly info: Buffer
  /** What the block has room for between its first two bytes and the end. */
  readonly room: number
  readonly random: (bytes: number) => Buffer
}

const block = (type: number, filling: Buffer, ...rest: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.of(0, type), filling, Buffer.of(0), ...rest])

const ones = (length: number): Buffer => Buffer.alloc(length, 0xff)

/** Encoded messages that are not the one of EMSA-PKCS1-v1_5 (RFC 8017 section 9.2), and hold the right hash. */
const blocks: Record<Padding, (parts: Parts) => Buffer> = {
  'garbage-after': ({ info, room, random }) => block(1, ones(8), info, random(room - 9 - info.length)),
  'short-filling': ({ info, room }) => block(1, Buffer.alloc(0), info, Buffer.alloc(room - 1 - info.length)),
  'other-filling': ({ info, room }) => block(1, Buffer.alloc(room - 1 - info.length, 0xfe), info),
  'block-type': ({ info, room }) => block(2, ones(room - 1 - info.length), info),
  'no-digest-info': ({ hashed, room }) => block(1, ones(room - 1 - hashed.length), hashed),
  'other-digest': ({ hash, hashed, room }) => {
    const info = digestInfo(hash === 'sha512' ? 'sha256' : 'sha512', hashed, nothing)
    return block(1, ones(room - 1 - info.length), info)
  },
  'garbage-parameters': ({ hash, hashed, room, random }) => {
    const info = digestInfo(hash, hashed, octets(random(32)))
    return block(1, ones(room - 1 - info.length), info)
  },
}

/** A PKCS #1 v1.5 signature by the right key whose padding is not the right one. */
export const illPadded = (
  algorithm: Algorithm,
  key: KeyObject,
  input: Uint8Array,
  { padding, random }: { readonly padding: Padding; readonly random: Parts['random'] },
): Buffer => {
  const hash = algorithm.hash ?? 'sha256'
  const hashed = digest(hash, input)
  const info = digestInfo(hash, hashed, nothing)
  const room = modulusBits(key) / 8 - 2
  return rawSignature(key, blocks[padding]({ hash, hashed, info, room, random }))
}

/** A PSS signature by the right key with another hash in its mask (RFC 8017 section 9.1.1; RFC 7518 section 3.5). */
export const otherMask = (
  algorithm: Algorithm,
  key: KeyObject,
  input: Uint8Array,
  random: Parts['random'],
): Buffer => {
  const hash = algorithm.hash ?? 'sha256'
  const hashed = digest(hash, input)
  const salt = random(hashed.length)
  const seed = digest(hash, Buffer.alloc(8), hashed, salt)
  const bits = modulusBits(key) - 1
  const length = Math.ceil(bits / 8) - seed.length - 1
  const filling = Buffer.alloc(length - salt.length - 1)
  const masked = Buffer.concat([filling, Buffer.of(1), salt])
  for (const [index, byte] of mask('sha1', seed, length).entries())
    masked[index] = (masked[index] ?? 0) ^ byte
  masked[0] = (masked[0] ?? 0) & (0xff >> (8 * Math.ceil(bits / 8) - bits))
  return rawSignature(key, Buffer.concat([masked, seed, Buffer.of(0xbc)]))
}

/** MGF1 (RFC 8017 appendix B.2.1). */
const mask = (hash: Hash, seed: Buffer, length: number): Buffer => {
  const pieces: Buffer[] = []
  for (let counter = 0; Buffer.concat(pieces).length < length; counter++) {
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    pieces.push(digest(hash, seed, count))
  }
  return Buffer.concat(pieces).subarray(0, length)
}

const modulusBits = (key: KeyObject): number => key.asymmetricKeyDetails?.modulusLength ?? 0

const rawSignature = (key: KeyObject, encoded: Buffer): Buffer => {
  if (key.asymmetricKeyType !== 'rsa' || modulusBits(key) % 8 !== 0)
    throw new ValueError('only an RSA key of whole bytes signs a block as it stands')
  return privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, encoded)
}
