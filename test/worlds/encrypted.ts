import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { baseConfig, baseDeployment } from './base.ts'
import type { WorldPlan } from './worlds.ts'

type Pair = { readonly publicKey: KeyObject; readonly privateKey: KeyObject }

const isOdd = ({ privateKey }: Pair): boolean => {
  const { d = '' } = privateKey.export({ format: 'jwk' })
  return ((Buffer.from(d, 'base64url').at(-1) ?? 0) & 1) === 1
}

/** Only an odd private key comes to a known secret with a point of order two. */
const oddPair = (): Pair => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return isOdd(pair) ? pair : oddPair()
}

const pair = oddPair()
const manner = { alg: 'ECDH-ES', enc: 'A256GCM' } as const

/** A gateway that takes nothing but tokens that are encrypted to it, and holds a signing key for another purpose. */
export const encryptedPlan: WorldPlan = {
  topics: ['jwe'],
  gateway: (standing) => {
    const signingKey = standing.keys[0]?.privateKey
    return {
      specification: baseDeployment('header', standing),
      pathPrefix: '/v1',
      beyond: {
        encryption: {
          ...manner,
          privateKey: pair.privateKey,
          required: true,
          ...(signingKey === undefined ? {} : { signingKey }),
        },
      },
    }
  },
  config: (origin, standing) => ({
    ...baseConfig('header', origin, standing),
    encryption: { ...manner, publicKey: pair.publicKey, kid: 'enc-1' },
  }),
}
