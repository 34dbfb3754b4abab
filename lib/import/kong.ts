import type { CredentialPlace } from '../config/config.ts'
import { isFilled } from '../config/fields.ts'
import type { Found, FoundProvider, FoundRoute } from './found.ts'
import { pemKeys } from './key-source.ts'
import { issuerOfDiscovery } from './discovery.ts'
import type { Node } from './node.ts'
import { bearer, distinctPlaces, headerPlace } from './place.ts'

/** Kong's declarative configuration, with the plugin `jwt` or `openid-connect` on a route, a service, or everywhere. */
export const importKong = ([document]: readonly Node[]): Found | undefined => {
  if (document === undefined) return undefined
  const routes = routesIn(document)
  const [first] = routes.flatMap(({ plugin }) => plugin ?? [])
  const plugin = first ?? document.get('plugins').items().find(isAuthentication)
  if (plugin === undefined) return undefined
  const config = plugin.get('config')
  const isOidc = plugin.get('name').text() === 'openid-connect'
  return {
    basePath: '',
    routes: routes.flatMap(({ route, plugin }) => routesOf(route, plugin)),
    ...(isOidc ? readOidc(config) : readJwt(config, document.get('consumers').items())),
  }
}

type Guarded = { readonly route: Node; readonly plugin: Node | undefined }

/** A plugin of the route goes before one of its service, and that before one for all. */
const routesIn = (document: Node): readonly Guarded[] => {
  const plugins = document.get('plugins').items().filter(isAuthentication)
  const onAll = plugins.find((one) => !one.get('route').isThere && !one.get('service').isThere)
  const services = document.get('services').items()
  const pluginOf = (kind: 'route' | 'service', entity: Node | undefined): Node | undefined =>
    entity?.get('plugins').items().find(isAuthentication) ??
    plugins.find((one) => names(entity).includes(nameIn(one.get(kind))))
  const guard = (route: Node, service: Node | undefined): Guarded => ({
    route,
    plugin: pluginOf('route', route) ?? pluginOf('service', service) ?? onAll,
  })
  const nested = services.flatMap((service) =>
    service
      .get('routes')
      .items()
      .map((route) => guard(route, service)),
  )
  const flat = document
    .get('routes')
    .items()
    .map((route) =>
      guard(
        route,
        services.find((service) => names(service).includes(nameIn(route.get('service')))),
      ),
    )
  return [...nested, ...flat]
}

const isAuthentication = (plugin: Node): boolean =>
  ['jwt', 'openid-connect'].includes(plugin.get('name').text() ?? '') &&
  plugin.get('enabled').flag() !== false

const names = (entity: Node | undefined): readonly string[] =>
  ['name', 'id'].flatMap((key) => entity?.get(key).text() ?? [])

/** A reference is a name, or a map with a name or an id. */
const nameIn = (reference: Node): string => {
  if (typeof reference.value === 'string') return reference.value
  return reference.get('name').text() ?? reference.get('id').text() ?? ''
}

const routesOf = (route: Node, plugin: Node | undefined): readonly FoundRoute[] => {
  const paths = route.get('paths').texts()
  const methods = route.get('methods').texts()
  const scope = plugin === undefined ? {} : scopeOf(plugin.get('config'))
  const anonymous = plugin?.get('config', 'anonymous').text()
  const open = plugin === undefined || (anonymous !== undefined && anonymous !== '')
  return (paths.length === 0 ? ['/'] : paths).flatMap((path) =>
    (methods.length === 0 ? [undefined] : methods).map((method) => ({
      path: path.replace(/^~/, ''),
      matches: path.startsWith('~') ? 'pattern' : 'below',
      ...(method !== undefined && { method }),
      access: open ? 'public' : 'protected',
      ...(!open && scope),
      ...(plugin !== undefined && open && { note: 'a refused request goes on as the anonymous consumer' }),
    })),
  )
}

/** Each item is enough; within one, spaces join what is needed together. */
const scopeOf = (config: Node): Pick<FoundRoute, 'scope' | 'note'> => {
  const items = config
    .get('scopes_required')
    .texts()
    .map((item) => item.split(' '))
  const [only, second] = items
  if (only === undefined) return {}
  if (second === undefined && isFilled(only)) return { scope: { rule: 'all', scopes: only } }
  const single = items.flatMap((item) => (item.length === 1 ? item : []))
  return isFilled(single)
    ? { scope: { rule: 'any', scopes: single } }
    : { note: `asks for ${items.map((item) => item.join(' and ')).join(', or ')}` }
}

