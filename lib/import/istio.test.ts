import { expect, test } from 'vitest'
import { linesOf } from '../../test/fixtures/config-folder.ts'
import { imported, publicKey } from './fixture.ts'
import { importText } from './import.ts'

const authentication = `apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: shop, namespace: edge }
spec:
  selector: { matchLabels: { app: shop } }
  jwtRules:
    - issuer: https://issuer.example.test/
      audiences: [https://api.example.test]
      jwksUri: https://issuer.example.test/keys
      fromHeaders: [{ name: X-Token, prefix: "Token " }]
      fromParams: [tok]
      forwardOriginalToken: true
      outputClaimToHeaders: [{ header: x-sub, claim: sub }]
`

test('routes and scopes come from the authorization policies, keys from the request authentication', () => {
  const { config, text, blanks } = imported(
    'istio',
    `${authentication}---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: shop }
spec:
  action: ALLOW
  rules:
    - from: [{ source: { requestPrincipals: ["*"] } }]
      to: [{ operation: { paths: [/hello], methods: [GET] } }, { operation: { paths: ["/api/*"] } }]
    - to: [{ operation: { paths: [/ping] } }]
    - from: [{ source: { requestPrincipals: ["https://issuer.example.test//*"] } }]
      to: [{ operation: { paths: [/orders], methods: [GET, POST] } }]
      when: [{ key: "request.auth.claims[scope]", values: [orders.read, orders.all] }]
    - to: [{ operation: { paths: [/admin] } }]
      when: [{ key: "request.auth.claims[tenant]", values: [acme] }]
---
apiVersion: v1
kind: Service
metadata: { name: shop }
`,
    'https://gw.example.test',
  )
  expect(config.target.routes).toMatchObject({
    protected: { path: '/hello' },
    scoped: { path: '/orders', scope: { rule: 'any', scopes: ['orders.read', 'orders.all'] } },
    public: { path: '/ping' },
    others: [{ path: '/admin' }],
  })
  expect(config.target.credentials).toEqual([
    { in: 'header', name: 'X-Token', scheme: 'Token' },
    { in: 'query', name: 'tok' },
  ])
  expect(config.policy).toMatchObject({
    issuers: ['https://issuer.example.test/'],
    jwks: 'https://issuer.example.test/keys',
    keySet: { maxAgeMs: 1_200_000 },
    forwards: { credential: 'keep', claims: { 'x-sub': 'sub' } },
  })
  expect(config.policy.clockSkewSeconds).toBeUndefined()
  expect(blanks).toEqual(['FILL_IN_ALGORITHM'])
  expect(text).toContain('asks for tenant: acme')
})

test('a DENY of those without a principal protects all but the paths that it leaves out', () => {
  const { config } = imported(
    'istio',
    `${authentication}---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: shop }
spec:
  action: DENY
  rules:
    - from: [{ source: { notRequestPrincipals: ["*"] } }]
      to: [{ operation: { notPaths: [/healthz] } }]
`,
  )
  expect(config.target.routes).toMatchObject({ protected: { path: '/' }, public: { path: '/healthz' } })
})

test('alone, a RequestAuthentication asks which routes demand a token', () => {
  const inline = authentication.replace(
    'jwksUri: https://issuer.example.test/keys',
    `jwks: '${JSON.stringify({ keys: [publicKey.jwk] })}'`,
  )
  const { text, config, blanks } = imported('istio', inline)
  expect(blanks).toEqual(['FILL_IN_GATEWAY_URL', 'FILL_IN_PROTECTED_PATH'])
  expect(text).toMatch(/# \? which AuthorizationPolicy demands a token/)
  expect(config.policy.algorithms).toEqual(['RS256'])
})

test('resources in a List are found, and a file without them is told', () => {
  const list = {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'security.istio.io/v1',
        kind: 'RequestAuthentication',
        spec: { jwtRules: [{ issuer: 'i' }] },
      },
    ],
  }
  expect(imported('istio', JSON.stringify(list)).config.policy.issuers).toEqual(['i'])
  expect(linesOf(() => importText('istio', 'f.yaml', 'kind: Service\n'))).toEqual([
    'f.yaml:1:1: holds nothing of the kind istio',
    '    expected RequestAuthentication and AuthorizationPolicy resources',
  ])
})
