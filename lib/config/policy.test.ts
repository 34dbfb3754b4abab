import { join } from 'node:path'
import { expect, test } from 'vitest'
import { configOf, faultsOf, folderWith, privateJwk, smallConfig } from '../../test/fixtures/config-folder.ts'
import { loadConfig } from './load.ts'

const withPolicy = (policy: string): string =>
  smallConfig.replace('algorithms: [RS256] }', `algorithms: [RS256], ${policy} }`)
const policyOf = (policy: string) => configOf(withPolicy(policy)).policy

test.each([
  ['clockSkew: 0s', { clockSkewSeconds: 0 }],
  ['keySet: { maxAge: 1h, cooldown: 30s }', { keySet: { maxAgeMs: 3_600_000, cooldownMs: 30_000 } }],
  ['jwks: https://i/jwks', { jwks: 'https://i/jwks' }],
  ['scopeClaim: scp', { scopeClaims: [{ path: ['scp'], format: 'string' }] }],
  [
    'scopeClaim: [https://x.y/z, { path: [realm_access, roles], format: array }]',
    {
      scopeClaims: [
        { path: ['https://x.y/z'], format: 'string' },
        { path: ['realm_access', 'roles'], format: 'array' },
      ],
    },
  ],
  [
    'requiredClaims: { tenant: [acme], a.b: c, sub: [] }',
    {
      requiredClaims: [
        { path: ['tenant'], values: ['acme'], required: true },
        { path: ['a.b'], values: ['c'], required: true },
        { path: ['sub'], values: [], required: true },
      ],
    },
  ],
  [
    'requiredClaims: [{ path: [a, b], values: c, required: false }]',
    { requiredClaims: [{ path: ['a', 'b'], values: ['c'], required: false }] },
  ],
  ['forwards: { claims: { X-Sub: sub } }', { forwards: { claims: { 'X-Sub': 'sub' }, format: 'plain' } }],
  [
    'forwards: { credential: strip, format: json }',
    { forwards: { credential: 'strip', claims: {}, format: 'json' } },
  ],
  ['dpop: { nonce: required }', { dpop: { algorithms: ['ES256'], nonce: 'required' } }],
  ['dpop: {}', { dpop: { algorithms: ['ES256'], nonce: 'optional' } }],
  [
    'enforces: [typ-at-jwt, { max-lifetime: 1h }]',
    {
      enforces: new Map<string, string | true>([
        ['typ-at-jwt', true],
        ['max-lifetime', '1h'],
      ]),
    },
  ],
])('%s is understood', (policy, expected) => {
  expect(policyOf(policy)).toMatchObject(expected)
})

test.each([
  ['clockSkew: 60', 'expected a duration'],
  ['scopeClaim: []', 'must not be empty'],
  ['scopeClaim: { path: scope }', 'must be a list, not text'],
  ['requiredClaims: { a: 1 }', 'must be text or a list, not a number'],
  ['requiredClaims: [{ values: a }]', 'missing key `path`'],
  ['dpop: { algorithms: [HS256] }', 'must be one of RS256'],
  ['enforces: [{ a: 1h, b: 1h }]', 'must have exactly one key'],
  ['enforces: [a, b, a]', '`a` stands here twice'],
  ['jwks: missing.json', 'cannot read `missing.json`'],
])('%s is told once: %s', (policy, message) => {
  expect(faultsOf(withPolicy(policy)).filter((line) => line.startsWith('c.yaml'))).toEqual([
    expect.stringContaining(message),
  ])
})

test('a key set in a file is found from the configuration', () => {
  const cwd = folderWith({
    'deep/c.yaml': withPolicy('jwks: ../private.jwks.json').replace('private', '../private'),
  })
  expect(() => loadConfig('deep/c.yaml', { env: {}, cwd })).toThrow()
  const text = withPolicy('jwks: ../set.json').replace('keys: ', 'keys: ../')
  const folder = folderWith({ 'deep/c.yaml': text, 'set.json': '{}' })
  expect(loadConfig('deep/c.yaml', { env: {}, cwd: folder }).policy.jwks).toBe(join(folder, 'set.json'))
})

test('providers have what the policy has where they say nothing else, and stand in for it', () => {
  const providers = `
  - { issuer: https://a, audience: [x, y], algorithms: [ES256], jwks: https://a/jwks }
  - { issuer: https://b, audience: z, algorithms: [RS256], keys: k.json }`
  const text = smallConfig.replace(
    /policy.*\ntokens.*\n/,
    `policy:\n  providers:${providers}\ntokens: { token: T }\n`,
  )
  const { policy } = configOf(text, { files: { 'k.json': JSON.stringify(privateJwk()) } })
  expect(policy).toMatchObject({
    issuers: ['https://a', 'https://b'],
    audiences: ['x', 'y'],
    algorithms: ['ES256'],
  })
  expect(policy.providers).toMatchObject([
    { issuer: 'https://a', audiences: ['x', 'y'], jwks: 'https://a/jwks' },
    { issuer: 'https://b', audiences: ['z'], keys: [{ kid: 'k', alg: 'RS256' }] },
  ])
  expect(policyOf('providers: [{ issuer: https://c }]')).toMatchObject({
    issuers: ['i'],
    providers: [{ issuer: 'https://c', audiences: ['a'], algorithms: ['RS256'] }],
  })
})
