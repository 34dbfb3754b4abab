import type { CredentialPlace, RequiredClaim } from '../config/config.ts'
import { isFilled } from '../config/fields.ts'
import type { Found, FoundProvider, FoundRoute } from './found.ts'
import { algorithmsFor, inlineKeys } from './key-source.ts'
import type { Node } from './node.ts'
import { claimHeaders, distinctPlaces, envoyPlaces } from './place.ts'
import { nameOf, resources } from './resource.ts'
import { secondsIn } from './seconds.ts'

/** Envoy Gateway: a SecurityPolicy with JWT, and the HTTPRoutes that it is, and is not, attached to. */
export const importGatewayApi = (documents: readonly Node[]): Found | undefined => {
  const policies = resources(documents, 'gateway.envoyproxy.io', 'SecurityPolicy').filter(
    (policy) => policy.get('spec', 'jwt').isThere,
  )
  const [policy] = policies
  if (policy === undefined) return undefined
  const providers = policy.get('spec', 'jwt', 'providers').items()
  const routes = resources(documents, 'gateway.networking.k8s.io', 'HTTPRoute')
  const ages = providers.flatMap((provider) => secondsIn(provider.get('remoteJWKS', 'cacheDuration')) ?? [])
  const [hostname] = routes.flatMap((route) => route.get('spec', 'hostnames').texts())
  const claims = requiredClaims(policy)
  const [first] = providers
  const [age] = ages
  return {
    basePath: '',
    routes: routes.flatMap((route) => routesOf(route, policies)),
    credentials: distinctPlaces(providers.flatMap(places)),
    providers: providers.map(providerOf),
    ...(claims.length > 0 && { requiredClaims: claims }),
    ...(age !== undefined && { maxAge: { seconds: age } }),
    ...(first !== undefined && {
      forwards: {
        claims: claimHeaders(first.get('claimToHeaders'), { header: 'header', claim: 'claim' }),
      },
    }),
    notes: [
      ...(hostname === undefined ? [] : [`The routes are for the host ${hostname}.`]),
      ...policies
        .slice(1)
        .map(
          (other) =>
            `SecurityPolicy ${nameOf(other)} has tokens of its own, of which only the routes were read.`,
        ),
    ],
    questions:
      routes.length === 0 ? ['which routes is the policy attached to? This file has no HTTPRoute.'] : [],
  }
}

/** A policy names its targets one by one or in a list; that of a route goes before that of the gateway. */
const policyFor = (route: Node, policies: readonly Node[]): Node | undefined => {
  const parents = route
    .get('spec', 'parentRefs')
    .items()
    .map((parent) => parent.get('name').text())
  const targets = (policy: Node, kind: string, names: readonly (string | undefined)[]): boolean =>
    [policy.get('spec', 'targetRef'), ...policy.get('spec', 'targetRefs').items()].some(
      (target) => target.get('kind').text() === kind && names.includes(target.get('name').text()),
    )
  return (
    policies.find((policy) => targets(policy, 'HTTPRoute', [nameOf(route)])) ??
    policies.find((policy) => targets(policy, 'Gateway', parents))
  )
}

const routesOf = (route: Node, policies: readonly Node[]): readonly FoundRoute[] => {
  const policy = policyFor(route, policies)
  const optional = policy?.get('spec', 'jwt', 'optional').flag() === true
  const access = policy === undefined ? 'public' : optional ? 'optional' : 'protected'
  return route
    .get('spec', 'rules')
    .items()
    .flatMap((rule) => {
      const matches = rule.get('matches').items()
      const found = matches.length === 0 ? [{ path: '/', matches: 'below' } as const] : matches.map(matchOf)
      return found.map((match) => ({ ...match, access, ...(policy !== undefined && scopeOf(policy)) }))
    })
}

/** A path is a prefix where its type is left out, by the Gateway API. */
const matchOf = (match: Node): Pick<FoundRoute, 'path' | 'matches' | 'method'> => {
  const type = match.get('path', 'type').text() ?? 'PathPrefix'
  const method = match.get('method').text()
  return {
    path: match.get('path', 'value').text() ?? '/',
    matches: type === 'Exact' ? 'itself' : type === 'PathPrefix' ? 'below' : 'pattern',
    ...(method !== undefined && { method }),
  }
}

const places = (provider: Node): readonly CredentialPlace[] => {
  const from = provider.get('extractFrom')
  return envoyPlaces({
    headers: from.get('headers'),
    prefix: 'valuePrefix',
    params: from.get('params'),
    cookies: from.get('cookies'),
  })
}

const providerOf = (provider: Node): FoundProvider => {
  const issuer = provider.get('issuer').text()
  const url = provider.get('remoteJWKS', 'uri').text()
  const local = provider.get('localJWKS')
  const inline = local.get('inline').isThere ? inlineKeys(local.get('inline')) : undefined
  const map = local.get('valueRef', 'name').text()
  const keys = url === undefined ? inline : ({ kind: 'url', url } as const)
  return {
    issuers: issuer === undefined ? [] : [issuer],
    audiences: provider.get('audiences').texts(),
    algorithms: inline?.kind === 'inline' ? algorithmsFor(inline.keys) : [],
    ...(keys !== undefined && { keys }),
    ...(map !== undefined && { note: `The keys are in the ConfigMap ${map}: name a copy of them as jwks.` }),
  }
}

/** The rules that let in by the token; where there are several, none of them is demanded of every token. */
const allowing = (policy: Node): readonly Node[] =>
  policy
    .get('spec', 'authorization', 'rules')
    .items()
    .filter((rule) => rule.get('action').text() === 'Allow')
    .map((rule) => rule.get('principal', 'jwt'))
    .filter((jwt) => jwt.isThere)

const scopeOf = (policy: Node): Pick<FoundRoute, 'scope' | 'note'> => {
  const [rule, other] = allowing(policy)
  const scopes = rule?.get('scopes').texts() ?? []
  if (other !== undefined)
    return { note: '? more than one rule lets in: which scopes does a good token need?' }
  return isFilled(scopes) ? { scope: { rule: 'all', scopes } } : {}
}

const requiredClaims = (policy: Node): readonly RequiredClaim[] => {
  const [rule, other] = allowing(policy)
  if (rule === undefined || other !== undefined) return []
  return rule
    .get('claims')
    .items()
    .flatMap((claim) => {
      const path = claim.get('name').text()?.split('.') ?? []
      return isFilled(path) ? [{ path, values: claim.get('values').texts(), required: true }] : []
    })
}
