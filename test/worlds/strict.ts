import { generateKeyPairSync } from 'node:crypto'
import type { Config, Route, SigningKey } from '../../lib/config/config.ts'
import { providerWith } from '../../lib/reference/gateway/trust.ts'
import { baseConfig, baseDeployment } from './base.ts'
import { audience, issuer, type Standing } from './standing.ts'
import type { WorldPlan } from './worlds.ts'

const tenant = `${issuer}tenant-a/`
const partner = { issuer: 'https://partner.example.test/', audience: 'https://gw.partner.test/' }
const reports = 'https://reports.embedded.test/'
const forwards = { 'X-Caller': 'sub', 'X-Caller-Team': 'team' }

const partnerKey = (kid: string): SigningKey => ({
  kid,
  alg: 'RS256',
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
})

/** One of them bears the name of the key that signs good tokens. */
const partnerKeys = [partnerKey('partner'), partnerKey('gateproof')] as const

/** A gateway with every demand that there is, for several issuers, several audiences and several scopes. */
export const strictPlan: WorldPlan = {
  topics: ['claims', 'time', 'audience', 'issuer', 'scope', 'upstream', 'hop'],
  gateway: (standing) => ({
    specification: deployment(standing),
    pathPrefix: '/v1',
    beyond: {
      forwards: { stripsCredential: true, claims: forwards },
      cookie: 'token',
      plaintextHost: 'localhost',
      needsAllScopes: ['/v1/both'],
      demands: {
        profile: true,
        maxLifetimeSeconds: 3600,
        maxAgeSeconds: 3600,
        clients: ['gateproof'],
        subject: 'gateproof',
        truths: ['email_verified'],
        authentication: { acr: 'strong', amr: 'mfa', maxAgeSeconds: 3600 },
      },
      trust: {
        providers: [providerWith(partner.issuer, [partner.audience], partnerKeys.map(staticKey))],
        audiences: { '/v1/backend': audience, '/v1/reports': reports },
      },
    },
  }),
  config: (origin, standing) => configFor(baseConfig('header', origin, standing)),
}

const staticKey = ({ kid, publicKey }: SigningKey) => {
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
  return { format: 'JSON_WEB_KEY', kid, kty: 'RSA', use: 'sig', alg: 'RS256', n, e } as const
}

const deployment = (standing: Standing): unknown => {
  const base = baseDeployment('header', standing)
  const backend = { type: 'HTTP_BACKEND', url: standing.upstream.url }
  const scoped = (path: string, method: string, ...allowedScope: readonly string[]) => ({
    path,
    methods: [method],
    backend,
    requestPolicies: { authorization: { type: 'ANY_OF', allowedScope } },
  })
  return {
    requestPolicies: {
      authentication: {
        ...base.requestPolicies.authentication,
        issuers: [tenant],
        verifyClaims: [
          { key: 'tenant', values: ['acme', 'acme-eu'], isRequired: true },
          { key: 'app.plan', values: ['gold'], isRequired: true },
          { key: 'https://claims.example.test/role', values: ['clerk'], isRequired: true },
        ],
      },
    },
    routes: [
      ...base.routes.map((route) => (route.path === '/ping' ? { ...route, backend } : route)),
      scoped('/orders', 'POST', 'orders.write'),
      scoped('/both', 'GET', 'orders.read', 'orders.list'),
      { path: '/reports', methods: ['GET'], backend },
    ],
  }
}

const configFor = (base: Config): Config => {
  const { target, policy, tokens } = base
  const route = (path: string, more: Partial<Route> = {}): Route => ({
    path,
    method: 'GET',
    methodDeclared: true,
    headers: [],
    ...more,
  })
  return {
    ...base,
    target: {
      ...target,
      routes: {
        ...target.routes,
        protected: { ...target.routes.protected, audience },
        others: [
          route('/orders', { method: 'POST', scope: { rule: 'any', scopes: ['orders.write'] } }),
          route('/both', { scope: { rule: 'all', scopes: ['orders.read', 'orders.list'] } }),
          route('/reports', { audience: reports }),
        ],
      },
      plaintextUrl: target.origin.replace('127.0.0.1', 'localhost'),
      credentials: [...target.credentials, { in: 'cookie', name: 'token' }],
    },
    policy: {
      ...policy,
      issuers: [tenant],
      providers: [
        { issuer: tenant, audiences: [audience], algorithms: ['RS256'] },
        { issuer: partner.issuer, audiences: [partner.audience], algorithms: ['RS256'], keys: partnerKeys },
      ],
      requiredClaims: [
        { path: ['tenant'], values: ['acme', 'acme-eu'], required: true },
        { path: ['app.plan'], values: ['gold'], required: true },
        { path: ['https://claims.example.test/role'], values: ['clerk'], required: true },
        { path: ['email_verified'], values: ['true'], required: true },
      ],
      forwards: { credential: 'strip', claims: forwards, format: 'plain' },
      enforces: new Map<string, string | true>([
        ['routes-by-claim', 'tenant'],
        ['require-exp', true],
        ['bound-tokens', true],
        ['drops-identity-headers', true],
        ['algorithm-pinned', true],
        ['rfc9068', true],
        ['allowed-clients', true],
        ['max-lifetime', '1h'],
        ['max-age', '1h'],
        ['subject-pattern', 'gateproof'],
        ['acr', 'strong'],
        ['amr', 'mfa'],
        ['max-auth-age', '1h'],
      ]),
    },
    tokens: tokens.kind === 'keys' ? { ...tokens, claims: { email_verified: true } } : tokens,
  }
}
