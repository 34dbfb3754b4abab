import type { CredentialPlace } from '../config/config.ts'
import { issuerOfDiscovery } from './discovery.ts'
import type { Found, FoundProvider } from './found.ts'
import type { Node } from './node.ts'
import { openApiRoutes } from './openapi-routes.ts'
import { bearer, distinctPlaces } from './place.ts'

/** An OpenAPI definition (3.x, or Swagger 2.0): its servers, operations and the schemes that are answered with a token. */
export const importOpenApi = ([definition]: readonly Node[]): Found | undefined => {
  if (definition?.get('paths').isThere !== true) return undefined
  const schemes = [
    ...definition.get('components', 'securitySchemes').members(),
    ...definition.get('securityDefinitions').members(),
  ]
  const withToken = schemes.filter(([, scheme]) => placeOf(scheme) !== undefined)
  const names = withToken.map(([name]) => name)
  const server = serverOf(definition)
  return {
    ...server,
    routes: openApiRoutes(definition, (name) => names.includes(name), 'all'),
    credentials: distinctPlaces(withToken.flatMap(([, scheme]) => placeOf(scheme) ?? [])),
    providers: withToken.length === 0 ? [] : [providerOf(withToken.map(([, scheme]) => scheme))],
    notes: withToken.flatMap(([, scheme]) => tokenEndpoints(scheme)),
    questions: [
      'a definition says what the API promises: is the gateway configured so?',
      ...(withToken.length === 0 ? ['where does the token travel? No security scheme says it.'] : []),
    ],
  }
}

/** The first server, with the defaults of its variables; one that is no whole URL gives the base path alone. */
export const serverOf = (definition: Node): Pick<Found, 'url' | 'basePath'> => {
  const [server] = definition.get('servers').items()
  const host = definition.get('host').text()
  const swagger =
    host === undefined
      ? definition.get('basePath').text()
      : `${definition.get('schemes').texts()[0] ?? 'https'}://${host}${definition.get('basePath').text() ?? ''}`
  const template = server?.get('url').text() ?? swagger ?? ''
  const text = template.replace(
    /\{([^}]*)\}/g,
    (whole, name: string) => server?.get('variables').get(name).get('default').text() ?? whole,
  )
  const isWhole = /^https?:\/\/[^{}]+$/.test(text) && URL.canParse(text)
  const path = (isWhole ? new URL(text).pathname : /^\/[^{}]*$/.test(text) ? text : '').replace(/\/+$/, '')
  return { ...(isWhole && { url: new URL(text).origin }), basePath: path }
}

const placeOf = (scheme: Node): CredentialPlace | undefined => {
  const [type, name] = [scheme.get('type').text(), scheme.get('name').text()]
  if (type === 'http') return scheme.get('scheme').text()?.toLowerCase() === 'bearer' ? bearer : undefined
  if (type === 'oauth2' || type === 'openIdConnect') return bearer
  // Swagger 2.0 has no scheme for bearer tokens, so they are described as a key in this header.
  return type === 'apiKey' && name?.toLowerCase() === 'authorization' ? bearer : undefined
}

const providerOf = (schemes: readonly Node[]): FoundProvider => {
  const urls = schemes.flatMap((scheme) => scheme.get('openIdConnectUrl').text() ?? [])
  return {
    issuers: urls.map(issuerOfDiscovery),
    audiences: [],
    algorithms: [],
    ...(urls.length > 0 && {
      note: `The issuer is taken from the place of its discovery document, ${urls.join(', ')}: compare.`,
    }),
  }
}

const tokenEndpoints = (scheme: Node): readonly string[] => {
  const flows = scheme
    .get('flows')
    .members()
    .flatMap(([, flow]) => flow.get('tokenUrl').text() ?? [])
  const urls = [...flows, ...scheme.get('tokenUrl').texts()]
  return [...new Set(urls)].map((url) => `Tokens are issued at ${url} (tokens.oauth2.tokenEndpoint).`)
}
