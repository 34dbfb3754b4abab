import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Sign } from '../config/deviation.ts'
import { namesake, otherProviders } from '../config/other-provider.ts'
import { algorithmOf, fits, signBeside, signBytes, type Algorithm } from './algorithm.ts'
import type { GoodToken } from './good.ts'
import type { PublishedName } from './published-key.ts'
import { illPadded, otherMask } from './padding.ts'
import { publicForm } from './public-form.ts'
import { edgeSignature, shapeSignature, signatureFor } from './shape.ts'
import { resolve, resolveText } from './value.ts'
import { ValueError, type Members, type Scene } from './scene.ts'

type Signing = Exclude<Sign, string>

/** The signature over `input` that a deviation asks for. `keep` keeps that of the good token. */
export const makeSignature = (
  sign: Sign,
  { header, input, good }: { header: Members; input: string; good: Pick<GoodToken, 'signature'> },
  scene: Scene,
): Buffer => {
  if (sign === 'keep') return good.signature
  if (sign === 'none') return Buffer.alloc(0)
  const signing: Signing = typeof sign === 'string' ? { key: sign } : sign
  if (signing.as !== undefined) return publishedSignature(signing, input, scene)
  const algorithm = signingAlgorithm(signing, header, scene)
  const key =
    signing.key === 'hmac' ? secretKey(signing.secret, scene) : privateKey(signing, algorithm, scene)
  const natural =
    key === undefined
      ? good.signature
      : signatureFor(signing.shape, () => naturalSignature(signing, algorithm, { key, input }, scene))
  if (signing.numbers !== undefined) return edgeSignature(natural, signing.numbers, scene)
  if (signing.shape === undefined) {
    if (key === undefined) throw new ValueError('this run cannot sign as the issuer')
    return natural
  }
  return shapeSignature(natural, signing.shape, scene)
}

/** The same signature; in another thread where it is one that takes long and nothing is bent about it. */
export const makeSignatureBeside = async (
  sign: Sign,
  subject: { header: Members; input: string; good: Pick<GoodToken, 'signature' | 'signAhead'> },
  scene: Scene,
): Promise<Buffer> => {
  if (sign === 'keep') await subject.good.signAhead?.()
  const plain = plainSigning(sign, subject.header, scene)
  return plain === undefined
    ? makeSignature(sign, subject, scene)
    : signBeside(plain.algorithm, plain.key, Buffer.from(subject.input))
}

/** What it is signed with, where that is all that there is to it. */
const plainSigning = (
  sign: Sign,
  header: Members,
  scene: Scene,
): { readonly algorithm: Algorithm; readonly key: KeyObject } | undefined => {
  if (sign === 'keep' || sign === 'none') return undefined
  const { as, shape, numbers, padding, pss, ...signing }: Signing =
    typeof sign === 'string' ? { key: sign } : sign
  const bent = [as, shape, numbers, padding, pss].some((one) => one !== undefined)
  if (bent || signing.key === 'hmac') return undefined
  const algorithm = signingAlgorithm(signing, header, scene)
  const key = privateKey(signing, algorithm, scene)
  return key === undefined ? undefined : { algorithm, key }
}

/** By a key that a step published; its own algorithm, unless another is asked for. */
const publishedSignature = ({ as = '', alg }: Signing, input: string, scene: Scene): Buffer => {
  const key = publishedKey(as, scene)
  const algorithm = algorithmOf(alg === undefined ? key.alg : resolve(alg, scene))
  if (algorithm === undefined) throw new ValueError(`the forge has no algorithm ${JSON.stringify(alg)}`)
  return key.sign(algorithm, Buffer.from(input))
}

/** A key that a step before this one has published. */
export const publishedKey = (name: string, { published }: Scene): PublishedName => {
  const key = published?.get(name)
  if (key === undefined) throw new ValueError(`no step before this one publishes a key called ${name}`)
  return key
}

const naturalSignature = (
  { padding, pss }: Signing,
  algorithm: Algorithm,
  { key, input }: { readonly key: KeyObject; readonly input: string },
  { random }: Scene,
): Buffer => {
  const bytes = Buffer.from(input)
  if (padding !== undefined) return illPadded(algorithm, key, bytes, { padding, random })
  return pss?.mask === undefined
    ? signBytes(algorithm, key, bytes, pss)
    : otherMask(algorithm, key, bytes, random)
}

/** What was asked for; else the header's, where the key can do that; else that of the good token. */
const signingAlgorithm = (signing: Signing, header: Members, scene: Scene): Algorithm => {
  if (signing.alg !== undefined) {
    const asked = algorithmOf(resolve(signing.alg, scene))
    if (asked === undefined) throw new ValueError(`the forge has no algorithm ${JSON.stringify(signing.alg)}`)
    return asked
  }
  const named = algorithmOf(header.alg)
  if (signing.key === 'hmac') return named?.family === 'hmac' ? named : hs256
  const own = scene.keyring.issuer[signing.key === 'second' ? 1 : 0]
  if (named !== undefined && named.family !== 'hmac' && (own === undefined || fits(named, own.privateKey)))
    return named
  return signing.key === 'second' ? (algorithmOf(own?.alg) ?? scene.good.algorithm) : scene.good.algorithm
}

export const hs256: Algorithm = {
  name: 'HS256',
  family: 'hmac',
  hash: 'sha256',
  sibling: 'HS512',
  twin: 'HS384',
}

/** Undefined where the issuer's key is not ours. */
const privateKey = ({ key }: Signing, algorithm: Algorithm, scene: Scene): KeyObject | undefined => {
  const { keyring } = scene
  if (key === 'attacker') return keyring.attacker(algorithm).privateKey
  if (key === 'other-provider') return otherProviders(scene.policy)[0]?.keys[0].privateKey
  if (key === 'same-kid-provider') return namesake(scene.policy, scene.good.header.kid)?.privateKey
  const own = keyring.issuer[key === 'second' ? 1 : 0]
  if (own !== undefined && !fits(algorithm, own.privateKey))
    throw new ValueError(`the signing key ${own.kid} cannot sign ${algorithm.name}`)
  return own?.privateKey
}

const secretKey = (secret: Signing['secret'], scene: Scene): KeyObject =>
  createSecretKey(secretBytes(secret ?? 'random', scene))

const secretBytes = (secret: NonNullable<Signing['secret']>, scene: Scene): Buffer => {
  if (secret === 'empty') return Buffer.alloc(0)
  if (secret === 'random') return scene.random(32)
  if ('zeros' in secret) return Buffer.alloc(secret.zeros)
  if ('text' in secret) return Buffer.from(resolveText(secret.text, scene))
  const { publicKey } = scene.keyring
  if (publicKey === undefined) throw new ValueError('the public key of the issuer is not known')
  const bytes = publicForm(publicKey, secret.public)
  if (bytes === undefined) throw new ValueError(`this key has no form ${secret.public}`)
  return bytes
}
