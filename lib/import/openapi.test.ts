import { expect, test } from 'vitest'
import { linesOf } from '../../test/fixtures/config-folder.ts'
import { imported } from './fixture.ts'
import { importText } from './import.ts'

test('operations are protected by the schemes that are answered with a token', () => {
  const { config, text, blanks } = imported(
    'openapi',
    `openapi: 3.1.0
info: { title: shop, version: "1" }
servers: [{ url: https://api.example.test/v2/ }]
security: [{ oidc: [] }]
components:
  securitySchemes:
    oidc: { type: openIdConnect, openIdConnectUrl: https://issuer.example.test/.well-known/openid-configuration }
    flow:
      type: oauth2
      flows: { clientCredentials: { tokenUrl: https://issuer.example.test/token, scopes: { orders.read: read } } }
    key: { type: apiKey, in: header, name: x-key }
paths:
  /hello: { get: { responses: {} } }
  /orders:
    parameters: []
    get: { security: [{ flow: [orders.read, orders.list] }] }
    post: { security: [{ flow: [orders.write] }] }
  /orders/{id}: { get: {} }
  /ping: { get: { security: [] } }
  /welcome: { get: { security: [{ oidc: [] }, {}] } }
  /keyed: { get: { security: [{ key: [] }] } }
`,
  )
  expect(config.target).toMatchObject({
    origin: 'https://api.example.test',
    basePath: '/v2',
    routes: {
      protected: { path: '/hello' },
      scoped: { path: '/orders', scope: { rule: 'all', scopes: ['orders.read', 'orders.list'] } },
      public: { path: '/ping' },
      optional: { path: '/welcome' },
      others: [],
    },
  })
  expect(config.policy.issuers).toEqual(['https://issuer.example.test'])
  expect(blanks).toEqual(['FILL_IN_AUDIENCE', 'FILL_IN_ALGORITHM'])
  expect(text).toContain('Tokens are issued at https://issuer.example.test/token')
  expect(text).toContain('GET /keyed: public; asks for another kind of credential')
})

test('Swagger 2.0 and a server without a host', () => {
  const swagger = {
    swagger: '2.0',
    host: 'api.example.test',
    basePath: '/v1',
    schemes: ['http'],
    paths: { '/a': { get: { security: [{ token: [] }] } } },
    securityDefinitions: { token: { type: 'apiKey', in: 'header', name: 'Authorization' } },
  }
  const { config, blanks } = imported('openapi', JSON.stringify(swagger))
  expect(config.target).toMatchObject({
    origin: 'http://api.example.test',
    basePath: '/v1',
    routes: { protected: { path: '/a' } },
  })
  expect(blanks).toEqual(['FILL_IN_ISSUER', 'FILL_IN_AUDIENCE', 'FILL_IN_ALGORITHM'])
  const relative = imported(
    'openapi',
    'openapi: 3.0.0\nservers: [{ url: /v3 }]\npaths: { /a: { get: {} } }\n',
  )
  expect(relative.blanks.slice(0, 2)).toEqual(['FILL_IN_GATEWAY_URL', 'FILL_IN_PROTECTED_PATH'])
  expect(relative.config.target.basePath).toBe('/v3')
  expect(relative.text).toMatch(/# \? where does the token travel/)
})

test('what has no paths is no definition, and paths that are a list are told', () => {
  expect(linesOf(() => importText('openapi', 'f.yaml', 'a: 1'))[0]).toBe(
    'f.yaml:1:1: holds nothing of the kind openapi',
  )
  expect(linesOf(() => importText('openapi', 'f.yaml', 'paths: [/a]'))).toEqual([
    'f.yaml:1:1: expected a map, and this is a list',
  ])
})
