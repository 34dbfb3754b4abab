import type { EdgeNumber, Shape } from '../config/deviation.ts'
import { ValueError, type Scene } from './scene.ts'

/** A signature bent into a form that no sound signer makes; the length and the kind are those of `natural`. */
export const shapeSignature = (natural: Buffer, shape: Shape, scene: Scene): Buffer => {
  const { needs, suits } = shapes[shape]
  if (needs === 'curve') order(scene)
  if (needs === 'modulus') modulus(scene)
  if (suits?.(natural) === false) throw new ValueError('the shape makes no difference to this signature')
  return shapes[shape].make(natural, scene)
}

/** Of signatures over one input, where chance is in them, the first that the shape makes a difference to. */
export const signatureFor = (shape: Shape | undefined, sign: () => Buffer): Buffer => {
  const suits = shape === undefined ? undefined : shapes[shape].suits
  let natural = sign()
  for (let turn = 0; turn < mostTurns && suits?.(natural) === false; turn++) natural = sign()
  return natural
}

/** One ECDSA signature in 128 begins with a zero byte in one of its halves. */
const mostTurns = 5000

/** The pair (r, s) of numbers at the edges of their range, as long as a good one. */
export const edgeSignature = (natural: Buffer, { r, s }: EdgePair, scene: Scene): Buffer => {
  const numbers = { zero: 0n, one: 1n, 'order-less-one': order(scene) - 1n, order: order(scene) }
  return pair(natural, numbers[r], numbers[s])
}

type EdgePair = { readonly r: EdgeNumber; readonly s: EdgeNumber }

const half = (bytes: Buffer): [Buffer, Buffer] => [
  bytes.subarray(0, bytes.length / 2),
  bytes.subarray(bytes.length / 2),
]

const toInteger = (bytes: Uint8Array): bigint => BigInt(`0x0${Buffer.from(bytes).toString('hex')}`)

const toBytes = (value: bigint, length: number): Buffer =>
  Buffer.from(value.toString(16).padStart(length * 2, '0'), 'hex')

const modulus = (scene: Scene): bigint => {
  const n = scene.keyring.publicKey?.jwk.n
  if (n === undefined) throw new ValueError('this shape needs an RSA public key')
  return toInteger(Buffer.from(n, 'base64url'))
}

/** The order of the group (SEC 2 for P-256, P-384, P-521 and secp256k1; RFC 8032 section 5.1 for Ed25519). */
const orders: Readonly<Record<string, bigint>> = {
  'P-256': 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  'P-384':
    0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  'P-521':
    0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  secp256k1: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  Ed25519: 2n ** 252n + 27742317777372353535851937790883648493n,
}

const order = (scene: Scene): bigint => {
  const n = orders[scene.good.algorithm.curve ?? '']
  if (n === undefined) throw new ValueError('this shape needs an elliptic curve')
  return n
}

const pair = (natural: Buffer, r: bigint, s: bigint): Buffer =>
  Buffer.concat([toBytes(r, natural.length / 2), toBytes(s, natural.length / 2)])

const derInteger = (bytes: Buffer): Buffer => {
  let body = bytes
  while (body.length > 1 && body[0] === 0 && (body[1] ?? 0) < 0x80) body = body.subarray(1)
  if ((body[0] ?? 0) >= 0x80) body = Buffer.concat([Buffer.of(0), body])
  return Buffer.concat([Buffer.of(2, body.length), body])
}

const der = (natural: Buffer): Buffer => {
  const [r, s] = half(natural)
  const body = Buffer.concat([derInteger(r), derInteger(s)])
  return Buffer.concat([
    body.length < 0x80 ? Buffer.of(0x30, body.length) : Buffer.of(0x30, 0x81, body.length),
    body,
  ])
}

/** Ed25519 writes S little-endian. */
const littleEndian = (bytes: Buffer): Buffer => Buffer.from(bytes).reverse()

type ShapeMaker = {
  /** What the issuer's key must have for the shape to make sense. */
  readonly needs?: 'curve' | 'modulus'
  readonly make: (natural: Buffer, scene: Scene) => Buffer
  /** Whether the shape makes a difference to that signature. */
  readonly suits?: (natural: Buffer) => boolean
}

const shapes: Record<Shape, ShapeMaker> = {
  zero: { make: (natural) => Buffer.alloc(natural.length) },
  ff: { make: (natural) => Buffer.alloc(natural.length, 0xff) },
  random: { make: (natural, scene) => scene.random(natural.length) },
  'rsa-zero': { needs: 'modulus', make: (natural) => Buffer.alloc(natural.length) },
  'rsa-one': { needs: 'modulus', make: (natural) => toBytes(1n, natural.length) },
  'rsa-modulus': { needs: 'modulus', make: (natural, scene) => toBytes(modulus(scene), natural.length) },
  'rsa-modulus-minus-one': {
    needs: 'modulus',
    make: (natural, scene) => toBytes(modulus(scene) - 1n, natural.length),
  },
  'rsa-plus-modulus': {
    needs: 'modulus',
    make: (natural, scene) => {
      const sum = toInteger(natural) + modulus(scene)
      return toBytes(sum, sum >= 256n ** BigInt(natural.length) ? natural.length + 1 : natural.length)
    },
  },
  'leading-zero': { make: (natural) => Buffer.concat([Buffer.of(0), natural]) },
  'trailing-zero': { make: (natural) => Buffer.concat([natural, Buffer.of(0)]) },
  'ecdsa-der': { needs: 'curve', make: (natural) => der(natural) },
  'ecdsa-zero-der': { needs: 'curve', make: () => Buffer.from('3006020100020100', 'hex') },
  'ecdsa-high-s': {
    needs: 'curve',
    make: (natural, scene) => {
      const [r, natS] = half(natural)
      const [s, n] = [toInteger(natS), order(scene)]
      return pair(natural, toInteger(r), s * 2n > n ? s : n - s)
    },
  },
  'ecdsa-padded': {
    needs: 'curve',
    make: (natural) => {
      const [r, s] = half(natural)
      return Buffer.concat([Buffer.of(0), r, Buffer.of(0), s])
    },
  },
  'ecdsa-stripped': {
    needs: 'curve',
    suits: (natural) => half(natural).some((number) => number[0] === 0),
    make: (natural) =>
      Buffer.concat(half(natural).map((number) => (number[0] === 0 ? number.subarray(1) : number))),
  },
  'eddsa-plus-order': {
    needs: 'curve',
    make: (natural, scene) => {
      const [r, s] = half(natural)
      return Buffer.concat([r, littleEndian(toBytes(toInteger(littleEndian(s)) + order(scene), s.length))])
    },
  },
  'eddsa-small-order': {
    make: (natural) => Buffer.concat([Buffer.from('01', 'hex'), Buffer.alloc(natural.length - 1)]),
  },
  'mac-10': { make: (natural) => natural.subarray(0, 10) },
  'mac-16': { make: (natural) => natural.subarray(0, 16) },
}
