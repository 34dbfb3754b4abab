import { expect, test } from 'vitest'
import { imported } from './fixture.ts'

test('a CloudFormation template: authorizer and routes', () => {
  const { config, text, blanks } = imported(
    'aws',
    `AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Api: { Type: AWS::ApiGatewayV2::Api, Properties: { Name: shop, ProtocolType: HTTP } }
  Tokens:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Api
      AuthorizerType: JWT
      IdentitySource: ["$request.header.Authorization"]
      JwtConfiguration:
        Audience: [shop, !Ref Client]
        Issuer: !Sub "https://cognito-idp.\${AWS::Region}.amazonaws.example/pool"
  Hello:
    Type: AWS::ApiGatewayV2::Route
    Properties: { ApiId: !Ref Api, RouteKey: GET /hello, AuthorizationType: JWT, AuthorizerId: !Ref Tokens }
  Orders:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: ANY /orders, AuthorizationType: JWT, AuthorizationScopes: [orders.read, orders.all] }
  Write:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: "POST /orders/{id}", AuthorizationType: JWT }
  Ping:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: GET /ping, AuthorizationType: NONE }
  Rest:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: $default }
`,
  )
  expect(config.target.routes).toMatchObject({
    protected: { path: '/hello' },
    scoped: { path: '/orders', scope: { rule: 'any', scopes: ['orders.read', 'orders.all'] } },
    public: { path: '/ping' },
  })
  expect(config.policy).toMatchObject({
    audiences: ['shop'],
    algorithms: ['RS256'],
    keySet: { maxAgeMs: 7_200_000 },
    scopeClaims: [{ path: ['scope'] }, { path: ['scp'] }],
  })
  expect(blanks).toEqual(['FILL_IN_GATEWAY_URL', 'FILL_IN_ISSUER'])
  expect(text).toContain('POST /orders/{id}: protected')
  expect(text).toMatch(/# \? which stage is deployed/)
})

test('a template of the serverless transform', () => {
  const { config } = imported(
    'aws',
    `Transform: AWS::Serverless-2016-10-31
Resources:
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      Auth:
        DefaultAuthorizer: Tokens
        Authorizers:
          Tokens:
            AuthorizationScopes: [read]
            IdentitySource: $request.querystring.tok
            JwtConfiguration: { issuer: https://issuer.example.test, audience: [shop] }
  Shop:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Hello: { Type: HttpApi, Properties: { Path: /hello, Method: get } }
        Ping: { Type: HttpApi, Properties: { Path: /ping, Method: get, Auth: { Authorizer: NONE } } }
        Nightly: { Type: Schedule, Properties: { Schedule: rate(1 day) } }
`,
  )
  expect(config.target.routes).toMatchObject({
    protected: { path: '/hello', scope: { scopes: ['read'] } },
    public: { path: '/ping' },
  })
  expect(config.target.credentials).toEqual([{ in: 'query', name: 'tok' }])
  expect(config.policy.issuers).toEqual(['https://issuer.example.test'])
})

test('an OpenAPI definition with the extension', () => {
  const { config, blanks } = imported(
    'aws',
    JSON.stringify({
      openapi: '3.0.1',
      servers: [{ url: 'https://api.example.test/{stage}', variables: { stage: { default: 'prod' } } }],
      components: {
        securitySchemes: {
          tokens: {
            type: 'oauth2',
            'x-amazon-apigateway-authorizer': {
              type: 'jwt',
              jwtConfiguration: { issuer: 'https://issuer.example.test', audience: ['shop', 'web'] },
              identitySource: '$request.header.Authorization',
            },
          },
          key: { type: 'apiKey', name: 'x-key', in: 'header' },
        },
      },
      paths: {
        '/hello': { get: { security: [{ tokens: [] }] } },
        '/orders': { get: { security: [{ tokens: ['orders.read'] }] } },
        '/ping': { get: {} },
        '/keyed': { 'x-amazon-apigateway-any-method': { security: [{ key: [] }] } },
      },
    }),
  )
  expect(blanks).toEqual([])
  expect(config.target).toMatchObject({
    origin: 'https://api.example.test',
    basePath: '/prod',
    routes: { protected: { path: '/hello' }, scoped: { path: '/orders' }, public: { path: '/ping' } },
  })
})
