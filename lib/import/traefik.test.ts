import { expect, test } from 'vitest'
import { imported } from './fixture.ts'

test('the JWT middleware of Traefik Hub, in Kubernetes resources', () => {
  const { config, text, blanks } = imported(
    'traefik',
    `apiVersion: traefik.io/v1alpha1
kind: Middleware
metadata: { name: tokens }
spec:
  plugin:
    jwt:
      jwksUrl: https://issuer.example.test/keys
      claims: Equals(\`iss\`, \`https://issuer.example.test/\`) && Contains(\`aud\`, \`https://api.example.test\`)
      forwardHeaders: { X-Sub: sub }
      tokenKey: tok
---
apiVersion: traefik.io/v1alpha1
kind: IngressRoute
metadata: { name: shop }
spec:
  routes:
    - { kind: Rule, match: "Host(\`shop.example.test\`) && PathPrefix(\`/api\`) && Method(\`GET\`)", middlewares: [{ name: tokens }] }
    - { kind: Rule, match: "Host(\`shop.example.test\`) && (Path(\`/ping\`) || PathRegexp(\`^/v[0-9]+/ping$\`))" }
`,
  )
  expect(config.target.routes).toMatchObject({ protected: { path: '/api' }, public: { path: '/ping' } })
  expect(config.target.credentials).toEqual([
    { in: 'header', name: 'Authorization', scheme: 'Bearer' },
    { in: 'query', name: 'tok' },
    { in: 'form', name: 'tok' },
  ])
  expect(config.policy).toMatchObject({
    issuers: ['https://issuer.example.test/'],
    audiences: ['https://api.example.test'],
    jwks: 'https://issuer.example.test/keys',
    forwards: { claims: { 'X-Sub': 'sub' } },
  })
  expect(blanks).toEqual(['FILL_IN_GATEWAY_URL', 'FILL_IN_ALGORITHM'])
  expect(text).toContain('for the host shop.example.test')
})

test('forwardAuth tells where tokens are checked, and asks the rest', () => {
  const { config, text, blanks } = imported(
    'traefik',
    `http:
  routers:
    shop: { rule: "PathPrefix(\`/shop\`)", middlewares: [auth@file], service: shop }
    ping: { rule: "Path(\`/ping\`)", service: shop }
  middlewares:
    auth: { forwardAuth: { address: "http://127.0.0.1:4181/verify" } }
`,
    'http://127.0.0.1:8000',
  )
  expect(config.target.routes).toMatchObject({ protected: { path: '/shop' }, public: { path: '/ping' } })
  expect(text).toContain('http://127.0.0.1:4181/verify')
  expect(blanks).toEqual(['FILL_IN_ISSUER', 'FILL_IN_AUDIENCE', 'FILL_IN_ALGORITHM'])
})

test('groups that forwardAuth has oauth2-proxy demand are the scopes of a route', () => {
  const { config, text } = imported(
    'traefik',
    `http:
  routers:
    hello: { rule: "Path(\`/hello\`)", middlewares: [token], service: shop }
    orders: { rule: "Path(\`/orders\`)", middlewares: [buyers], service: shop }
    ping: { rule: "Path(\`/ping\`)", service: shop }
  middlewares:
    token: { forwardAuth: { address: "http://127.0.0.1:4180/oauth2/auth" } }
    buyers: { forwardAuth: { address: "http://127.0.0.1:4180/oauth2/auth?allowed_groups=orders.read,orders.all" } }
`,
    'http://127.0.0.1:8000',
  )
  expect(config.target.routes).toMatchObject({
    protected: { path: '/hello' },
    scoped: { path: '/orders', scope: { rule: 'any', scopes: ['orders.read', 'orders.all'] } },
    public: { path: '/ping' },
  })
  expect(config.policy.scopeClaims).toEqual([{ path: ['groups'], format: 'array' }])
  expect(text).toContain('http://127.0.0.1:4180/oauth2/auth:')
  expect(text).not.toContain('was not read')
})

test('a second service that is asked is told', () => {
  const { text } = imported(
    'traefik',
    `http:
  routers:
    shop: { rule: "Path(\`/shop\`)", middlewares: [one], service: shop }
    bank: { rule: "Path(\`/bank\`)", middlewares: [two], service: shop }
  middlewares:
    one: { forwardAuth: { address: "http://127.0.0.1:4181/verify" } }
    two: { forwardAuth: { address: "http://127.0.0.1:4182/verify?allowed_groups=a" } }
`,
    'http://127.0.0.1:8000',
  )
  expect(text).toContain('The middleware two was not read: this is one.')
})
