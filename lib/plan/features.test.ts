import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { configOf, privateJwk, rsaKey, smallConfig } from '../../test/fixtures/config-folder.ts'
import { localCertificate } from '../../test/worlds/standing.ts'
import { featuresOf, type TokenFacts } from './features.ts'

const facts: TokenFacts = { algorithm: 'RS256', publicKeyKnown: true, issuerKnown: true, audienceKnown: true }

const features = (
  text = smallConfig,
  changes: Partial<TokenFacts> = {},
  files: Record<string, string> = {},
) => featuresOf(configOf(text, { files }), { ...facts, ...changes })

const issued = `target:
  url: https://gw.example.test
  routes: { protected: /hello }
tokens: { token: opaque }
`

const routed = (routes: string) => smallConfig.replace('protected: /hello', `protected: /hello, ${routes}`)
const placed = (credential: string) => smallConfig.replace('policy:', `  credential: ${credential}\npolicy:`)
const governed = (policy: string) => smallConfig.replace('[RS256] }', `[RS256], ${policy} }`)

test('the smallest configuration with a key has what a key gives', () => {
  expect([...features()].sort()).toEqual([
    'asymmetric',
    'audience',
    'bearer-scheme',
    'encrypting-key',
    'header-credential',
    'issuer',
    'jwt',
    'no-cookie-credential',
    'no-eddsa',
    'no-encryption',
    'no-es256k',
    'no-form-credential',
    'no-query-credential',
    'no-scp-claim',
    'public-key',
    'rsa',
    'rsa-pkcs1',
    'scope-claim',
    'scope-string',
    'signing-key',
    'spare-algorithm',
  ])
})

test('a token of somebody else gives no signing key, and an opaque one no JWT', () => {
  const opaque = features(issued, { publicKeyKnown: false, issuerKnown: false, audienceKnown: false })
  expect(opaque).not.toContain('signing-key')
  const blind = featuresOf(configOf(issued), {
    publicKeyKnown: false,
    issuerKnown: false,
    audienceKnown: false,
  })
  for (const name of ['jwt', 'public-key', 'issuer', 'audience', 'asymmetric', 'spare-algorithm'])
    expect(blind).not.toContain(name)
  expect(blind).toContain('tls')
  expect(blind).toContain('named-host')
})

test.each([
  ['RS256', ['asymmetric', 'rsa', 'rsa-pkcs1']],
  ['PS384', ['asymmetric', 'rsa', 'rsa-pss']],
  ['ES256', ['asymmetric', 'ecdsa']],
  ['EdDSA', ['asymmetric', 'eddsa']],
  ['HS256', ['hmac']],
])('a token with %s has the family of its algorithm', (algorithm, wanted) => {
  const families = ['asymmetric', 'rsa', 'rsa-pkcs1', 'rsa-pss', 'ecdsa', 'eddsa', 'hmac']
  const found = features(issued, { algorithm })
  expect(families.filter((name) => found.has(name))).toEqual(wanted)
})

describe('routes', () => {
  test.each([
    ['scoped: { path: /a, scope: x }', ['scoped-route', 'scope-any']],
    ['scoped: { path: /a, scope: { all: [x] } }', ['scoped-route', 'scope-any']],
    ['scoped: { path: /a, scope: { all: [x, y] } }', ['scoped-route']],
    ['scoped: { path: /a, scope: { any: [x, y] } }', ['scoped-route', 'scope-any']],
    ['public: /a', ['public-route']],
    ['optional: /a', ['optional-route']],
  ])('%s', (routes, wanted) => {
    const known = ['scoped-route', 'scope-any', 'public-route', 'optional-route']
    const found = features(routed(routes))
    expect(known.filter((name) => found.has(name))).toEqual(wanted)
  })
})

describe('the place of the token', () => {
  const known = ['header-credential', 'bearer-scheme', 'query-credential', 'cookie-credential']
  test.each([
    ['{ in: header, name: Authorization, scheme: Bearer }', ['header-credential', 'bearer-scheme']],
    ['{ in: header, name: X-Token, scheme: Bearer }', ['header-credential']],
    ['{ in: header, name: X-Token, scheme: null }', []],
    ['{ in: query, name: jwt }', ['query-credential']],
    [
      '[{ in: header, name: Authorization, scheme: Bearer }, { in: cookie, name: t }]',
      [known[0], known[1], known[3]],
    ],
  ])('%s', (credential, wanted) => {
    const found = features(placed(credential))
    expect(known.filter((name) => found.has(name))).toEqual(wanted)
  })
})

