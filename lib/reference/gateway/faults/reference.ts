import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import type { Decisions } from '../decisions.ts'
import type { ReadToken } from '../read-token.ts'
import type { GatewayRequest } from '../request.ts'
import { isObject } from '../strict-json.ts'
import type { KeySet } from '../verification-key.ts'
import { segmentJson } from './answers.ts'
import { type Fault, fault } from './fault.ts'
import { fetchFromLoopback, keysIn } from './loopback.ts'
import { authenticWhere, hasMacOf, publicKeyOf, verifiesAs } from './signing.ts'

const signedBy = (token: ReadToken, key: unknown): boolean => {
  const publicKey = publicKeyOf(key)
  return publicKey !== undefined && verifiesAs(String(token.header.alg), token, { publicKey })
}

/** The certificates that this machine trusts, in base64. */
const knownAuthorities = (): ReadonlySet<unknown> =>
  new Set(rootCertificates.map((pem) => new X509Certificate(pem).raw.toString('base64')))

const namesKey = (kid: unknown, { usable }: KeySet): boolean => typeof kid === 'string' && usable.has(kid)

/** Before each decision, what the request's token points at is fetched, once a URL, and its keys are trusted. */
const following =
  (
    urlOf: (request: GatewayRequest) => unknown,
    more: (document: unknown) => unknown = () => undefined,
  ): Fault['alter'] =>
  (next) => {
    const trusted = new Map<unknown, readonly unknown[]>()
    const prepare: Decisions['prepare'] = async (request) => {
      const url = urlOf(request)
      if (url !== undefined && !trusted.has(url) && trusted.size < 1000) {
        const document = await fetchFromLoopback(url)
        trusted.set(url, [...keysIn(document), ...keysIn(await fetchFromLoopback(more(document)))])
      }
      return request
    }
    return {
      prepare,
      ...authenticWhere((token) => [...trusted.values()].flat().some((jwk) => signedBy(token, jwk)))(next),
    }
  }

const headerMember = (name: string) => (request: GatewayRequest) => {
  const header = segmentJson(request, 0)
  return isObject(header) ? header[name] : undefined
}

/** Keys that the token itself brings, or points at. */
export const referenceFaults = {
  'embedded-jwk': fault(
    'a JWK in the header verifies the token that it stands in',
    authenticWhere((token) => signedBy(token, token.header.jwk)),
  ),
  'embedded-jwk-trusted-kid': fault(
    'a JWK in the header is trusted where its kid is one that is known',
    authenticWhere((token, keys) => {
      const { jwk, kid } = token.header
      return (namesKey(kid, keys) || (isObject(jwk) && namesKey(jwk.kid, keys))) && signedBy(token, jwk)
    }),
  ),
  'embedded-jwk-oct': fault(
    'a symmetric JWK in the header is the HMAC secret',
    authenticWhere((token) => {
      const { jwk } = token.header
      return isObject(jwk) && typeof jwk.k === 'string' && hasMacOf(token, [Buffer.from(jwk.k, 'base64url')])
    }),
  ),
  'x5c-trusted': fault(
    'the first certificate of x5c verifies, and its chain is not checked',
    authenticWhere((token) => {
      const chain: unknown = token.header.x5c
      const leaf: unknown = Array.isArray(chain) ? chain[0] : undefined
      return typeof leaf === 'string' && signedBy(token, Buffer.from(leaf, 'base64'))
    }),
  ),
  'x5c-vouches': fault(
    'a certificate of a known authority vouches for the token, whoever signed it',
    authenticWhere(({ header: { x5c } }) => Array.isArray(x5c) && knownAuthorities().has(x5c[0])),
  ),
  'jku-followed': fault('the key set at jku is fetched and trusted', following(headerMember('jku'))),
  'jku-prefix-allowed': fault(
    'jku is followed where it begins with the issuer’s name',
    following((request) => {
      const claims = segmentJson(request, 1)
      const issuer = isObject(claims) ? String(claims.iss).replace(/^https?:\/\/|\/$/g, '') : ''
      const jku = headerMember('jku')(request)
      return typeof jku === 'string' && issuer !== '' && jku.includes(issuer) ? jku : undefined
    }),
  ),
  'x5u-followed': fault('what x5u points at is fetched and trusted', following(headerMember('x5u'))),
  'kid-url-followed': fault('a kid that is a URL is fetched', following(headerMember('kid'))),
  'issuer-followed': fault(
    'an unknown issuer’s metadata is fetched and its keys trusted',
    following(
      (request) => {
        const claims = segmentJson(request, 1)
        return isObject(claims)
          ? `${String(claims.iss).replace(/\/$/, '')}/.well-known/openid-configuration`
          : undefined
      },
      (document) => (isObject(document) ? document.jwks_uri : undefined),
    ),
  ),
} as const satisfies Readonly<Record<string, Fault>>
