import type { CredentialPlace, RequiredClaim } from '../config/config.ts'
import { publicJwk, type PublicJwk } from '../config/public-key.ts'
import { isFilled } from '../config/fields.ts'
import type { Found, FoundProvider, FoundRoute } from './found.ts'
import { algorithmsFor, pemKeys } from './key-source.ts'
import type { Node } from './node.ts'

/** An OCI API Gateway deployment: its specification, what the command line prints of it, or a Terraform plan's JSON. */
export const importOci = ([document]: readonly Node[]): Found | undefined => {
  const deployment = document && deploymentIn(document)
  if (deployment === undefined) return undefined
  const { specification, prefix, url } = deployment
  const policies = specification.get('requestPolicies')
  const authentication = policies.get('authentication')
  const type = authentication.get('type').text()
  const anonymous = authentication.get('isAnonymousAccessAllowed').flag() === true
  const validation = type === 'TOKEN_AUTHENTICATION' ? authentication.get('validationPolicy') : authentication
  const extra =
    type === 'TOKEN_AUTHENTICATION' ? validation.get('additionalValidationPolicy') : authentication
  const claims = extra.get('verifyClaims').items().flatMap(claim)
  return {
    ...(url !== undefined && { url }),
    ...(prefix !== undefined && { basePath: prefix }),
    routes: specification
      .get('routes')
      .items()
      .flatMap((route) => routesOf(route, type !== undefined)),
    credentials: place(authentication),
    providers: type === undefined ? [] : [provider(validation, extra, authentication)],
    ...(claims.length > 0 && { requiredClaims: claims }),
    ...skew(authentication),
    ...cache(type === 'TOKEN_AUTHENTICATION' ? validation : authentication.get('publicKeys')),
    notes: [
      ...(anonymous ? [] : ['Anonymous access is off: no route is public.']),
      ...(authentication.get('validationFailurePolicy').isThere
        ? ['A validationFailurePolicy changes how refusals look: `refused` on a route says how.']
        : []),
    ],
    questions:
      prefix === undefined
        ? ['what is the deployment’s path prefix? It belongs at the end of target.url.']
        : [],
  }
}

type Deployment = {
  readonly specification: Node
  readonly prefix?: string | undefined
  readonly url?: string | undefined
}

const deploymentIn = (document: Node): Deployment | undefined => {
  const envelope = document.get('data').isThere ? document.get('data') : document
  const planned = terraformValues(document.get('planned_values', 'root_module'))
  const one = planned ?? envelope
  const specification = one.get('specification').isThere ? one.get('specification') : one
  if (!specification.get('routes').isThere) return undefined
  const endpoint = one.get('endpoint').text()
  return {
    specification,
    prefix: one.get('pathPrefix').text(),
    url: endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).origin : undefined,
  }
}

/** The first deployment among the resources of a Terraform module and of the modules in it. */
const terraformValues = (module: Node): Node | undefined => {
  const resource = module
    .get('resources')
    .items()
    .find((one) => one.get('type').text() === 'oci_apigateway_deployment')
  if (resource !== undefined) return resource.get('values')
  return module
    .get('child_modules')
    .items()
    .map(terraformValues)
    .find((one) => one !== undefined)
}

const place = (authentication: Node): readonly CredentialPlace[] => {
  const header = authentication.get('tokenHeader').text()
  const query = authentication.get('tokenQueryParam').text()
  if (filled(query)) return [{ in: 'query', name: query }]
  if (!filled(header)) return []
  const scheme = authentication.get('tokenAuthScheme').text()
  return [{ in: 'header', name: header, scheme: filled(scheme) ? scheme : null }]
}

/** Terraform writes what was left out as an empty text. */
const filled = (text: string | undefined): text is string => text !== undefined && text !== ''

const provider = (validation: Node, extra: Node, authentication: Node): FoundProvider => {
  const source = authentication.get('publicKeys').isThere ? authentication.get('publicKeys') : validation
  const uri = source.get('uri').text()
  const keys = source.get('keys').items().flatMap(staticKey)
  return {
    issuers: extra.get('issuers').texts(),
    audiences: extra.get('audiences').texts(),
    algorithms:
      filled(uri) || keys.length === 0 ? all : algorithmsFor(keys).filter((name) => all.includes(name)),
    ...(filled(uri)
      ? { keys: { kind: 'url', url: uri } }
      : keys.length > 0 && { keys: { kind: 'inline', keys } }),
    ...(source.get('type').text() === 'REMOTE_DISCOVERY' && {
      note: 'The gateway asks the provider about each token (introspection): gateproof can’t sign good ones.',
    }),
  }
}

/** What the gateway knows, by its documentation. */
const all: readonly string[] = ['RS256', 'RS384', 'RS512']

const staticKey = (node: Node): readonly PublicJwk[] => {
  if (node.get('format').text() === 'PEM') return pemKeys(node.get('key'), { kid: node.get('kid').text() })
  const key = publicJwk(node.value)
  if (key === undefined) node.tell('is no RSA key', 'a static key has kid, kty, n and e')
  return key === undefined ? [] : [key]
}

const claim = (node: Node): RequiredClaim[] => {
  const name = node.get('key').text()
  const required = node.get('isRequired').flag() === true
  return name === undefined ? [] : [{ path: [name], values: node.get('values').texts(), required }]
}

const skew = (authentication: Node): Pick<Found, 'clockSkew'> => {
  if (!authentication.isThere) return {}
  const seconds = authentication.get('maxClockSkewInSeconds').number()
  return {
    clockSkew:
      seconds === undefined ? { seconds: 0, because: 'the documented default of the gateway' } : { seconds },
  }
}

const cache = (keys: Node): Pick<Found, 'maxAge'> => {
  const hours = keys.get('maxCacheDurationInHours').number()
  return hours === undefined ? {} : { maxAge: { seconds: hours * 3_600 } }
}

const routesOf = (route: Node, authenticates: boolean): readonly FoundRoute[] => {
  const path = route.get('path').text()
  if (path === undefined) return []
  const authorization = route.get('requestPolicies', 'authorization')
  const type = authorization.get('type').text()
  const scopes = authorization.get('allowedScope').texts()
  const open = !authenticates || type === 'ANONYMOUS'
  const methods = route.get('methods').texts()
  return (methods.length === 0 ? ['ANY'] : methods).map((method) => ({
    path,
    matches: path.includes('{') ? 'pattern' : 'itself',
    ...(method !== 'ANY' && { method }),
    access: open ? 'public' : 'protected',
    ...(type === 'ANY_OF' && isFilled(scopes) && { scope: { rule: 'any', scopes } }),
  }))
}
