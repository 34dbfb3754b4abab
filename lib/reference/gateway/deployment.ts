import { documentCheck } from '../../config/document.ts'
import { type Answer, stockAnswer } from './answer.ts'
import {
  type Authentication,
  methods,
  PathPrefix,
  type ModifyResponse,
  Specification,
  type Route as SpecifiedRoute,
  type StaticKey,
} from './specification.ts'
import { specificationRules } from './specification-rules.ts'

/** Who may call a route. `open`: the deployment has no authentication policy. */
export type Guard =
  | { readonly kind: 'open' }
  | { readonly kind: 'optional' }
  | { readonly kind: 'authenticated' }
  /** One of the scopes is enough, unless all of them are needed. */
  | { readonly kind: 'scoped'; readonly anyOf: readonly string[]; readonly needsAll?: boolean }

export type Backend =
  { readonly kind: 'stock'; readonly answer: Answer } | { readonly kind: 'http'; readonly url: URL }

export type Route = {
  /** With the deployment's path prefix. */
  readonly path: string
  readonly methods: ReadonlySet<string>
  readonly guard: Guard
  readonly backend: Backend
}

/** The routes of a path, in the order of the specification; each has methods of its own. */
export type Routes = ReadonlyMap<string, readonly Route[]>

export type TokenPlace =
  | { readonly in: 'header'; readonly name: string; readonly scheme: string }
  | { readonly in: 'query' | 'cookie'; readonly name: string }

export type ClaimRule = {
  readonly key: string
  /** Empty where any value will do. */
  readonly values: readonly string[]
  readonly required: boolean
}

export type TokenPolicy = {
  readonly place: TokenPlace
  readonly clockSkewSeconds: number
  /** Empty where the policy names none: then any will do. The same holds for the audiences. */
  readonly issuers: readonly string[]
  readonly audiences: readonly string[]
  readonly claims: readonly ClaimRule[]
  readonly keys: ConfiguredKeys
  readonly failure: ModifyResponse | undefined
}

export type ConfiguredKeys =
  | { readonly kind: 'static'; readonly keys: readonly StaticKey[] }
  | {
      readonly kind: 'remote'
      readonly uri: string
      readonly verifiesTls: boolean
      readonly maxAgeMs: number
    }

export type Deployment = { readonly routes: Routes; readonly policy: TokenPolicy | undefined }

const checkSpecification = documentCheck('the deployment specification', Specification, specificationRules)
const checkPathPrefix = documentCheck('the path prefix', PathPrefix, [])

/**
 * Reads a deployment specification.
 * @throws DocumentError with every fault, where the specification breaks a documented rule or asks for what is not
 * modelled.
 */
export const readDeployment = (specification: unknown, pathPrefix: string): Deployment => {
  const checked = checkSpecification(specification)
  checkPathPrefix(pathPrefix)
  const authentication = checked.requestPolicies?.authentication
  const routes = checked.routes.map((route) => routeOf(route, pathPrefix, authentication !== undefined))
  return {
    routes: new Map(routes.map(({ path }) => [path, routes.filter((route) => route.path === path)])),
    policy: authentication === undefined ? undefined : policyOf(authentication),
  }
}

const routeOf = (route: SpecifiedRoute, pathPrefix: string, authenticates: boolean): Route => ({
  path: (pathPrefix === '/' ? '' : pathPrefix) + route.path,
  methods: methodsOf(route.methods ?? ['ANY']),
  guard: authenticates ? guardOf(route) : { kind: 'open' },
  backend:
    route.backend.type === 'HTTP_BACKEND'
      ? { kind: 'http', url: new URL(route.backend.url) }
      : { kind: 'stock', answer: stockAnswer(route.backend) },
})

/** A server that knows GET knows HEAD (RFC 9110 section 9.1). */
const methodsOf = (named: readonly string[]): ReadonlySet<string> =>
  new Set([...(named.includes('ANY') ? methods : named), ...(named.includes('GET') ? ['HEAD'] : [])])

const guardOf = (route: SpecifiedRoute): Guard => {
  const authorization = route.requestPolicies?.authorization ?? { type: 'AUTHENTICATION_ONLY' }
  switch (authorization.type) {
    case 'ANY_OF':
      return { kind: 'scoped', anyOf: authorization.allowedScope }
    case 'AUTHENTICATION_ONLY':
      return { kind: 'authenticated' }
    case 'ANONYMOUS':
      return { kind: 'optional' }
  }
}

const policyOf = (authentication: Authentication): TokenPolicy => {
  const isJwt = authentication.type === 'JWT_AUTHENTICATION'
  const source = isJwt ? authentication.publicKeys : authentication.validationPolicy
  const demands = isJwt ? authentication : authentication.validationPolicy.additionalValidationPolicy
  return {
    place: placeOf(authentication),
    clockSkewSeconds: authentication.maxClockSkewInSeconds ?? 0,
    issuers: demands?.issuers ?? [],
    audiences: demands?.audiences ?? [],
    claims: (demands?.verifyClaims ?? []).map(({ key, values = [], isRequired = false }) => ({
      key,
      values,
      required: isRequired,
    })),
    keys: keysOf(source),
    failure: isJwt ? undefined : authentication.validationFailurePolicy,
  }
}

const placeOf = ({ tokenHeader, tokenAuthScheme, tokenQueryParam }: Authentication): TokenPlace => {
  if (tokenHeader !== undefined && tokenAuthScheme !== undefined)
    return { in: 'header', name: tokenHeader.toLowerCase(), scheme: tokenAuthScheme }
  if (tokenQueryParam !== undefined) return { in: 'query', name: tokenQueryParam }
  throw new Error('a checked policy has a place for the token')
}

type KeysOf =
  | Extract<Authentication, { type: 'JWT_AUTHENTICATION' }>['publicKeys']
  | Extract<Authentication, { type: 'TOKEN_AUTHENTICATION' }>['validationPolicy']

const keysOf = (source: KeysOf): ConfiguredKeys =>
  source.type === 'STATIC_KEYS'
    ? { kind: 'static', keys: source.keys ?? [] }
    : {
        kind: 'remote',
        uri: source.uri,
        verifiesTls: source.isSslVerifyDisabled !== true,
        maxAgeMs: (source.maxCacheDurationInHours ?? 1) * 3_600_000,
      }
