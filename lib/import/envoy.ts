import { isFilled } from '../config/fields.ts'
import type { CredentialPlace } from '../config/config.ts'
import { envoyRoutes } from './envoy-routes.ts'
import type { Enforced, Found, FoundProvider } from './found.ts'
import { algorithmsFor, inlineKeys } from './key-source.ts'
import type { Node } from './node.ts'
import { claimHeaders, distinctPlaces, envoyPlaces } from './place.ts'
import { secondsIn } from './seconds.ts'

/** An Envoy bootstrap, or a listener of one: its first filter jwt_authn, and the routes of the same connection manager. */
export const importEnvoy = (documents: readonly Node[]): Found | undefined => {
  const managers = documents.flatMap(managersIn)
  const [manager, other] = managers
  if (manager === undefined) return undefined
  const providers = manager.filter.get('providers').members()
  const [, first] = providers[0] ?? []
  return {
    ...addressOf(manager.listener),
    basePath: '',
    routes: envoyRoutes(manager.config, manager.filter),
    credentials: distinctPlaces(providers.flatMap(([, provider]) => places(provider))),
    providers: providers.map(([, provider]) => providerOf(provider)),
    ...scopeClaims(manager.filter),
    ...(first !== undefined && demandsOf(first)),
    notes: [
      ...(other === undefined ? [] : ['More than one listener has jwt_authn: this is the first.']),
      ...(manager.filter.get('filter_state_rules').isThere ? ['filter_state_rules were not read.'] : []),
    ],
    questions: [],
  }
}

type Manager = { readonly listener: Node; readonly config: Node; readonly filter: Node }

const managersIn = (document: Node): readonly Manager[] => {
  const listeners = document.get('static_resources', 'listeners').items()
  const some = listeners.length > 0 ? listeners : document.get('filter_chains').isThere ? [document] : []
  return some.flatMap((listener) =>
    [...listener.get('filter_chains').items(), listener.get('default_filter_chain')]
      .flatMap((chain) => chain.get('filters').items())
      .map((filter) => filter.get('typed_config'))
      .flatMap((config) => {
        const filter = config.get('http_filters').items().find(isJwtAuthn)
        return filter === undefined ? [] : [{ listener, config, filter: filter.get('typed_config') }]
      }),
  )
}

const isJwtAuthn = (filter: Node): boolean =>
  filter.get('typed_config', '@type').text()?.endsWith('.jwt_authn.v3.JwtAuthentication') === true

/** Where it listens, unless that is every address. */
const addressOf = (listener: Node): Pick<Found, 'url'> => {
  const address = listener.get('address', 'socket_address')
  const [host, port] = [address.get('address').text(), address.get('port_value').number()]
  if (host === undefined || port === undefined || host === '0.0.0.0' || host === '::') return {}
  const tls = listener
    .get('filter_chains')
    .items()
    .some((chain) => chain.get('transport_socket').isThere)
  return { url: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}` }
}

const places = (provider: Node): readonly CredentialPlace[] =>
  envoyPlaces({
    headers: provider.get('from_headers'),
    prefix: 'value_prefix',
    params: provider.get('from_params'),
    cookies: provider.get('from_cookies'),
  })

const providerOf = (provider: Node): FoundProvider => {
  const issuer = provider.get('issuer').text()
  const local = provider.get('local_jwks')
  const url = provider.get('remote_jwks', 'http_uri', 'uri').text()
  const inline = local.get('inline_string').isThere ? inlineKeys(local.get('inline_string')) : undefined
  const file = local.get('filename').text()
  const keys = url === undefined ? inline : ({ kind: 'url', url } as const)
  return {
    issuers: issuer === undefined ? [] : [issuer],
    audiences: provider.get('audiences').texts(),
    algorithms: inline?.kind === 'inline' ? algorithmsFor(inline.keys) : [],
    ...(keys !== undefined && { keys }),
    note:
      file === undefined
        ? 'Which algorithm a key verifies is said by its `alg` in the key set alone.'
        : `The keys are in ${file} on the gateway’s machine: name a copy of it as jwks. Their \`alg\` says which algorithm each verifies.`,
  }
}

const demandsOf = (provider: Node): Partial<Found> => {
  const skew = provider.get('clock_skew_seconds').number()
  const remote = provider.get('remote_jwks')
  const age = secondsIn(remote.get('cache_duration'))
  const because = 'the documented default of Envoy'
  const enforces = enforced(provider)
  return {
    clockSkew: skew === undefined ? { seconds: 60, because } : { seconds: skew },
    ...(remote.isThere && { maxAge: age === undefined ? { seconds: 600, because } : { seconds: age } }),
    forwards: {
      credential: provider.get('forward').flag() === true ? 'keep' : 'strip',
      claims: claimHeaders(provider.get('claim_to_headers'), { header: 'header_name', claim: 'claim_name' }),
    },
    ...(enforces.length > 0 && { enforces }),
  }
}

const enforced = (provider: Node): readonly Enforced[] => {
  const lifetime = secondsIn(provider.get('max_lifetime'))
  if (lifetime !== undefined) return [{ 'max-lifetime': `${lifetime}s` }]
  return provider.get('require_expiration').flag() === true ? ['require-exp'] : []
}

/** The claims that are split at spaces into a list, of which RBAC compares the items. */
const scopeClaims = (filter: Node): Pick<Found, 'scopeClaims'> => {
  const split = filter
    .get('providers')
    .members()
    .flatMap(([, provider]) =>
      provider.get('normalize_payload_in_metadata', 'space_delimited_claims').texts(),
    )
  const claims = [...new Set(split)].map((name) => ({ path: [name], format: 'string' }) as const)
  return isFilled(claims) ? { scopeClaims: claims } : {}
}