describe('the policy', () => {
  test('declares what it enforces, and RFC 9068 asks for the type', () => {
    expect(features(governed('enforces: [require-exp]'))).toContain('require-exp')
    expect(features(governed('enforces: [rfc9068]'))).toContain('typ-at-jwt')
    expect(features(governed('clockSkew: 0s'))).toContain('declared-skew')
  })

  test.each([
    ['scopeClaim: scp', ['scope-string']],
    ['scopeClaim: { path: [realm_access, roles], format: array }', ['no-scp-claim']],
    ['scopeClaim: [scope, scp]', ['scope-string', 'scope-claim']],
  ])('%s', (claim, wanted) => {
    const found = features(governed(claim))
    expect(['scope-string', 'scope-claim', 'no-scp-claim'].filter((name) => found.has(name))).toEqual(wanted)
  })
})

describe('keys', () => {
  const two = (second: object) => ({
    'private.jwks.json': JSON.stringify({
      keys: [
        privateJwk(rsaKey(2048), { alg: 'RS256', kid: 'a' }),
        privateJwk(rsaKey(2048), { kid: 'b', ...second }),
      ],
    }),
  })
  const both = smallConfig.replace('[RS256]', '[RS256, PS256]')

  test('a second one may be for a second algorithm that the policy allows', () => {
    expect(features(both, {}, two({ alg: 'PS256' }))).toContain('second-algorithm')
    expect(features(both, {}, two({ alg: 'RS256' }))).not.toContain('second-algorithm')
    expect(features(both, {}, two({ alg: 'RS256' }))).toContain('second-key')
  })

  test('an algorithm is to spare where the policy allows neither the sibling nor the twin', () => {
    expect(features()).toContain('spare-algorithm')
    expect(features(both)).not.toContain('spare-algorithm')
  })

  test('served ones are told by what their set says of them', () => {
    expect(features(smallConfig, { servedKey: { alg: 'RS256' } })).toContain('key-names-algorithm')
    expect(features(smallConfig, { servedKey: {} })).toContain('key-without-algorithm')
    expect(features(smallConfig, { servedKey: { x5c: ['MII'] } })).toContain('key-certificate')
    expect(features(governed('jwks: https://idp.example.test/jwks'))).toContain('key-set-url')
  })
})

test('each genuine token with a known difference is a feature', () => {
  const others = smallConfig.replace(
    'tokens: { keys: private.jwks.json }',
    'tokens: { keys: private.jwks.json, others: { second: { token: x }, noScope: { token: y } } }',
  )
  const found = features(others)
  expect(found).toContain('second-token')
  expect(found).toContain('no-scope')
  expect(found).not.toContain('expired')
})

test.each([
  ['RSA-OAEP-256', generateKeyPairSync('rsa', { modulusLength: 2048 }), false],
  ['ECDH-ES', generateKeyPairSync('ec', { namedCurve: 'P-256' }), true],
  ['ECDH-ES', generateKeyPairSync('x25519'), false],
] as const)('a gateway that decrypts by %s has a key of its kind', (alg, { publicKey }, isOnCurve) => {
  const text = smallConfig.replace(
    /tokens: \{? ?keys: ([^ }\n]+) ?\}?|tokens:\n {2}keys: (.+)/,
    (_, flow: string | undefined, block: string | undefined) =>
      `tokens: { keys: ${flow ?? block ?? ''}, encryption: { jwk: enc.json, alg: ${alg}, enc: A256GCM } }`,
  )
  const named = features(text, {}, { 'enc.json': JSON.stringify(publicKey.export({ format: 'jwk' })) })
  expect(named).toContain('encryption')
  expect(named).not.toContain('no-encryption')
  expect(named.has('encryption-curve')).toBe(isOnCurve)
})

