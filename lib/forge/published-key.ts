import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  sign,
  type KeyObject,
} from 'node:crypto'
import { promisify } from 'node:util'
import type { KeyKind } from '../config/steps.ts'
import { algorithmOf, freshKey, signBytes, type Algorithm } from './algorithm.ts'
import { nothing, objectId, octets, sequence } from './der.ts'
import { rocaKey } from './roca.ts'
import { ValueError, type Members } from './scene.ts'

/** What a key of a kind is made of: costly to make, and used under many names. */
export type KeyMaterial = {
  /** The algorithm that its JWK names. */
  readonly alg: string
  /** Its public members (RFC 7517 section 4), without `kid`, `alg` and `use`. */
  readonly jwk: Members
  readonly sign: (algorithm: Algorithm, input: Buffer) => Buffer
}

/** A key that a case published, by which it can sign. */
export type PublishedName = KeyMaterial & { readonly kid: string }

/** Makes a key of a kind; `fresh` is one for the algorithm of the issuer's. */
export const makeMaterial = async (
  kind: KeyKind,
  issuerAlgorithm: string,
  random: (bytes: number) => Buffer,
): Promise<KeyMaterial> => {
  switch (kind) {
    case 'rsa-1024':
      return pairMaterial('RS256', await generate('rsa', { modulusLength: 1024 }))
    case 'rsa-roca':
      return pairMaterial('RS256', rsaPair(createPrivateKey({ key: { ...rocaKey(random) }, format: 'jwk' })))
    case 'rsa-exponent-1':
      return exponentOne()
    case 'Ed448':
      return edwards448()
    case 'eddsa-small-order':
      return smallOrder
    case 'ec-off-curve':
      return offCurve()
    case 'oct':
      return secret()
    default: {
      const algorithm = algorithmOf(kind === 'fresh' ? issuerAlgorithm : kind)
      if (algorithm === undefined) throw new ValueError(`the forge has no algorithm ${issuerAlgorithm}`)
      return algorithm.family === 'hmac' ? secret() : pairMaterial(algorithm.name, await freshKey(algorithm))
    }
  }
}

const generate = promisify(generateKeyPair)

type KeyPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject }

const rsaPair = (privateKey: KeyObject): KeyPair => ({ privateKey, publicKey: createPublicKey(privateKey) })

const pairMaterial = (alg: string, { privateKey, publicKey }: KeyPair): KeyMaterial => ({
  alg,
  jwk: { ...publicKey.export({ format: 'jwk' }) },
  sign: (algorithm, input) => signBytes(algorithm, privateKey, input),
})

const secret = async (): Promise<KeyMaterial> => {
  const algorithm = algorithmOf('HS256')
  if (algorithm === undefined) throw new Error('HS256 is not known')
  const { privateKey } = await freshKey(algorithm)
  return {
    alg: 'HS256',
    jwk: { ...privateKey.export({ format: 'jwk' }) },
    sign: (asked, input) => signBytes(asked.family === 'hmac' ? asked : algorithm, privateKey, input),
  }
}

/** With the exponent 1 every padded text is its own signature (RFC 8017 section 9.2). */
const exponentOne = async (): Promise<KeyMaterial> => {
  const { publicKey } = await generate('rsa', { modulusLength: 2048 })
  return {
    alg: 'RS256',
    jwk: { ...publicKey.export({ format: 'jwk' }), e: 'AQ' },
    sign: (_, input) => {
      const info = sequence(
        sequence(objectId(sha256Id), nothing),
        octets(createHash('sha256').update(input).digest()),
      )
      const filling = Buffer.alloc(256 - 3 - info.length, 0xff)
      return Buffer.concat([Buffer.of(0, 1), filling, Buffer.of(0), info])
    },
  }
}

const sha256Id = '2.16.840.1.101.3.4.2.1'

const edwards448 = async (): Promise<KeyMaterial> => {
  const { privateKey, publicKey } = await generate('ed448')
  return {
    alg: 'EdDSA',
    jwk: { ...publicKey.export({ format: 'jwk' }) },
    sign: (_, input) => sign(null, input, privateKey),
  }
}

/** The neutral point as a key: R neutral and S zero fit any text (RFC 8032 section 5.1.7). */
const smallOrder: KeyMaterial = {
  alg: 'EdDSA',
  jwk: {
    kty: 'OKP',
    crv: 'Ed25519',
    x: Buffer.concat([Buffer.of(1), Buffer.alloc(31)]).toString('base64url'),
  },
  sign: () => Buffer.concat([Buffer.of(1), Buffer.alloc(63)]),
}

/** A point beside the curve, under which nothing can be signed. */
const offCurve = async (): Promise<KeyMaterial> => {
  const { privateKey, publicKey } = await generate('ec', { namedCurve: 'P-256' })
  const { y = '', ...jwk } = publicKey.export({ format: 'jwk' })
  const bytes = Buffer.from(y, 'base64url')
  bytes[31] = (bytes[31] ?? 0) ^ 1
  return {
    alg: 'ES256',
    jwk: { ...jwk, y: bytes.toString('base64url') },
    sign: (algorithm, input) => signBytes(algorithm, privateKey, input),
  }
}
