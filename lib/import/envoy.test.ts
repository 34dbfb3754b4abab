import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { imported, publicKey } from './fixture.ts'

const lab = (keys: string): string =>
  readFileSync(new URL('../../config/gateways/envoy/envoy.yaml', import.meta.url), 'utf8').replaceAll(
    '@JWKS@',
    keys,
  )

test('the lab’s own Envoy comes to what its hand-written configuration says', () => {
  const { text, config, blanks } = imported(
    'envoy',
    lab("local_jwks: { filename: '/etc/jwks.json' }"),
    'http://127.0.0.1:8504/v1',
  )
  expect(config.target).toMatchObject({
    origin: 'http://127.0.0.1:8504',
    basePath: '/v1',
    routes: {
      protected: { path: '/hello' },
      scoped: { path: '/orders', scope: { scopes: ['orders.read'] } },
      public: { path: '/ping' },
    },
    credentials: [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }],
  })
  expect(config.policy).toMatchObject({
    issuers: ['https://issuer.example.test/'],
    audiences: ['https://gateway.example.test'],
    clockSkewSeconds: 60,
    forwards: { credential: 'keep', claims: { 'x-jwt-sub': 'sub' } },
  })
  expect(config.policy.enforces).toEqual(new Map([['require-exp', true]]))
  expect(blanks).toEqual(['FILL_IN_ALGORITHM'])
  expect(text).toContain('/etc/jwks.json on the gateway’s machine')
})

test('the address of the listener is the URL where the user names none', () => {
  const { config } = imported('envoy', lab("local_jwks: { filename: '/etc/jwks.json' }"))
  expect(config.target).toMatchObject({
    origin: 'http://127.0.0.1:8504',
    routes: { protected: { path: '/v1/hello' } },
  })
})

const bootstrap = (authn: object, routes: readonly object[] = []): string =>
  JSON.stringify({
    static_resources: {
      listeners: [
        {
          address: { socket_address: { address: '0.0.0.0', port_value: 10000 } },
          filter_chains: [
            {
              filters: [
                {
                  typed_config: {
                    '@type': 'type.googleapis.com/…HttpConnectionManager',
                    route_config: { virtual_hosts: [{ routes }] },
                    http_filters: [
                      { name: 'cors', typed_config: { '@type': 'type.googleapis.com/x.Cors' } },
                      {
                        name: 'anything',
                        typed_config: {
                          '@type':
                            'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication',
                          ...authn,
                        },
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
    },
  })

const provider = {
  issuer: 'https://a.example.test/',
  audiences: ['a1', 'a2'],
  remote_jwks: {
    http_uri: { uri: 'https://a.example.test/jwks', cluster: 'a', timeout: '1s' },
    cache_duration: { seconds: 300 },
  },
}

test('the first rule that matches says what a route demands', () => {
  const authn = {
    providers: { a: { ...provider, clock_skew_seconds: 5, max_lifetime: '3600s' } },
    requirement_map: {
      maybe: { requires_any: { requirements: [{ provider_name: 'a' }, { allow_missing: {} }] } },
    },
    rules: [
      { match: { prefix: '/health' } },
      { match: { path: '/welcome' }, requirement_name: 'maybe' },
      { match: { prefix: '/' }, requires: { provider_name: 'a' } },
    ],
  }
  const route = (match: object, more: object = {}) => ({ match, route: { cluster: 'u' }, ...more })
  const { config, text } = imported(
    'envoy',
    bootstrap(authn, [
      route({ path: '/healthz' }),
      route({ path: '/welcome' }),
      route({ prefix: '/api/' }),
      route(
        { path: '/docs' },
        { typed_per_filter_config: { 'envoy.filters.http.jwt_authn': { disabled: true } } },
      ),
      route({ safe_regex: { regex: '/v[0-9]+/x' } }),
    ]),
  )
  expect(config.target.routes).toMatchObject({
    protected: { path: '/api/' },
    public: { path: '/healthz' },
    optional: { path: '/welcome' },
    others: [],
  })
  expect(text).toMatch(/protected: \/api\/ # and all that begins with it/)
  expect(text).toContain('GET /docs: public')
  expect(config.policy).toMatchObject({
    clockSkewSeconds: 5,
    keySet: { maxAgeMs: 300_000 },
    audiences: ['a1', 'a2'],
  })
  expect(config.policy.enforces).toEqual(new Map([['max-lifetime', '3600s']]))
})

test('without routes the rules themselves are read, and defaults are those of the documentation', () => {
  const { remote_jwks, ...rest } = provider
  const remote = { http_uri: remote_jwks.http_uri }
  const { config, text } = imported(
    'envoy',
    bootstrap({
      providers: { a: { ...rest, remote_jwks: remote } },
      rules: [{ match: { path: '/b' }, requires: { provider_name: 'a' } }, { match: { prefix: '/open' } }],
    }),
  )
  expect(config.target.routes).toMatchObject({ protected: { path: '/b' }, public: { path: '/open' } })
  expect(config.target.credentials).toEqual([
    { in: 'header', name: 'Authorization', scheme: 'Bearer' },
    { in: 'query', name: 'access_token' },
  ])
  expect(text).toMatch(/clockSkew: 60s # the documented default/)
  expect(text).toMatch(/maxAge: 600s # the documented default/)
})

test('several providers get the long form, and inline keys a file without private members', () => {
  const keys = JSON.stringify({ keys: [publicKey.privateJwk] })
  const { config, found } = imported(
    'envoy',
    bootstrap({
      providers: {
        a: provider,
        b: {
          issuer: 'https://b.example.test/',
          audiences: ['b'],
          local_jwks: { inline_string: keys },
          from_cookies: ['tok'],
        },
      },
      rules: [
        {
          match: { path: '/x' },
          requires: { requires_any: { requirements: [{ provider_name: 'a' }, { provider_name: 'b' }] } },
        },
      ],
    }),
  )
  expect(config.policy.providers).toMatchObject([
    { issuer: 'https://a.example.test/', jwks: 'https://a.example.test/jwks' },
    { issuer: 'https://b.example.test/', algorithms: ['RS256'] },
  ])
  const [, second] = found.providers
  expect(second?.keys).toMatchObject({ kind: 'inline', keys: [{ kid: 'one', kty: 'RSA', use: 'sig' }] })
  expect(JSON.stringify(second)).not.toMatch(/"(d|p|q|dp|dq|qi)":/)
})
