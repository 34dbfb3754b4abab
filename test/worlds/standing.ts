import { generateKeyPairSync } from 'node:crypto'
import type { SigningKey } from '../../lib/config/config.ts'
import { algorithmOf, freshKey } from '../../lib/forge/algorithm.ts'
import { certificatePem, makeCertificate } from '../../lib/forge/certificate.ts'
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
  /** The same over TLS, and the certificate by which it is trusted. */
  readonly safeKeySet: KeySet
  readonly authority: string
  readonly certificate: { readonly cert: string; readonly key: string }
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

/** A certificate for this machine by an authority of its own. PEM texts. */
export const localCertificate = (): { authority: string; certificate: { cert: string; key: string } } => {
  const [issuing, own] = [0, 1].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
  if (issuing === undefined || own === undefined) throw new Error('no key')
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000)
  const common = { signWith: issuing.privateKey, validity: { notBefore: day(-1), notAfter: day(1) } }
  const authority = makeCertificate({
    ...common,
    subject: 'authority',
    publicKey: issuing.publicKey,
    ca: true,
  })
  const leaf = makeCertificate({
    ...common,
    subject: '127.0.0.1',
    issuer: 'authority',
    publicKey: own.publicKey,
    altNames: ['127.0.0.1', 'localhost'],
    ca: false,
  })
  return {
    authority: certificatePem(authority),
    certificate: {
      cert: certificatePem(leaf),
      key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    },
  }
}
