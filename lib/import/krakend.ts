import type { ClaimPath, CredentialPlace, RequiredClaim } from '../config/config.ts'
import { isFilled } from '../config/fields.ts'
import type { Found, FoundProvider, FoundRoute } from './found.ts'
import type { Node } from './node.ts'
import { headerPlace } from './place.ts'
import { secondsIn } from './seconds.ts'

/** KrakenD's endpoints, those with `auth/validator` and those without. */
export const importKrakend = ([document]: readonly Node[]): Found | undefined => {
  const endpoints = document?.get('endpoints').items() ?? []
  const guarded = endpoints.flatMap((endpoint) => {
    const validator = validatorOf(endpoint)
    return validator === undefined ? [] : [{ endpoint, validator }]
  })
  const [first] = guarded
  if (document === undefined || first === undefined) return undefined
  const { validator } = first
  const port = document.get('port').text()
  const age = validator.get('cache_duration').number()
  const skew = secondsIn(validator.get('leeway'))
  const because = 'the documented default of auth/validator'
  return {
    basePath: '',
    routes: endpoints.flatMap(routesOf),
    credentials: places(validator),
    providers: [providerOf(validator)],
    ...scopeClaims(validator),
    ...requiredRoles(validator),
    clockSkew: skew === undefined ? { seconds: 1, because } : { seconds: skew },
    ...(validator.get('jwk_url').isThere && {
      maxAge:
        validator.get('cache').flag() !== true
          ? { seconds: 0, because: 'cache is off: the keys are fetched for each request' }
          : age === undefined
            ? { seconds: 900, because }
            : { seconds: age },
    }),
    forwards: {
      credential: passesToken(first.endpoint) ? 'keep' : 'strip',
      claims: propagated(validator),
    },
    notes: [
      ...(port === undefined ? [] : [`It listens at port ${port}.`]),
      ...differing(guarded.map((one) => one.validator)),
    ],
    questions: [],
  }
}

const validatorOf = (endpoint: Node): Node | undefined => {
  const extra = endpoint.get('extra_config')
  return [extra.get('auth/validator'), extra.get('github.com/devopsfaith/krakend-jose/validator')].find(
    (one) => one.isThere,
  )
}

const routesOf = (endpoint: Node): readonly FoundRoute[] => {
  const path = endpoint.get('endpoint').text()
  if (path === undefined) return []
  const validator = validatorOf(endpoint)
  return [
    {
      path,
      matches: /[{*]/.test(path) ? 'pattern' : 'itself',
      method: endpoint.get('method').text() ?? 'GET',
      access: validator === undefined ? 'public' : 'protected',
      ...(validator !== undefined && scopeOf(validator)),
    },
  ]
}

const scopeOf = (validator: Node): Pick<FoundRoute, 'scope'> => {
  const scopes = validator.get('scopes').texts()
  const rule = validator.get('scopes_matcher').text() === 'all' ? 'all' : 'any'
  return isFilled(scopes) ? { scope: { rule, scopes } } : {}
}

const places = (validator: Node): readonly CredentialPlace[] => {
  const cookie = validator.get('cookie_key').text()
  return [
    headerPlace(validator.get('auth_header_name').text() ?? 'Authorization', 'Bearer'),
    ...(cookie === undefined ? [] : [{ in: 'cookie', name: cookie } as const]),
  ]
}

const providerOf = (validator: Node): FoundProvider => {
  const [issuer, url, file] = ['issuer', 'jwk_url', 'jwk_local_path'].map((key) => validator.get(key).text())
  const audiences = validator.get('audience').texts()
  return {
    issuers: issuer === undefined ? [] : [issuer],
    audiences,
    algorithms: [validator.get('alg').text() ?? 'RS256'],
    ...(url !== undefined && file === undefined && { keys: { kind: 'url', url } }),
    ...(file !== undefined && {
      note: `The keys are in ${file} on the gateway’s machine: name a copy of it as jwks.`,
    }),
    ...(audiences.length > 1 && {
      note: 'KrakenD demands all of these audiences: `tokens.claims` must name them.',
    }),
  }
}

/** With a dot the name is a path from claim to claim. */
const scopeClaims = (validator: Node): Pick<Found, 'scopeClaims'> => {
  const path = validator.get('scopes_key').text()?.split('.') ?? []
  const claim: ClaimPath | undefined = isFilled(path) ? { path, format: 'string' } : undefined
  return claim === undefined ? {} : { scopeClaims: [claim] }
}

/** Without `roles_key` the roles are in `roles` (defaultRolesKey in krakend-jose). */
const requiredRoles = (validator: Node): Pick<Found, 'requiredClaims'> => {
  const values = validator.get('roles').texts()
  const named = validator.get('roles_key').text()
  const key = named === undefined || named === '' ? 'roles' : named
  const path = validator.get('roles_key_is_nested').flag() === true ? key.split('.') : [key]
  const claim: RequiredClaim | undefined =
    values.length > 0 && isFilled(path) ? { path, values, required: true } : undefined
  return claim === undefined ? {} : { requiredClaims: [claim] }
}

/** Headers go on to the backend only where the endpoint names them. */
const passesToken = (endpoint: Node): boolean =>
  endpoint
    .get('input_headers')
    .texts()
    .some((name) => name === '*' || name.toLowerCase() === 'authorization')

const propagated = (validator: Node): Readonly<Record<string, string>> =>
  Object.fromEntries(
    validator
      .get('propagate_claims')
      .items()
      .flatMap((pair) => {
        const [claim, header] = pair.texts()
        return claim === undefined || header === undefined ? [] : [[header, claim] as const]
      }),
  )

const differing = (validators: readonly Node[]): readonly string[] => {
  const policies = new Set(
    validators.map((one) =>
      JSON.stringify(['issuer', 'audience', 'jwk_url', 'alg'].map((key) => one.get(key).value)),
    ),
  )
  return policies.size > 1
    ? ['Not all endpoints have the same issuer, audience and keys: these are the first endpoint’s.']
    : []
}
