import type { CredentialPlace } from '../config/config.ts'
import type { Found, FoundProvider } from './found.ts'
import { istioRoutes } from './istio-routes.ts'
import { algorithmsFor, inlineKeys } from './key-source.ts'
import type { Node } from './node.ts'
import { claimHeaders, distinctPlaces, envoyPlaces } from './place.ts'
import { nameOf, resources } from './resource.ts'

const group = 'security.istio.io'

/** Istio: who issues good tokens (RequestAuthentication), and where one is needed (AuthorizationPolicy). */
export const importIstio = (documents: readonly Node[]): Found | undefined => {
  const [authentication, other] = resources(documents, group, 'RequestAuthentication')
  if (authentication === undefined) return undefined
  const rules = authentication.get('spec', 'jwtRules').items()
  const policies = resources(documents, group, 'AuthorizationPolicy')
  const { routes, claims } = istioRoutes(policies)
  return {
    basePath: '',
    routes,
    credentials: distinctPlaces(rules.flatMap(places)),
    providers: rules.map(providerOf),
    ...(claims.length > 0 && { scopeClaims: claims }),
    ...(rules.some((rule) => rule.get('jwksUri').isThere) && {
      maxAge: {
        seconds: 1_200,
        because: 'the documented default of istiod, PILOT_JWT_PUB_KEY_REFRESH_INTERVAL',
      },
    }),
    ...forwards(rules[0]),
    notes: [
      'A path is read as the policy writes it, whatever host and port it is meant for.',
      ...(other === undefined
        ? []
        : [`RequestAuthentication ${nameOf(other)} was not read: this is the first.`]),
    ],
    questions:
      policies.length === 0
        ? ['which AuthorizationPolicy demands a token? RequestAuthentication alone lets in who has none.']
        : [],
  }
}

const places = (rule: Node): readonly CredentialPlace[] =>
  envoyPlaces({
    headers: rule.get('fromHeaders'),
    prefix: 'prefix',
    params: rule.get('fromParams'),
    cookies: rule.get('fromCookies'),
  })

const providerOf = (rule: Node): FoundProvider => {
  const issuer = rule.get('issuer').text()
  const url = rule.get('jwksUri').text()
  const inline = rule.get('jwks').isThere ? inlineKeys(rule.get('jwks')) : undefined
  const keys = inline ?? (url === undefined ? undefined : ({ kind: 'url', url } as const))
  return {
    issuers: issuer === undefined ? [] : [issuer],
    audiences: rule.get('audiences').texts(),
    algorithms: inline?.kind === 'inline' ? algorithmsFor(inline.keys) : [],
    ...(keys === undefined
      ? { note: 'The keys are those that the issuer’s discovery document names.' }
      : { keys }),
  }
}

const forwards = (rule: Node | undefined): Pick<Found, 'forwards'> =>
  rule === undefined
    ? {}
    : {
        forwards: {
          credential: rule.get('forwardOriginalToken').flag() === true ? 'keep' : 'strip',
          claims: claimHeaders(rule.get('outputClaimToHeaders'), { header: 'header', claim: 'claim' }),
        },
      }
