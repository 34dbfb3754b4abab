import { X509Certificate } from 'node:crypto'
import { rootCertificates } from 'node:tls'
import type { Decisions } from '../decisions.ts'
import type { TokenPolicy } from '../deployment.ts'
import type { ReadToken } from '../read-token.ts'
import { isObject, type JsonObject, parsed } from '../strict-json.ts'
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

/** Where a token points, if anywhere, by what its header and claims say, under the policy. */
type Pointer = (header: JsonObject, claims: JsonObject, policy: TokenPolicy | undefined) => string | undefined

/** Before each decision, what the request's token points at is fetched, once a URL, and its keys are trusted for it. */
const following =
  (pointer: Pointer, more: (document: string | undefined) => unknown = () => undefined): Fault['alter'] =>
  (next) => {
    const fetched = new Map<string, readonly unknown[]>()
    let known: TokenPolicy | undefined
    const prepare: Decisions['prepare'] = async (request, _, policy) => {
      known = policy
      const [header, claims] = [segmentJson(request, 0), segmentJson(request, 1)]
      const url = isObject(header) && isObject(claims) ? pointer(header, claims, policy) : undefined
      if (url !== undefined && !fetched.has(url) && fetched.size < 1000) {
        const document = await fetchFromLoopback(url)
        fetched.set(url, [...keysIn(document), ...keysIn(await fetchFromLoopback(more(document)))])
      }
      return request
    }
    return {
      prepare,
      ...authenticWhere((token) => {
        const url = pointer(token.header, token.claims, known)
        return (url === undefined ? [] : (fetched.get(url) ?? [])).some((key) => signedBy(token, key))
      })(next),
    }
  }

const member =
  (name: string): Pointer =>
  (header) => {
    const value = header[name]
    return typeof value === 'string' ? value : undefined
  }

/** The URLs that the gateway was told: of its key set, and its issuers. */
const toldUrls = (policy: TokenPolicy | undefined): readonly string[] =>
  policy === undefined
    ? []
    : [...(policy.keys.kind === 'remote' ? [policy.keys.uri] : []), ...policy.issuers].filter((url) =>
        URL.canParse(url),
      )

/** A jku is let pass where the name of a host that the gateway was told stands anywhere in it. */
const holdsTrustedName: Pointer = (header, claims, policy) => {
  const jku = member('jku')(header, claims, policy)
  const isKnown = toldUrls(policy).some((url) => jku?.includes(new URL(url).hostname) === true)
  return isKnown ? jku : undefined
}

const resolvedAgainstTrusted: Pointer = (header, claims, policy) => {
  const jku = member('jku')(header, claims, policy)
  const [base] = toldUrls(policy)
  if (jku === undefined || base === undefined || /^[a-z][a-z0-9+.-]*:/i.test(jku)) return undefined
  return URL.canParse(jku, base) ? new URL(jku, base).href : undefined
}

const metadataOfStranger: Pointer = (_, { iss }, policy) =>
  typeof iss !== 'string' || policy?.issuers.includes(iss) === true
    ? undefined
    : `${iss.replace(/\/$/, '')}/.well-known/openid-configuration`

const keySetNamed = (metadata: string | undefined): unknown => {
  const document = metadata === undefined ? undefined : parsed(metadata)
  return isObject(document) ? document.jwks_uri : undefined
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
  'jku-followed': fault('the key set at jku is fetched and trusted', following(member('jku'))),
  'jku-prefix-allowed': fault(
    'jku is followed where the name of a trusted host stands in it',
    following(holdsTrustedName),
  ),
  'jku-relative-followed': fault(
    'a jku without a scheme is taken for a path of the trusted host, and may name another',
    following(resolvedAgainstTrusted),
  ),
  'x5u-followed': fault('the certificate at x5u is fetched and trusted', following(member('x5u'))),
  'kid-url-followed': fault('a kid that is a URL is fetched', following(member('kid'))),
  'issuer-followed': fault(
    'an unknown issuer’s metadata is fetched and its keys trusted',
    following(metadataOfStranger, keySetNamed),
  ),
} as const satisfies Readonly<Record<string, Fault>>
