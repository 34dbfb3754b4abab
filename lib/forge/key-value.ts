import { createHash } from 'node:crypto'
import { otherProviders } from '../config/other-provider.ts'
import { algorithmOf } from './algorithm.ts'
import { canonicalJwk, thumbprint, type Pair } from './keyring.ts'
import { ValueError, type Members, type Scene } from './scene.ts'
import { selfSigned } from './self-signed.ts'

/** A key of the run: the issuer's first where nothing else is asked for. Throws ValueError. */
export const pairOf = (of: unknown, alg: unknown, scene: Scene): Pair => {
  const { keyring, good } = scene
  if (of === 'binding') {
    if (keyring.binding === undefined) throw new ValueError('the run has no DPoP key')
    return keyring.binding.own
  }
  if (of === 'other-provider') {
    const [other] = otherProviders(scene.policy)
    if (other === undefined) throw new ValueError('the run has no key of another issuer')
    return other.keys[0]
  }
  if (of === 'attacker') return keyring.attacker(algorithmOf(alg) ?? good.algorithm)
  const pair = keyring.issuer[of === 'second' ? 1 : 0]
  if (pair === undefined)
    throw new ValueError(`the run has no ${of === 'second' ? 'second ' : ''}signing key`)
  return pair
}

/** Something of a key; `kid` is set in whatever is a JWK. Throws ValueError. */
export const keyPart = (
  what: string,
  pair: Pair,
  { scene, kid }: { scene: Scene; kid: Members },
): unknown => {
  switch (what) {
    case 'kid':
      return pair.kid
    case 'alg':
      if (!('alg' in pair)) throw new ValueError('this target has no algorithm of that key')
      return pair.alg
    case 'jwk':
      return { ...pair.publicKey.export({ format: 'jwk' }), ...kid }
    case 'private-jwk':
      return { ...pair.privateKey.export({ format: 'jwk' }), ...kid }
    case 'jwk-text':
      return canonicalJwk(pair.publicKey)
    case 'thumbprint':
      return thumbprint(pair.publicKey)
    case 'x5c':
      return [certificateOf(pair, scene).toString('base64')]
    case 'x5t':
      return createHash('sha1').update(certificateOf(pair, scene)).digest('base64url')
    case 'x5t#S256':
      return createHash('sha256').update(certificateOf(pair, scene)).digest('base64url')
    default:
      throw new ValueError(`$key has no ${what}`)
  }
}

/** A certificate of the key's own, in DER, for the target's host. Throws ValueError. */
export const certificateOf = (pair: Pair, { target, now }: Scene): Buffer => {
  const certificate = selfSigned(pair, target.host, now)
  if (certificate === undefined) throw new ValueError('only an RSA or EC key has a certificate here')
  return certificate
}
