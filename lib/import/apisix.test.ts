import { expect, test } from 'vitest'
import { imported, publicKey } from './fixture.ts'

test('jwt-auth: the consumer’s key goes into the tokens, its public key into a file', () => {
  const { config, text, blanks } = imported(
    'apisix',
    `routes:
  - uri: /hello
    methods: [GET]
    plugins: { jwt-auth: { header: X-Token, query: tok, key_claim_name: app } }
    upstream: { type: roundrobin, nodes: { "127.0.0.1:1980": 1 } }
  - uri: /open/*
    service_id: 1
services: [{ id: 1, plugins: {} }]
consumers:
  - username: gateproof
    plugins:
      jwt-auth:
        key: app-one
        algorithm: RS256
        public_key: |
          ${publicKey.pem.trim().split('\n').join('\n          ')}
#END
`,
  )
  expect(config.target.routes).toMatchObject({ protected: { path: '/hello' }, public: { path: '/open/' } })
  expect(config.target.credentials).toEqual([
    { in: 'header', name: 'X-Token', scheme: 'Bearer' },
    { in: 'query', name: 'tok' },
    { in: 'cookie', name: 'jwt' },
  ])
  expect(config.policy).toMatchObject({ algorithms: ['RS256'], clockSkewSeconds: 0 })
  expect(config.tokens).toMatchObject({ kind: 'keys', claims: { app: 'app-one' } })
  expect(text).toMatch(/clockSkew: 0s # the documented default of lifetime_grace_period/)
  expect(blanks).toEqual(['FILL_IN_GATEWAY_URL', 'FILL_IN_ISSUER', 'FILL_IN_AUDIENCE'])
})

test('openid-connect: a route as the Admin API takes it', () => {
  const { config, text } = imported(
    'apisix',
    JSON.stringify({
      uris: ['/orders', '/orders/:id'],
      plugins: {
        'openid-connect': {
          client_id: 'shop',
          client_secret: 'hush-hush-hush',
          discovery: 'https://issuer.example.test/.well-known/openid-configuration',
          bearer_only: true,
          public_key: publicKey.pem,
          token_signing_alg_values_expected: 'RS256',
          required_scopes: ['orders.read'],
          claim_validator: { audience: { match_with_client_id: true } },
        },
      },
    }),
  )
  expect(config.target.routes.protected).toMatchObject({
    path: '/orders',
    scope: { scopes: ['orders.read'] },
  })
  expect(config.policy).toMatchObject({
    issuers: ['https://issuer.example.test'],
    audiences: ['shop'],
    algorithms: ['RS256'],
  })
  expect(text).not.toContain('hush')
  expect(text).not.toContain('bearer_only')
})

test('openid-connect: introspection and the login page are said', () => {
  const { text } = imported(
    'apisix',
    JSON.stringify({
      list: [
        {
          value: {
            uri: '/hello',
            plugins: {
              'openid-connect': {
                discovery: 'https://issuer.example.test/.well-known/openid-configuration',
                introspection_endpoint: 'https://issuer.example.test/introspect',
              },
            },
          },
        },
      ],
    }),
  )
  expect(text).toMatch(/# \? tokens are introspected/)
  expect(text).toContain('bearer_only is off')
  expect(text).toContain('checks no audience')
})
