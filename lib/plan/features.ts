import { isIP } from 'node:net'
import type { Config, Listen } from '../config/config.ts'
import type { OtherTokenName } from '../config/token-source.ts'
import { forwardedClaims, freeClaim, subjectHeader } from '../config/forwarded.ts'
import { namesake, otherProviders } from '../config/other-provider.ts'
import { routeNamed } from '../config/route-name.ts'
import { booleanClaim, dottedClaim, requiredClaim, urlClaim } from '../config/required.ts'
import { canBind } from '../config/tokens.ts'
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
  /** Whether somebody else's good token names the certificate of `tokens.binding`; undefined where we sign. */
  readonly certificateBound?: boolean
}

/** The features that this target, with what the user supplied, has: computed, never declared twice. */
export const featuresOf = (config: Config, facts: TokenFacts): ReadonlySet<string> =>
  new Set([
    ...supplies(config, facts),
    ...algorithmFamilies(facts),
    ...keyFeatures(config, facts),
    ...credentialFeatures(config),
    ...scopeFeatures(config),
    ...forwardingFeatures(config),
    ...encryptionFeatures(config, facts),
    ...bindingFeatures(config, facts),
    ...(config.target.origin.startsWith('https:') ? ['tls'] : []),
    ...(config.target.http === '2' ? ['http2'] : []),
    ...(config.target.origin.startsWith('https:') && config.target.tls.otherServername !== undefined
      ? ['other-servername']
      : []),
    ...(isIP(new URL(config.target.origin).hostname.replace(/^\[|\]$/g, '')) === 0 ? ['named-host'] : []),
    ...(config.policy.clockSkewSeconds === undefined ? [] : ['declared-skew']),
    ...(config.policy.keySet?.maxAgeMs === undefined ? [] : ['declared-key-set']),
    ...(config.policy.keySet?.cooldownMs === undefined ? [] : ['declared-cooldown']),
    ...config.policy.enforces.keys(),
    // RFC 9068 section 4 has the type checked; section 2.2 demands both times.
    ...(config.policy.enforces.has('rfc9068') ? ['typ-at-jwt', 'require-iat', 'require-exp'] : []),
    ...claimFeatures(config),
    ...issuerFeatures(config),
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
    ...(serve.listener === undefined ? [] : ['listener']),
    ...(serve.jwks === undefined ? [] : ['served-key-set']),
    ...(serve.jwks?.tls === undefined ? [] : ['served-key-set-tls']),
    ...(target.hooks.restart === undefined ? [] : ['restart-hook']),
    ...(target.hooks.revoke === undefined ? [] : ['revoke-hook']),
    ...(serve.listener !== undefined && isNamed(serve.listener) ? ['named-listener'] : []),
    ...(scoped?.scope === undefined ? [] : ['scoped-route']),
    ...(scoped?.scope !== undefined && (scoped.scope.rule === 'any' || scoped.scope.scopes.length === 1)
      ? ['scope-any']
      : []),
    ...(routeNamed(target, 'scoped-all') === undefined ? [] : ['all-scopes-route']),
    ...(routeNamed(target, 'scoped-method') === undefined ? [] : ['method-route']),
    // Only a token that we sign can be for the audience of another route.
    ...(routeNamed(target, 'other-audience') === undefined || tokens.kind !== 'keys'
      ? []
      : ['audience-route']),
    ...(target.plaintextUrl === undefined ? [] : ['plaintext-url']),
    ...(target.routes.public === undefined ? [] : ['public-route']),
    ...(target.routes.optional === undefined ? [] : ['optional-route']),
    ...(target.unsafeMethods ? ['unsafe-methods'] : []),
  ]
}

/** Names below the listener's own lead to it where its domain says so; below an address there are none. */
const isNamed = ({ host, url }: Listen): boolean =>
  isIP((url === undefined ? host : new URL(url).hostname).replace(/^\[|\]$/g, '')) === 0

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
    ...(allowed.includes('ES256K') ? [] : ['no-es256k']),
    ...(allowed.includes('EdDSA') ? [] : ['no-eddsa']),
    ...(second !== undefined && second !== algorithm && allowed.includes(second) ? ['second-algorithm'] : []),
    ...(further.length > 0 && !further.some((name) => allowed.includes(name)) ? ['spare-algorithm'] : []),
    ...(servedKey === undefined
      ? []
      : [servedKey.alg === undefined ? 'key-without-algorithm' : 'key-names-algorithm']),
    ...(policy.jwks?.startsWith('http') === true ? ['key-set-url'] : []),
    ...(Array.isArray(servedKey?.x5c) ? ['key-certificate'] : []),
  ]
}

