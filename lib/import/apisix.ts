import type { CredentialPlace } from '../config/config.ts'
import { isFilled } from '../config/fields.ts'
import { issuerOfDiscovery } from './discovery.ts'
import type { Found, FoundRoute } from './found.ts'
import { pemKeys } from './key-source.ts'
import { nodeOf, type Node } from './node.ts'
import { bearer, distinctPlaces, headerPlace } from './place.ts'

/** APISIX: a standalone configuration, or the routes that the Admin API takes and lists. */
export const importApisix = (documents: readonly Node[]): Found | undefined => {
  const parts = documents.flatMap(partsIn)
  const routes = parts.flatMap(({ routes }) => routes)
  const guarded = routes.flatMap(({ plugins }) => plugins.flatMap((one) => authenticationIn(one) ?? []))
  const [first] = guarded
  if (first === undefined) return undefined
  return {
    basePath: '',
    routes: routes.flatMap(({ route, plugins }) => routesOf(route, plugins)),
    ...(first.name === 'openid-connect'
      ? readOidc(first.config)
      : readJwt(
          first.config,
          parts.flatMap(({ consumers }) => consumers),
        )),
  }
}

type Guarded = { readonly route: Node; readonly plugins: readonly Node[] }
type Parts = { readonly routes: readonly Guarded[]; readonly consumers: readonly Node[] }

/** Routes with the plugins of theirs and of their service; a document that is itself a route counts as one. */
const partsIn = (document: Node): Parts => {
  const listed = document
    .get('list')
    .items()
    .map((entry) => entry.get('value'))
  const all = [...document.get('routes').items(), ...listed, ...(isRoute(document) ? [document] : [])]
  const services = document.get('services').items()
  const serviceOf = (route: Node): Node | undefined => {
    const id = route.get('service_id').text()
    return id === undefined ? undefined : services.find((service) => service.get('id').text() === id)
  }
  const nested = services.flatMap((service) =>
    service
      .get('routes')
      .items()
      .map((route) => ({ route, plugins: [route.get('plugins'), service.get('plugins')] })),
  )
  return {
    routes: [
      ...nested,
      ...all.map((route) => ({
        route,
        plugins: [route.get('plugins'), ...[serviceOf(route)?.get('plugins')].flatMap((one) => one ?? [])],
      })),
    ],
    consumers: document.get('consumers').items(),
  }
}

const isRoute = (document: Node): boolean => document.get('uri').isThere || document.get('uris').isThere

type Authentication = { readonly name: 'openid-connect' | 'jwt-auth'; readonly config: Node }

const authenticationIn = (plugins: Node): Authentication | undefined =>
  (['openid-connect', 'jwt-auth'] as const)
    .map((name) => ({ name, config: plugins.get(name) }))
    .find(({ config }) => config.isThere && config.get('_meta', 'disable').flag() !== true)

const routesOf = (route: Node, plugins: readonly Node[]): readonly FoundRoute[] => {
  const uris = [...route.get('uri').texts(), ...route.get('uris').texts()]
  const methods = route.get('methods').texts()
  const [authentication] = plugins.flatMap((one) => authenticationIn(one) ?? [])
  const scopes = authentication?.config.get('required_scopes').texts() ?? []
  return uris.flatMap((uri) =>
    (methods.length === 0 ? [undefined] : methods).map((method) => ({
      ...matchOf(uri),
      ...(method !== undefined && { method }),
      access: authentication === undefined ? 'public' : 'protected',
      ...(isFilled(scopes) && { scope: { rule: 'all', scopes } }),
    })),
  )
}

const matchOf = (uri: string): Pick<FoundRoute, 'path' | 'matches'> => {
  const [, start] = /^([^*:]*)\*$/.exec(uri) ?? []
  if (start !== undefined) return { path: start, matches: 'below' }
  return { path: uri, matches: /[*:]/.test(uri) ? 'pattern' : 'itself' }
}

type Read = Omit<Found, 'routes' | 'basePath'>

const readOidc = (config: Node): Read => {
  const discovery = config.get('discovery').text()
  const valid = config.get('claim_validator', 'issuer', 'valid_issuers').texts()
  const audience = config.get('claim_validator', 'audience')
  const client = config.get('client_id').text()
  const matchesClient = audience.get('match_with_client_id').flag() === true && client !== undefined
  const keys = pemKeys(config.get('public_key'), {})
  const issuers = valid.length > 0 ? valid : discovery === undefined ? [] : [issuerOfDiscovery(discovery)]
  const introspects = config.get('introspection_endpoint').isThere && keys.length === 0
  return {
    credentials: [bearer],
    providers: [
      {
        issuers,
        audiences: matchesClient ? [client] : [],
        algorithms: config.get('token_signing_alg_values_expected').texts(),
        ...(keys.length === 0
          ? { note: `The keys are those that ${discovery ?? 'the issuer'} names by discovery.` }
          : { keys: { kind: 'inline', keys } }),
      },
    ],
    notes: [
      ...(matchesClient ? [] : ['The gateway checks no audience.']),
      ...(config.get('bearer_only').flag() === true
        ? []
        : [
            'bearer_only is off: who has no token is sent to log in (`refused: { status: [302] }` on the route).',
          ]),
    ],
    questions: introspects
      ? ['tokens are introspected: which source of tokens does the provider know? A key of ours does not do.']
      : [],
  }
}

const readJwt = (config: Node, consumers: readonly Node[]): Read => {
  const credentials = consumers.flatMap(credentialsOf)
  const [credential = nodeOf(undefined, '', () => undefined)] = credentials
  const keyId = credential.get('key').text()
  const algorithm = credential.get('algorithm').text() ?? 'HS256'
  const leeway = credential.get('lifetime_grace_period').number()
  const keys = credentials.flatMap((one) =>
    pemKeys(one.get('public_key'), { kid: one.get('key').text(), alg: one.get('algorithm').text() }),
  )
  return {
    credentials: jwtPlaces(config),
    providers: [
      {
        issuers: [],
        audiences: [],
        algorithms: credentials.length === 0 ? [] : [algorithm],
        ...(keys.length > 0 && { keys: { kind: 'inline', keys } }),
      },
    ],
    ...(credentials.length > 0 && {
      clockSkew:
        leeway === undefined
          ? { seconds: 0, because: 'the documented default of lifetime_grace_period' }
          : { seconds: leeway },
    }),
    ...(keyId !== undefined && { tokenClaims: { [config.get('key_claim_name').text() ?? 'key']: keyId } }),
    notes: [
      'The plugin jwt-auth looks at no issuer and no audience; the consumer is named by a claim of the token.',
    ],
    questions:
      credentials.length === 0 ? ['which consumer has a jwt-auth credential? Its key names the tokens.'] : [],
  }
}

/** A consumer has the plugin itself, or credentials that have it. */
const credentialsOf = (consumer: Node): readonly Node[] =>
  [consumer, ...consumer.get('credentials').items()]
    .map((one) => one.get('plugins', 'jwt-auth'))
    .filter((one) => one.isThere)

/** Left out, they are the header `authorization`, and `jwt` in the query and the cookies, by the plugin's reference. */
const jwtPlaces = (config: Node): readonly CredentialPlace[] =>
  distinctPlaces([
    headerPlace(config.get('header').text() ?? 'Authorization', 'Bearer'),
    { in: 'query', name: config.get('query').text() ?? 'jwt' },
    { in: 'cookie', name: config.get('cookie').text() ?? 'jwt' },
  ])
