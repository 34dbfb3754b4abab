import type { CredentialPlace } from '../config/config.ts'
import { askedService, demandedGroups, groupsClaim } from './forward-auth.ts'
import type { Found, FoundProvider, FoundRoute } from './found.ts'
import { pemKeys } from './key-source.ts'
import type { Node } from './node.ts'
import { bearer } from './place.ts'
import { nameOf, resources } from './resource.ts'
import { ruleHosts, ruleRoutes } from './traefik-rule.ts'

/** Traefik: routers and the middlewares that ask for a token, in a dynamic configuration or in Kubernetes resources. */
export const importTraefik = (documents: readonly Node[]): Found | undefined => {
  const middlewares = middlewaresIn(documents)
  const asking = middlewares.flatMap(({ name, spec }) => {
    const [, jwt] =
      spec
        .get('plugin')
        .members()
        .find(([plugin, config]) => isJwt(plugin, config)) ?? []
    const forward = spec.get('forwardAuth')
    const address = forward.get('address').text() ?? '?'
    const scope = demandedGroups(address)
    return jwt === undefined && !forward.isThere
      ? []
      : [{ name, jwt, address, ...(scope !== undefined && { scope }) }]
  })
  const [first, ...others] = asking
  if (first === undefined) return undefined
  const service = askedService(first.address)
  const other = others.find((one) => one.jwt !== undefined || askedService(one.address) !== service)
  const routers = routersIn(documents)
  const [host] = routers.flatMap(({ rule }) => ruleHosts(rule))
  return {
    basePath: '',
    routes: routers.flatMap(({ rule, uses }) => {
      const used = asking.filter(({ name }) => uses.includes(name))
      const access: FoundRoute['access'] = used.length > 0 ? 'protected' : 'public'
      const [scope] = used.flatMap((one) => one.scope ?? [])
      return ruleRoutes(rule).map((route) => ({ ...route, access, ...(scope !== undefined && { scope }) }))
    }),
    ...(asking.some(({ scope }) => scope !== undefined) && groupsClaim),
    ...(first.jwt === undefined ? { credentials: [bearer], providers: [] } : readJwt(first.jwt)),
    notes: [
      ...(host === undefined ? [] : [`The routes are for the host ${host}.`]),
      ...(other === undefined ? [] : [`The middleware ${other.name} was not read: this is ${first.name}.`]),
      ...(first.jwt === undefined
        ? [`Tokens are checked by the service at ${service}: what it demands stands there.`]
        : claimNotes(first.jwt)),
    ],
    questions: first.jwt === undefined ? ['what does the service behind forwardAuth demand of a token?'] : [],
  }
}

type Middleware = { readonly name: string; readonly spec: Node }

const groups = ['traefik.io', 'traefik.containo.us']

const middlewaresIn = (documents: readonly Node[]): readonly Middleware[] => [
  ...documents
    .flatMap((document) => document.get('http', 'middlewares').members())
    .map(([name, spec]) => ({ name, spec })),
  ...groups
    .flatMap((group) => resources(documents, group, 'Middleware'))
    .map((resource) => ({ name: nameOf(resource), spec: resource.get('spec') })),
]

/** The plugin has the name that the static configuration gives it, so what it is shows in its options. */
const isJwt = (plugin: string, config: Node): boolean =>
  /jwt/i.test(plugin) ||
  ['jwksUrl', 'jwksFile', 'signingSecret', 'trustedIssuers'].some((key) => config.get(key).isThere)

type Router = { readonly rule: string; readonly uses: readonly string[] }

const routersIn = (documents: readonly Node[]): readonly Router[] => [
  ...documents
    .flatMap((document) => document.get('http', 'routers').members())
    .map(([, router]) => ({
      rule: router.get('rule').text() ?? '',
      uses: router.get('middlewares').texts().map(bare),
    })),
  ...groups
    .flatMap((group) => resources(documents, group, 'IngressRoute'))
    .flatMap((resource) => resource.get('spec', 'routes').items())
    .map((route) => ({
      rule: route.get('match').text() ?? '',
      uses: route
        .get('middlewares')
        .items()
        .flatMap((one) => one.get('name').text() ?? [])
        .map(bare),
    })),
]

/** `name@provider` names the middleware of another provider. */
const bare = (name: string): string => name.replace(/@.*$/, '')

type Read = Pick<Found, 'credentials' | 'providers' | 'forwards'>

const readJwt = (jwt: Node): Read => {
  const header = jwt.get('forwardHeaders').members()
  const trusted = jwt.get('trustedIssuers').items()
  return {
    credentials: places(jwt),
    providers: trusted.length > 0 ? trusted.map((one) => providerOf(jwt, one)) : [providerOf(jwt, jwt)],
    ...(header.length > 0 && {
      forwards: { claims: Object.fromEntries(header.map(([name, claim]) => [name, claim.text() ?? ''])) },
    }),
  }
}

const places = (jwt: Node): readonly CredentialPlace[] => {
  const key = jwt.get('tokenKey').text()
  return key === undefined ? [bearer] : [bearer, { in: 'query', name: key }, { in: 'form', name: key }]
}

const providerOf = (jwt: Node, source: Node): FoundProvider => {
  const equal = (claim: string): readonly string[] =>
    [
      ...(jwt.get('claims').text() ?? '').matchAll(
        new RegExp(`(?:Equals|Contains)\\(\`${claim}\`,\\s*\`([^\`]*)\`\\)`, 'g'),
      ),
    ].flatMap(([, value]) => value ?? [])
  const issuer = source.get('issuer').text()
  const url = source.get('jwksUrl').text()
  const keys = pemKeys(jwt.get('publicKey'), {})
  const secret = jwt.get('signingSecret').isThere
  return {
    issuers: issuer === undefined ? equal('iss') : [issuer],
    audiences: equal('aud'),
    algorithms: secret ? ['HS256'] : [],
    ...(url !== undefined
      ? { keys: { kind: 'url', url } }
      : keys.length > 0 && { keys: { kind: 'inline', keys } }),
  }
}

const claimNotes = (jwt: Node): readonly string[] => {
  const claims = jwt.get('claims').text()
  return claims === undefined ? [] : [`Good tokens satisfy ${claims}: see policy.requiredClaims.`]
}