const encryptionFeatures = ({ encryption }: Config, { algorithm }: TokenFacts): string[] => {
  const known = algorithmOf(algorithm)
  const encrypts =
    known?.family === 'rsa' || (known?.family === 'ec' && known.curve?.startsWith('P-') === true)
  const isOnCurve = encryption?.publicKey.asymmetricKeyType === 'ec'
  return [
    encryption === undefined ? 'no-encryption' : 'encryption',
    ...(isOnCurve ? ['encryption-curve'] : []),
    ...(encrypts ? ['encrypting-key'] : []),
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

const issuerFeatures = ({ target, policy, tokens }: Config): string[] => {
  const [other] = otherProviders(policy)
  const home = target.routes.protected.audience
  const kid = tokens.kind === 'keys' ? tokens.keys[0].kid : undefined
  const [issuer = ''] = policy.issuers
  return [
    ...(other === undefined || tokens.kind !== 'keys' ? [] : ['other-provider']),
    ...(namesake(policy, kid) === undefined ? [] : ['same-kid-provider']),
    ...(other !== undefined && !other.audiences.includes(policy.audiences[0] ?? '')
      ? ['provider-audience']
      : []),
    ...(other !== undefined && home !== undefined && !other.audiences.includes(home) ? ['bound-route'] : []),
    ...(/^https?:\/\/[^/]+\/[^/]/.test(issuer) ? ['issuer-path'] : []),
  ]
}

const claimFeatures = ({ policy, tokens }: Config): string[] => {
  const claim = requiredClaim(policy)
  const added = tokens.kind === 'keys' ? tokens.claims : {}
  return [
    ...(claim === undefined ? [] : ['required-claim']),
    ...(claim === undefined || claim.values.length === 0 ? [] : ['required-claim-values']),
    ...(dottedClaim(policy) === undefined ? [] : ['required-claim-dotted']),
    ...(urlClaim(policy) === undefined ? [] : ['required-claim-url']),
    ...(booleanClaim(policy, added) === undefined ? [] : ['required-claim-boolean']),
  ]
}

const forwardingFeatures = ({ policy }: Config): string[] => [
  ...(policy.forwards?.credential === 'keep' ? ['forwards-credential'] : []),
  ...(policy.forwards?.credential === 'strip' ? ['strips-credential'] : []),
  ...(forwardedClaims(policy).length > 0 ? ['forwards-claims'] : []),
  ...(freeClaim(policy) === undefined ? [] : ['forwards-free-claim']),
  ...(subjectHeader(policy) === undefined ? [] : ['forwards-subject']),
]

const scopeFeatures = ({ policy }: Config): string[] => {
  const [first] = policy.scopeClaims
  const names = policy.scopeClaims.map(({ path }) => path.join('.'))
  return [
    ...(first.format === 'string' ? ['scope-string'] : []),
    ...(first.path.length === 1 && first.path[0] === 'scope' ? ['scope-claim'] : []),
    ...(names.includes('scp') ? [] : ['no-scp-claim']),
  ]
}

/** A certificate shows in TLS alone, and binds only what names it. */
const bindingFeatures = (
  { target, tokens, policy, binding }: Config,
  { certificateBound }: TokenFacts,
): string[] => {
  const bound = canBind(tokens) && binding?.dpop === true
  const secure = target.origin.startsWith('https:')
  const certified =
    secure && binding?.certificate !== undefined && (tokens.kind === 'keys' || certificateBound === true)
  return [
    ...(bound ? ['dpop', policy.dpop?.nonce === 'required' ? 'dpop-nonce' : 'no-dpop-nonce'] : []),
    ...(certified ? ['certificate-binding'] : []),
    // RFC 9449 section 7.2, RFC 8705 section 3: who knows of bindings takes no bound token for a bearer token.
    ...(bound || certified ? ['bound-tokens'] : []),
    ...(secure && binding?.otherCertificate !== undefined ? ['other-certificate'] : []),
  ]
}
