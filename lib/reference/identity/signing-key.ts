import { createHash, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { makeCertificate } from '../../forge/certificate.ts'

/** The key id of the signing key, the same in every domain. */
export const signingKeyId = 'SIGNING_KEY'

/** The signing key as the domain publishes it: without `use`, and with operations that do not name `verify`. */
export type PublishedKey = {
  readonly kty: 'RSA'
  readonly kid: typeof signingKeyId
  readonly alg: 'RS256'
  readonly n: string
  readonly e: string
  readonly x5t: string
  readonly 'x5t#S256': string
  readonly x5c: readonly [leaf: string, ca: string]
  readonly key_ops: readonly ['encrypt', 'sign']
}

export type DomainKey = {
  readonly privateKey: KeyObject
  readonly jwks: { readonly keys: readonly [PublishedKey] }
}

const generate = promisify(generateKeyPair)
const oneDayMs = 24 * 60 * 60 * 1000
const tenYearsMs = 3650 * oneDayMs

/**
 * The key of a domain with the certificates over it, valid from the day before `now` (milliseconds since the epoch)
 * for ten years. A key that is not given is made, RSA of 2048 bits; one of another type is refused with an error.
 */
export async function makeDomainKey(now: number, given?: KeyObject): Promise<DomainKey> {
  const privateKey = given ?? (await generate('rsa', { modulusLength: 2048 })).privateKey
  const publicKey = createPublicKey(privateKey)
  const { n, e } = publicKey.export({ format: 'jwk' })
  if (n === undefined || e === undefined) throw new Error('an identity domain signs with an RSA key')

  const [leaf, ca] = await certify(publicKey, now)
  const published = {
    kty: 'RSA',
    kid: signingKeyId,
    alg: 'RS256',
    n,
    e,
    x5t: createHash('sha1').update(leaf).digest('base64url'),
    'x5t#S256': createHash('sha256').update(leaf).digest('base64url'),
    x5c: [leaf.toString('base64'), ca.toString('base64')],
    key_ops: ['encrypt', 'sign'],
  } as const satisfies PublishedKey
  return { privateKey, jwks: { keys: [published] } }
}

/** The authority's key is elliptic because it is made in no time, and forgotten, because it signs but twice. */
async function certify(publicKey: KeyObject, now: number): Promise<readonly [leaf: Buffer, ca: Buffer]> {
  const authority = await generate('ec', { namedCurve: 'P-256' })
  const signWith = authority.privateKey
  const issuer = 'gateproof identity domain CA'
  const validity = { notBefore: new Date(now - oneDayMs), notAfter: new Date(now + tenYearsMs) }
  return [
    makeCertificate({ subject: signingKeyId, publicKey, issuer, signWith, validity, ca: false }),
    makeCertificate({ subject: issuer, publicKey: authority.publicKey, signWith, validity, ca: true }),
  ]
}
