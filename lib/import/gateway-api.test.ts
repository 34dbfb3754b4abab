import { expect, test } from 'vitest'
import { linesOf } from '../../test/fixtures/config-folder.ts'
import { imported, publicKey } from './fixture.ts'
import { importText } from './import.ts'

const route = (name: string, rules: string): string => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name} }
spec:
  parentRefs: [{ name: edge }]
  hostnames: [shop.example.test]
  rules: ${rules}
---
`
const policy = (spec: string): string => `apiVersion: gateway.envoyproxy.io/v1alpha1
kind: SecurityPolicy
metadata: { name: tokens }
spec:
${spec}`

const provider = `
  jwt:
    providers:
      - name: issuer
        issuer: https://issuer.example.test/
        audiences: [https://api.example.test]
        remoteJWKS: { uri: https://issuer.example.test/keys, cacheDuration: 5m }
        extractFrom: { headers: [{ name: Authorization, valuePrefix: "Bearer " }] }
        claimToHeaders: [{ header: x-sub, claim: sub }]
`

test('the route that a policy is attached to is protected, with the scopes that the policy asks for', () => {
  const { config, text } = imported(
    'gateway-api',
    route('orders', '[{ matches: [{ path: { type: Exact, value: /orders }, method: GET }] }]') +
      route('ping', '[{ matches: [{ path: { value: /ping } }] }]') +
      policy(`  targetRefs: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: orders }]${provider}
  authorization:
    defaultAction: Deny
    rules:
      - action: Allow
        principal:
          jwt:
            provider: issuer
            scopes: [orders.read, orders.list]
            claims: [{ name: user.tenant, values: [acme] }]
`),
    'https://shop.example.test',
  )
  expect(config.target.routes).toMatchObject({
    protected: { path: '/orders', scope: { rule: 'all', scopes: ['orders.read', 'orders.list'] } },
    public: { path: '/ping' },
  })
  expect(config.policy).toMatchObject({
    keySet: { maxAgeMs: 300_000 },
    requiredClaims: [{ path: ['user', 'tenant'], values: ['acme'], required: true }],
    forwards: { claims: { 'x-sub': 'sub' } },
  })
  expect(text).toMatch(/# \? is there a route that any good token gets in/)
  expect(text).toContain('for the host shop.example.test')
})

test('a policy of the gateway holds for each of its routes, and an optional token is so written', () => {
  const { config } = imported(
    'gateway-api',
    route('a', '[{ matches: [{ path: { type: PathPrefix, value: /a } }] }]') +
      `${policy(`  targetRef: { group: gateway.networking.k8s.io, kind: HTTPRoute, name: a }${provider}`)}---
${policy(`  targetRef: { group: gateway.networking.k8s.io, kind: Gateway, name: edge }${provider.replace('  jwt:', '  jwt:\n    optional: true')}`)}---
${route('b', '[{ matches: [{ path: { type: RegularExpression, value: "/b/[0-9]+" } }] }]')}`,
  )
  expect(config.target.routes).toMatchObject({ protected: { path: '/a' }, optional: { path: '/filled' } })
})

test('keys in the policy are written beside the file', () => {
  const inline = provider.replace(
    'remoteJWKS: { uri: https://issuer.example.test/keys, cacheDuration: 5m }',
    `localJWKS: { type: Inline, inline: '${JSON.stringify({ keys: [publicKey.jwk] })}' }`,
  )
  const { config, blanks } = imported(
    'gateway-api',
    route('a', '[{}]') + policy(`  targetRef: { kind: HTTPRoute, name: a }${inline}`),
  )
  expect(config.policy.jwks).toMatch(/gateproof\.jwks\.json$/)
  expect(config.policy.algorithms).toEqual(['RS256'])
  expect(blanks).toEqual(['FILL_IN_GATEWAY_URL'])
})

test('what is no JWK Set is told at its line', () => {
  const text = policy(`  jwt:
    providers:
      - name: a
        localJWKS: { inline: "nonsense" }
`)
  expect(linesOf(() => importText('gateway-api', 'f.yaml', text))).toEqual([
    'f.yaml:8:30: holds no JWK Set',
    expect.stringContaining('{"keys":['),
  ])
})
