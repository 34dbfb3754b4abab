import { expect, test } from 'vitest'
import { imported, publicKey } from './fixture.ts'

const pem = publicKey.pem.trim().split('\n').join('\n          ')

const jwt = `_format_version: "3.0"
services:
  - name: shop
    url: http://shop.internal:8080
    plugins:
      - name: jwt
        config: { claims_to_verify: [exp, nbf], maximum_expiration: 3600, uri_param_names: [] }
    routes:
      - { name: hello, paths: [/hello], methods: [GET] }
      - { name: numbers, paths: ['~/n/\\d+$'] }
  - name: open
    url: http://open.internal
    routes: [{ name: ping, paths: [/ping] }]
consumers:
  - username: gateproof
    jwt_secrets:
      - key: https://issuer.example.test/
        algorithm: RS256
        rsa_public_key: |
          ${pem}
`

test('the plugin jwt: the credentials of the consumers are the issuers and their keys', () => {
  const { config, text, blanks } = imported('kong', jwt)
  expect(config.target.routes).toMatchObject({
    protected: { path: '/hello' },
    public: { path: '/ping' },
    others: [],
  })
  expect(config.target.credentials).toEqual([{ in: 'header', name: 'Authorization', scheme: 'Bearer' }])
  expect(config.policy).toMatchObject({ issuers: ['https://issuer.example.test/'], algorithms: ['RS256'] })
  expect(config.policy.enforces).toEqual(new Map([['max-lifetime', '3600s']]))
  expect(config.policy.jwks).toMatch(/gateproof\.jwks\.json$/)
  expect(blanks).toEqual(['FILL_IN_GATEWAY_URL', 'FILL_IN_AUDIENCE'])
  expect(text).toContain('checks no audience')
  expect(text).toContain('/n/\\d+$: protected')
})

test('a shared secret is never written, and asks for a token instead of a key', () => {
  const { config, text } = imported(
    'kong',
    `plugins: [{ name: jwt, config: { key_claim_name: kid } }]
routes: [{ paths: [/hello] }]
consumers: [{ username: a, jwt_secrets: [{ key: one, secret: hush-hush-hush }] }]
`,
  )
  expect(text).not.toContain('hush')
  expect(config.tokens).toMatchObject({ kind: 'token' })
  expect(config.target.credentials).toContainEqual({ in: 'query', name: 'jwt' })
  expect(text).toContain('claims_to_verify lacks exp')
})

test('the plugin openid-connect, on a flat route that names its service', () => {
  const { config, text } = imported(
    'kong',
    `services: [{ name: shop, url: http://shop.internal }]
routes:
  - { name: orders, service: { name: shop }, paths: [/orders] }
  - { name: hello, service: shop, paths: [/hello] }
plugins:
  - name: openid-connect
    route: orders
    config:
      issuer: https://issuer.example.test/realms/a/.well-known/openid-configuration
      audience_required: [https://api.example.test]
      scopes_required: [orders.read, orders.all]
      scopes_claim: [realm_access, scopes]
      bearer_token_param_type: [header, body]
      leeway: 3
      jwks_endpoint: https://issuer.example.test/keys
`,
  )
  expect(config.target.routes).toMatchObject({
    protected: { path: '/orders', scope: { rule: 'any', scopes: ['orders.read', 'orders.all'] } },
    public: { path: '/hello' },
  })
  expect(config.target.credentials).toEqual([
    { in: 'header', name: 'Authorization', scheme: 'Bearer' },
    { in: 'form', name: 'access_token' },
  ])
  expect(config.policy).toMatchObject({
    issuers: ['https://issuer.example.test/realms/a'],
    clockSkewSeconds: 3,
    keySet: { cooldownMs: 30_000 },
    scopeClaims: [{ path: ['realm_access', 'scopes'], format: 'string' }],
    jwks: 'https://issuer.example.test/keys',
  })
  expect(text).toMatch(/cooldown: 30s # the documented default/)
})

test('a plugin that is switched off protects nothing, and an anonymous consumer neither', () => {
  const off = jwt.replace('- name: jwt', '- name: jwt\n        enabled: false')
  expect(() => imported('kong', off)).toThrow(/holds nothing of the kind kong/)
  const anonymous = jwt.replace('{ claims_to_verify', '{ anonymous: guest, claims_to_verify')
  const { blanks, text } = imported('kong', anonymous)
  expect(blanks).toContain('FILL_IN_PROTECTED_PATH')
  expect(text).toContain('goes on as the anonymous consumer')
})
