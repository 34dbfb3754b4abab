import type { KeyObject } from 'node:crypto'
import { constants, deflateRawSync } from 'node:zlib'
import type { TokenEncryption } from '../config/token-source.ts'
import {
  contentAlgorithms,
  type ContentAlgorithm,
  type Encrypt,
  type KeyAlgorithm,
  keyAlgorithms,
} from '../config/encrypt.ts'
import { algorithmOf } from './algorithm.ts'
import { decode, encode } from './base64.ts'
import { curveOf } from './jwe-agreement.ts'
import { contentKeyBytes, sealContent, type Sealed, vectorBytes } from './jwe-content.ts'
import { deliverKey } from './jwe-key.ts'
import { ValueError, type Members, type Scene } from './scene.ts'

type Random = (bytes: number) => Buffer
type Encryption = Exclude<Encrypt, 'none'>

/** The signed token encrypted as the gateway wants it: a Nested JWT (RFC 7519 section 3). */
export const encryptFor = (encryption: TokenEncryption, jws: string, random: Random): string =>
  seal({}, gatewayRecipient(encryption), Buffer.from(jws), random)

/** The signed token as it travels to this target. */
export const asSent = (jws: string, { encryption, random }: Scene): string =>
  encryption === undefined ? jws : encryptFor(encryption, jws, random)

/**
 * The signed token, or its claims alone, encrypted as a deviation says.
 * @throws ValueError where the recipient has no key of the kind.
 */
export const encryptToken = (jws: string, encrypt: Encryption, scene: Scene): string => {
  const plaintext = encrypt.payload === 'claims' ? decode(jws.split('.')[1] ?? '') : Buffer.from(jws)
  return seal(encrypt, recipientOf(encrypt, scene), plaintext, scene.random)
}

/** To whom a token is encrypted, and how that one would have it. */
type Recipient = {
  readonly key: KeyObject
  readonly kid?: string
  readonly alg: KeyAlgorithm
  readonly enc: ContentAlgorithm
}

const recipientOf = ({ to = 'gateway', alg }: Encryption, { encryption, keyring }: Scene): Recipient => {
  if (to === 'gateway') {
    if (encryption === undefined) throw new ValueError('tokens.encryption is not set')
    return gatewayRecipient(encryption)
  }
  if (to === 'issuer') {
    const { publicKey } = keyring
    if (publicKey === undefined) throw new ValueError('the public key of the issuer is not known')
    const { kid } = publicKey.jwk
    return { key: publicKey.key, ...(kid === undefined ? {} : { kid }), ...natural(publicKey.key) }
  }
  const family = algorithmOf(alg?.startsWith('ECDH') === true ? 'ES256' : 'RS256')
  if (family === undefined) throw new Error('RS256 and ES256 are known')
  const { publicKey } = keyring.attacker(family)
  return { key: publicKey, ...natural(publicKey) }
}

const gatewayRecipient = ({ publicKey: key, kid, alg, enc }: TokenEncryption): Recipient => ({
  key,
  ...(kid === undefined ? {} : { kid }),
  alg: known(keyAlgorithms, alg),
  enc: known(contentAlgorithms, enc),
})

const known = <Name extends string>(names: readonly Name[], wanted: string): Name => {
  const name = names.find((one) => one === wanted)
  if (name === undefined) throw new Error(`a checked configuration names no ${wanted}`)
  return name
}

/** What a key of that kind is encrypted to by. */
const natural = (key: KeyObject): Pick<Recipient, 'alg' | 'enc'> => {
  if (key.asymmetricKeyType === 'rsa') return { alg: 'RSA-OAEP-256', enc: 'A256GCM' }
  if (curveOf(key) !== undefined) return { alg: 'ECDH-ES', enc: 'A256GCM' }
  throw new ValueError('nothing can be encrypted to a key of this kind')
}

const seal = (encrypt: Encryption, recipient: Recipient, plaintext: Buffer, random: Random): string => {
  const { alg = recipient.alg, enc = recipient.enc, epk, p2c } = encrypt
  const delivered = deliverKey(
    {
      alg,
      enc,
      recipient: recipient.key,
      ...(encrypt.contentKey === undefined ? {} : { contentKey: Buffer.alloc(contentKeyBytes(enc)) }),
      ...(epk === undefined ? {} : { epk }),
      ...(p2c === undefined ? {} : { p2c }),
    },
    random,
  )
  const header = encode(JSON.stringify(headerOf(encrypt, { ...recipient, alg, enc }, delivered.members)))
  const isEmpty = encrypt.contentKey === 'empty'
  const vector = isEmpty ? Buffer.alloc(0) : random(vectorBytes(enc))
  const content = compressed(encrypt, plaintext)
  const sealed: Sealed = isEmpty
    ? { ciphertext: content, tag: Buffer.alloc(0) }
    : sealContent(enc, delivered.contentKey, vector, { header, plaintext: content })
  const tag = encrypt.tag === undefined ? sealed.tag : sealed.tag.subarray(0, encrypt.tag)
  return [header, ...[delivered.encryptedKey, vector, sealed.ciphertext, tag].map(encode)].join('.')
}

const headerOf = (
  { payload, zip, bomb }: Encryption,
  { alg, enc, kid }: Omit<Recipient, 'key'>,
  members: Members,
): Members => ({
  alg,
  enc,
  ...(kid === undefined ? {} : { kid }),
  // RFC 7519 section 5.2: a Nested JWT says so.
  ...(payload === 'claims' ? { typ: 'JWT' } : { cty: 'JWT' }),
  ...(zip === true || bomb !== undefined ? { zip: 'DEF' } : {}),
  ...members,
})

/** Zero bytes that are compressed once and then repeated, because a full flush makes each piece stand for itself. */
const bombPiece = 1_000_000

const compressed = ({ zip, bomb }: Encryption, plaintext: Buffer): Buffer => {
  if (bomb === undefined) return zip === true ? deflateRawSync(plaintext, { level: 9 }) : plaintext
  const flushed = { level: 9, finishFlush: constants.Z_FULL_FLUSH }
  const piece = deflateRawSync(Buffer.alloc(bombPiece), flushed)
  const pieces = Array.from({ length: Math.ceil(bomb / bombPiece) }, () => piece)
  return Buffer.concat([deflateRawSync(plaintext, flushed), ...pieces, deflateRawSync(Buffer.alloc(0))])
}