test.each([
  ['PS256', true],
  ['ES256', true],
  ['ES256K', false],
  ['EdDSA', false],
  ['HS256', false],
])('whether a key for %s could be encrypted to is %s', (algorithm, encrypts) => {
  expect(features(smallConfig, { algorithm }).has('encrypting-key')).toBe(encrypts)
})

describe('what binds tokens', () => {
  const bound = (policy: string) =>
    features(governed(policy).replace('private.jwks.json', 'private.jwks.json, binding: { dpop: true }'))

  test('is a key of ours, with a nonce of the gateway or without', () => {
    expect(bound('dpop: { nonce: required }')).toContain('dpop-nonce')
    expect(bound('dpop: { algorithms: [ES256] }')).toContain('no-dpop-nonce')
    expect(bound('dpop: { algorithms: [ES256] }')).not.toContain('bearer-scheme')
    expect(features()).not.toContain('dpop')
  })
})

describe('what binds tokens of an identity provider', () => {
  const { cert, key } = localCertificate().certificate
  const files = { 'c.pem': cert, 'c.key': key }
  const issued = (binding: string) =>
    smallConfig
      .replace('http://127', 'https://127')
      .replace(
        'keys: private.jwks.json',
        `oauth2: { tokenEndpoint: https://i/token, clientId: c, clientSecret: s }, binding: ${binding}`,
      )
  const certificate = '{ certificate: { cert: c.pem, key: c.key } }'

  test('is a key of ours, where its endpoint takes DPoP', () => {
    expect(features(issued('{ dpop: true }'))).toContain('dpop')
  })

  test('is a certificate only where the token names it', () => {
    const found = (certificateBound: boolean) => features(issued(certificate), { certificateBound }, files)
    expect(found(true)).toContain('certificate-binding')
    expect(found(true)).toContain('bound-tokens')
    expect(found(false)).not.toContain('certificate-binding')
    expect(found(false)).not.toContain('bound-tokens')
  })
})

describe('what the gateway passes on, demands and tells apart', () => {
  test.each<[string, readonly string[]]>([
    ['forwards: { credential: keep }', ['forwards-credential']],
    ['forwards: { credential: strip }', ['strips-credential']],
    ['forwards: { claims: { X-User: sub } }', ['forwards-claims', 'forwards-subject']],
    ['forwards: { claims: { X-Team: team } }', ['forwards-claims', 'forwards-free-claim']],
    ['requiredClaims: { tenant: [] }', ['required-claim']],
    ['requiredClaims: { tenant: [acme] }', ['required-claim', 'required-claim-values']],
    [
      'requiredClaims: { app.plan: [gold] }',
      ['required-claim', 'required-claim-values', 'required-claim-dotted'],
    ],
    ['requiredClaims: { "https://x.example/unit": [] }', ['required-claim', 'required-claim-url']],
    ['enforces: [rfc9068]', ['rfc9068', 'typ-at-jwt', 'require-iat', 'require-exp']],
  ])('%s', (policy, wanted) => {
    const usual = features()
    expect([...features(governed(policy))].filter((name) => !usual.has(name)).sort()).toEqual(
      [...wanted].sort(),
    )
  })

  test.each<[string, string]>([
    ['scoped: { path: /o, scope: { all: [a, b] } }', 'all-scopes-route'],
    ['scoped: { path: /o, scope: a }, others: [{ path: /o, method: POST, scope: b }]', 'method-route'],
    ['others: [{ path: /o, audience: https://other.example.test }]', 'audience-route'],
  ])('%s', (routes, name) => {
    expect(features()).not.toContain(name)
    expect(features(routed(routes))).toContain(name)
  })
})

test('HTTP/2 is there where it is asked for, and another name where TLS can say it', () => {
  const withTarget = (text: string) => smallConfig.replace('policy:', `  ${text}\npolicy:`)
  expect(features(withTarget('http: 2'))).toContain('http2')
  expect(features(withTarget('http: auto'))).not.toContain('http2')
  const named = withTarget('tls: { otherServername: public.example.test }')
  expect(features(named.replace('http://127', 'https://127'))).toContain('other-servername')
  expect(features(named)).not.toContain('other-servername')
})
