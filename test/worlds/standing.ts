import type { SigningKey } from '../../lib/config/config.ts'
import { algorithmOf, freshKey } from '../../lib/forge/algorithm.ts'
import { makeCertificate } from '../../lib/forge/certificate.ts'
import type { KeySet, PublicJwk } from '../../lib/serve/key-set.ts'
import type { Listener } from '../../lib/serve/listener.ts'
import type { Upstream } from '../../lib/serve/upstream.ts'

/** What stands from the first run to the last. */
export type Standing = {
  /** For files; it goes with the world. */
  readonly folder: string
  readonly keys: readonly SigningKey[]
  /** The public halves in a file. */
  readonly keySetFile: string
  readonly upstream: Upstream
  readonly keySet: KeySet
  readonly listener: Listener
}

export const issuer = 'https://identity.oraclecloud.com/'
export const audience = 'https://gw.embedded.test/'

/** As an issuer may publish it: with its certificate, and without the algorithm that it is for. */
export const publishedKey = ({ kid, publicKey, privateKey }: SigningKey): PublicJwk => {
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000)
  const certificate = makeCertificate({
    subject: kid,
    publicKey,
    signWith: privateKey,
    validity: { notBefore: day(-1), notAfter: day(1) },
    ca: false,
  })
  return { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', x5c: [certificate.toString('base64')] }
}

export const signingKey = async (kid: string): Promise<SigningKey> => {
  const algorithm = algorithmOf('RS256')
  if (algorithm === undefined) throw new Error('RS256 is not known')
  return { kid, alg: 'RS256', ...(await freshKey(algorithm)) }
}
