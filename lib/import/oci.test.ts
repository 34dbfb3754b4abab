import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { linesOf } from '../../test/fixtures/config-folder.ts'
import { imported, publicKey } from './fixture.ts'
import { importText } from './import.ts'

const { kid, kty, n, e } = publicKey.jwk as Record<string, string>

/** A deployment in the words of the command line: kebab-case keys in a `data` envelope. */
const fromCommandLine = JSON.stringify({
  data: {
    'display-name': 'shop',
    endpoint: 'https://abc.apigateway.eu-frankfurt-1.oci.example.test/shop',
    'path-prefix': '/shop',
    specification: {
      'request-policies': {
        authentication: {
          type: 'JWT_AUTHENTICATION',
          'token-header': 'Authorization',
          'token-auth-scheme': 'Bearer',
          'is-anonymous-access-allowed': true,
          issuers: ['https://identity.oraclecloud.com/', 'https://idcs.example.test'],
          audiences: ['gw.example.test'],
          'max-clock-skew-in-seconds': 10.0,
          'verify-claims': [
            { key: 'tenant', values: ['acme'], 'is-required': true },
            { key: 'region', values: ['eu', 'us'], 'is-required': false },
          ],
          'public-keys': {
            type: 'STATIC_KEYS',
            keys: [{ format: 'JSON_WEB_KEY', kid, kty, n, e, alg: 'RS256', use: 'sig', 'key-ops': null }],
          },
        },
      },
      routes: [
        { path: '/hello', methods: ['GET'], backend: { type: 'STOCK_RESPONSE_BACKEND', status: 200 } },
        {
          path: '/orders',
          methods: ['GET', 'POST'],
          'request-policies': { authorization: { type: 'ANY_OF', 'allowed-scope': ['/read', '/all'] } },
        },
        { path: '/orders/{id}', methods: ['GET'] },
        { path: '/ping', methods: ['ANY'], 'request-policies': { authorization: { type: 'ANONYMOUS' } } },
      ],
    },
  },
})

test('what the command line prints becomes a configuration that loads', () => {
  const { text, blanks, config } = imported('oci', fromCommandLine)
  expect(blanks).toEqual([])
  expect(config.target).toMatchObject({
    origin: 'https://abc.apigateway.eu-frankfurt-1.oci.example.test',
    basePath: '/shop',
    routes: {
      protected: { path: '/hello' },
      scoped: { path: '/orders', scope: { rule: 'any', scopes: ['/read', '/all'] } },
      public: { path: '/ping' },
      others: [],
    },
    credentials: [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }],
  })
  expect(config.policy).toMatchObject({
    issuers: ['https://identity.oraclecloud.com/', 'https://idcs.example.test'],
    audiences: ['gw.example.test'],
    algorithms: ['RS256'],
    clockSkewSeconds: 10,
    requiredClaims: [
      { path: ['tenant'], values: ['acme'], required: true },
      { path: ['region'], values: ['eu', 'us'], required: false },
    ],
  })
  expect(config.policy.jwks).toMatch(/\/gateproof\.jwks\.json$/)
  expect(text).toContain('POST /orders: protected')
  expect(text).toContain('GET /orders/{id}: protected')
})

