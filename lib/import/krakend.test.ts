import { expect, test } from 'vitest'
import { imported } from './fixture.ts'

const validator = {
  alg: 'RS256',
  jwk_url: 'https://issuer.example.test/keys',
  issuer: 'https://issuer.example.test/',
  audience: ['https://api.example.test'],
  auth_header_name: 'X-Token',
  cookie_key: 'tok',
  propagate_claims: [
    ['sub', 'x-sub'],
    ['realm.name', 'x-realm'],
  ],
}
const withEndpoints = (...endpoints: readonly object[]): string =>
  JSON.stringify({ version: 3, port: 8402, endpoints })

const endpoint = (path: string, more: object = {}, settings: object = {}) => ({
  endpoint: path,
  input_headers: ['Authorization'],
  extra_config: { 'auth/validator': { ...validator, ...settings } },
  backend: [{ url_pattern: path }],
  ...more,
})

test('endpoints with a validator are protected, with the scopes of each', () => {
  const { config, text, blanks } = imported(
    'krakend',
    withEndpoints(
      endpoint('/hello'),
      endpoint(
        '/orders',
        {},
        { scopes: ['orders.read', 'orders.list'], scopes_matcher: 'all', scopes_key: 'data.scope' },
      ),
      endpoint('/orders/{id}', { method: 'POST' }),
      { endpoint: '/ping', backend: [] },
    ),
  )
  expect(config.target.routes).toMatchObject({
    protected: { path: '/hello' },
    scoped: { path: '/orders', scope: { rule: 'all', scopes: ['orders.read', 'orders.list'] } },
    public: { path: '/ping' },
  })
  expect(config.target.credentials).toEqual([
    { in: 'header', name: 'X-Token', scheme: 'Bearer' },
    { in: 'cookie', name: 'tok' },
  ])
  expect(config.policy).toMatchObject({
    algorithms: ['RS256'],
    clockSkewSeconds: 1,
    keySet: { maxAgeMs: 0 },
    forwards: { credential: 'keep', claims: { 'x-sub': 'sub', 'x-realm': 'realm.name' } },
  })
  expect(text).toMatch(/clockSkew: 1s # the documented default/)
  expect(text).toMatch(/maxAge: 0s # cache is off/)
  expect(text).toContain('It listens at port 8402')
  expect(text).toContain('POST /orders/{id}: protected')
  expect(blanks).toEqual(['FILL_IN_GATEWAY_URL'])
})

test.each([
  [{ cache: true }, 900_000],
  [{ cache: true, cache_duration: 60 }, 60_000],
])('with %j keys are kept for %i milliseconds', (settings, maxAgeMs) => {
  expect(imported('krakend', withEndpoints(endpoint('/a', {}, settings))).config.policy.keySet).toEqual({
    maxAgeMs,
  })
})

test('roles are a claim that each token needs', () => {
  const roles = { roles: ['admin'], roles_key: 'realm_access.roles', roles_key_is_nested: true, leeway: '1m' }
  const { config } = imported('krakend', withEndpoints(endpoint('/a', {}, roles)))
  expect(config.policy).toMatchObject({
    clockSkewSeconds: 60,
    requiredClaims: [{ path: ['realm_access', 'roles'], values: ['admin'], required: true }],
  })
})

test('without a name for their claim, roles are in the claim roles', () => {
  const { config } = imported('krakend', withEndpoints(endpoint('/a', {}, { roles: ['admin'] })))
  expect(config.policy.requiredClaims).toEqual([{ path: ['roles'], values: ['admin'], required: true }])
})

test('endpoints that disagree are said', () => {
  const { text } = imported(
    'krakend',
    withEndpoints(endpoint('/a'), endpoint('/b', {}, { issuer: 'https://b.example.test/' })),
  )
  expect(text).toContain('Not all endpoints have the same issuer')
})
