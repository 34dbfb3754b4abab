import { isIP } from 'node:net'
import type { Config, OtherTokenName } from '../config/config.ts'
import { algorithmOf } from '../forge/algorithm.ts'

/** What the tokens of this run turned out to be. */
export type TokenFacts = {
  /** The algorithm of the good token; undefined where it is opaque or not there yet. */
  readonly algorithm?: string
  readonly publicKeyKnown: boolean
  readonly issuerKnown: boolean
  readonly audienceKnown: boolean
  /** The issuer's key as its key set has it; undefined where no key set is configured. */
  readonly servedKey?: { readonly alg?: unknown; readonly x5c?: unknown }
}

/** The features that this target, with what the user supplied, has: computed, never declared twice. */
export const featuresOf = (config: Config, facts: TokenFacts): ReadonlySet<string> =>
  new Set([
    ...supplies(config, facts),
    ...algorithmFamilies(facts),
    ...keyFeatures(config, facts),
    ...credentialFeatures(config),
    ...scopeFeatures(config),
    ...(config.target.origin.startsWith('https:') ? ['tls'] : []),
    ...(isIP(new URL(config.target.origin).hostname.replace(/^\[|\]$/g, '')) === 0 ? ['named-host'] : []),
    ...(config.policy.clockSkewSeconds === undefined ? [] : ['declared-skew']),
    ...config.policy.enforces.keys(),
    // RFC 9068 section 4 has the type checked.
    ...(config.policy.enforces.has('rfc9068') ? ['typ-at-jwt'] : []),
  ])

const otherFeatures: Readonly<Record<OtherTokenName, string>> = {
  second: 'second-token',
  otherAudience: 'other-audience',
  otherScope: 'other-scope',
  noScope: 'no-scope',
  expired: 'expired',
  otherIssuer: 'other-issuer',
  idToken: 'id-token',
  revoked: 'revoked',
}

const isOtherName = (name: string): name is OtherTokenName => Object.hasOwn(otherFeatures, name)

/** The feature that a genuine token of `tokens.others` stands for. */
export const otherFeature = (name: string): string => (isOtherName(name) ? otherFeatures[name] : name)

const supplies = ({ target, tokens, serve }: Config, facts: TokenFacts): string[] => {
  const { scoped } = target.routes
  return [
    ...(tokens.kind === 'keys' ? ['signing-key'] : []),
    ...(tokens.kind === 'keys' && tokens.keys.length > 1 ? ['second-key'] : []),
    ...Object.keys(tokens.others).map(otherFeature),
    ...(facts.algorithm === undefined ? [] : ['jwt']),
    ...(facts.publicKeyKnown ? ['public-key'] : []),
    ...(facts.issuerKnown ? ['issuer'] : []),
    ...(facts.audienceKnown ? ['audience'] : []),
    ...(serve.upstream === undefined ? [] : ['upstream']),
    ...(scoped?.scope === undefined ? [] : ['scoped-route']),
    ...(scoped?.scope !== undefined && (scoped.scope.rule === 'any' || scoped.scope.scopes.length === 1)
      ? ['scope-any']
      : []),
    ...(target.routes.public === undefined ? [] : ['public-route']),
    ...(target.routes.optional === undefined ? [] : ['optional-route']),
    ...(target.unsafeMethods ? ['unsafe-methods'] : []),
  ]
}

const algorithmFamilies = ({ algorithm }: TokenFacts): string[] => {
  const known = algorithmOf(algorithm)
  switch (known?.family) {
    case 'rsa':
      return ['asymmetric', 'rsa', known.padding === 'pss' ? 'rsa-pss' : 'rsa-pkcs1']
    case 'ec':
      return ['asymmetric', 'ecdsa']
    case 'okp':
      return ['asymmetric', 'eddsa']
    case 'hmac':
      return ['hmac']
    default:
      return []
  }
}

const keyFeatures = ({ tokens, policy }: Config, { algorithm, servedKey }: TokenFacts): string[] => {
  const allowed: readonly string[] = policy.algorithms
  const known = algorithmOf(algorithm)
  const further = known === undefined ? [] : [known.sibling, known.twin]
  const second = tokens.kind === 'keys' ? tokens.keys[1]?.alg : undefined
  return [
    ...(second !== undefined && second !== algorithm && allowed.includes(second) ? ['second-algorithm'] : []),
    ...(further.length > 0 && !further.some((name) => allowed.includes(name)) ? ['spare-algorithm'] : []),
    ...(servedKey === undefined
      ? []
      : [servedKey.alg === undefined ? 'key-without-algorithm' : 'key-names-algorithm']),
    ...(policy.jwks?.startsWith('http') === true ? ['key-set-url'] : []),
    ...(Array.isArray(servedKey?.x5c) ? ['key-certificate'] : []),
  ]
}

const credentialFeatures = ({ target }: Config): string[] => {
  const [home] = target.credentials
  const places = new Set(target.credentials.map((place) => place.in))
  const bearer =
    home.in === 'header' &&
    home.name.toLowerCase() === 'authorization' &&
    home.scheme?.toLowerCase() === 'bearer'
  return [
    ...(home.in === 'header' && home.scheme !== null ? ['header-credential'] : []),
    ...(bearer ? ['bearer-scheme'] : []),
    ...(['query', 'cookie', 'form'] as const).map(
      (place) => `${places.has(place) ? '' : 'no-'}${place}-credential`,
    ),
  ]
}

const scopeFeatures = ({ policy }: Config): string[] => {
  const [first] = policy.scopeClaims
  const names = policy.scopeClaims.map(({ path }) => path.join('.'))
  return [
    ...(first.format === 'string' ? ['scope-string'] : []),
    ...(first.path.length === 1 && first.path[0] === 'scope' ? ['scope-claim'] : []),
    ...(names.includes('scp') ? [] : ['no-scp-claim']),
  ]
}