test('a specification alone leaves the URL open, and its leeway is the documented default', () => {
  const specification = {
    requestPolicies: {
      authentication: {
        type: 'TOKEN_AUTHENTICATION',
        tokenQueryParam: 'token',
        validationPolicy: {
          type: 'REMOTE_JWKS',
          uri: 'https://idcs.example.test/admin/v1/SigningCert/jwk',
          maxCacheDurationInHours: 2,
          additionalValidationPolicy: {
            issuers: ['https://identity.oraclecloud.com/'],
            audiences: ['gw.example.test'],
          },
        },
      },
    },
    routes: [{ path: '/hello', methods: ['GET'] }],
  }
  const { text, blanks, config } = imported('oci', JSON.stringify(specification))
  expect(blanks).toEqual(['FILL_IN_GATEWAY_URL'])
  expect(text).toMatch(/clockSkew: 0s # the documented default/)
  expect(text).toMatch(/# \? what is the deployment’s path prefix/)
  expect(config.target.credentials).toEqual([{ in: 'query', name: 'token' }])
  expect(config.policy).toMatchObject({
    algorithms: ['RS256', 'RS384', 'RS512'],
    jwks: 'https://idcs.example.test/admin/v1/SigningCert/jwk',
    clockSkewSeconds: 0,
    keySet: { maxAgeMs: 7_200_000 },
  })
  expect(
    imported('oci', JSON.stringify(specification), 'https://gw.example.test/v1').config.target.basePath,
  ).toBe('/v1')
})

test('a Terraform plan has its blocks as lists of one, in a module too', () => {
  const values = {
    path_prefix: '/v1',
    specification: [
      {
        request_policies: [
          {
            authentication: [
              {
                type: 'JWT_AUTHENTICATION',
                token_header: 'X-Token',
                token_query_param: '',
                token_auth_scheme: '',
                is_anonymous_access_allowed: false,
                issuers: ['https://identity.oraclecloud.com/'],
                audiences: ['gw.example.test'],
                max_clock_skew_in_seconds: 0,
                verify_claims: [],
                validation_policy: [],
                public_keys: [
                  {
                    type: 'STATIC_KEYS',
                    uri: '',
                    keys: [{ format: 'PEM', kid: 'one', key: publicKey.pem, n: '', e: '' }],
                  },
                ],
              },
            ],
          },
        ],
        routes: [{ path: '/hello', methods: ['GET'], request_policies: [] }],
      },
    ],
  }
  const plan = {
    format_version: '1.2',
    planned_values: {
      root_module: {
        resources: [{ type: 'oci_apigateway_gateway', values: {} }],
        child_modules: [{ resources: [{ type: 'oci_apigateway_deployment', values }] }],
      },
    },
  }
  const { config, text } = imported('oci', JSON.stringify(plan), 'https://gw.example.test')
  expect(config.target).toMatchObject({
    origin: 'https://gw.example.test',
    basePath: '/v1',
    routes: { protected: { path: '/hello' } },
    credentials: [{ in: 'header', name: 'X-Token', scheme: null }],
  })
  expect(config.policy.algorithms).toEqual(['RS256', 'RS384', 'RS512'])
  expect(text).toMatch(/Anonymous access is off/)
})

test('the embedded gateway’s own deployment is read', () => {
  const text = readFileSync(new URL('../../config/embedded/deployment.json', import.meta.url), 'utf8')
  expect(imported('oci', text).config.target.routes).toMatchObject({
    protected: { path: '/hello' },
    scoped: { path: '/orders' },
    public: { path: '/ping' },
  })
})

test('what is wrong is told with file, line and what would be right', () => {
  const wrong = `{
  "requestPolicies": { "authentication": {
    "type": "JWT_AUTHENTICATION", "tokenHeader": ["Authorization"],
    "publicKeys": { "type": "STATIC_KEYS", "keys": [
      { "format": "PEM", "kid": "a", "key": "nonsense" } ] } } },
  "routes": { "path": "/hello" }
}`
  const lines = linesOf(() => importText('oci', 'deployment.json', wrong))
  expect(lines).toEqual([
    'deployment.json:3:35: expected a text, and this is a list',
    expect.stringMatching(/^deployment\.json:5:\d+: is no public key in PEM$/),
    'deployment.json:6:3: expected a list, and this is a map',
  ])
  expect(linesOf(() => importText('oci', 'deployment.json', '{"openapi": "3.0.0"}'))).toEqual([
    'deployment.json:1:1: holds nothing of the kind oci',
    '    expected a deployment specification, `deployment get` output, or Terraform plan JSON',
  ])
  expect(linesOf(() => importText('oci', 'deployment.json', '{'))).toEqual([
    expect.stringMatching(/^deployment\.json:1:2: not valid YAML/),
  ])
})