type Read = Omit<Found, 'routes' | 'basePath'>

const readJwt = (config: Node, consumers: readonly Node[]): Read => {
  const credentials = consumers.flatMap((consumer) => consumer.get('jwt_secrets').items())
  const claim = config.get('key_claim_name').text() ?? 'iss'
  const keyIds = credentials.flatMap((one) => one.get('key').text() ?? [])
  const [keyId] = keyIds
  const lifetime = config.get('maximum_expiration').number() ?? 0
  const verified = config.get('claims_to_verify').texts()
  return {
    credentials: jwtPlaces(config),
    providers: [providerOf(credentials, claim === 'iss' ? keyIds : [])],
    ...(lifetime > 0 && { enforces: [{ 'max-lifetime': `${lifetime}s` }] }),
    ...(claim !== 'iss' && keyId !== undefined && { tokenClaims: { [claim]: keyId } }),
    notes: [
      'The plugin jwt checks no audience.',
      ...(verified.includes('exp')
        ? []
        : ['claims_to_verify lacks exp: the gateway lets in what has expired.']),
      ...(credentials.length > 0
        ? []
        : ['No consumer has jwt_secrets here: the credentials stand elsewhere.']),
      ...(claim === 'iss'
        ? []
        : [`The credential is named by the claim or header ${claim}; the issuer is not looked at.`]),
    ],
    questions: [],
  }
}

/** Left out, the header is `authorization` and the query parameter `jwt`, by the plugin's reference. */
const jwtPlaces = (config: Node): readonly CredentialPlace[] => {
  const listed = (name: string, usual: readonly string[]): readonly string[] =>
    config.get(name).isThere ? config.get(name).texts() : usual
  return distinctPlaces([
    ...listed('header_names', ['Authorization']).map((name) => headerPlace(name, 'Bearer')),
    ...listed('uri_param_names', ['jwt']).map((name) => ({ in: 'query', name }) as const),
    ...listed('cookie_names', []).map((name) => ({ in: 'cookie', name }) as const),
  ])
}

const providerOf = (credentials: readonly Node[], issuers: readonly string[]): FoundProvider => {
  const algorithms = credentials.map((one) => one.get('algorithm').text() ?? 'HS256')
  const keys = credentials.flatMap((one) =>
    pemKeys(one.get('rsa_public_key'), { kid: one.get('key').text(), alg: one.get('algorithm').text() }),
  )
  return {
    issuers,
    audiences: [],
    algorithms: [...new Set(algorithms)],
    ...(keys.length > 0 && { keys: { kind: 'inline', keys } }),
  }
}

const readOidc = (config: Node): Read => {
  const discovery = config.get('issuer').text()
  const allowed = config.get('issuers_allowed').texts()
  const issuers = allowed.length > 0 ? allowed : discovery === undefined ? [] : [issuerOfDiscovery(discovery)]
  const leeway = config.get('leeway').number()
  const wait = config.get('rediscovery_lifetime').number()
  const url = config.get('jwks_endpoint').text() ?? config.get('extra_jwks_uris').texts()[0]
  const required = config.get('audience_required').texts()
  const path = config.get('scopes_claim').texts()
  return {
    credentials: oidcPlaces(config),
    providers: [
      {
        issuers,
        audiences: required,
        algorithms: [],
        ...(url === undefined
          ? { note: `The keys are those that ${discovery ?? 'the issuer'} names by discovery.` }
          : { keys: { kind: 'url', url } }),
      },
    ],
    ...(isFilled(path) && { scopeClaims: [{ path, format: 'string' }] }),
    ...(leeway !== undefined && { clockSkew: { seconds: leeway } }),
    cooldown:
      wait === undefined
        ? { seconds: 30, because: 'the documented default of rediscovery_lifetime' }
        : { seconds: wait },
    notes: required.length > 0 ? [] : ['Without audience_required the gateway checks no audience.'],
    questions: [],
  }
}

const oidcPlaces = (config: Node): readonly CredentialPlace[] => {
  const types = config.get('bearer_token_param_type').texts()
  const cookie = config.get('bearer_token_cookie_name').text()
  const places = types.flatMap((type): CredentialPlace[] => {
    if (type === 'header') return [bearer]
    if (type === 'query') return [{ in: 'query', name: 'access_token' }]
    if (type === 'body') return [{ in: 'form', name: 'access_token' }]
    return type === 'cookie' && cookie !== undefined ? [{ in: 'cookie', name: cookie }] : []
  })
  return places
}
