import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { DocumentError, type Fault } from '../../config/document.ts'
import { readDeployment } from './deployment.ts'
import { authentication, jwkOf, publicKey, routes, specificationWith } from './testing/rig.ts'

const faultsOf = (specification: unknown): readonly Fault[] => {
  try {
    readDeployment(specification, '/v1')
    return []
  } catch (error) {
    if (error instanceof DocumentError) return error.faults
    throw error
  }
}

const pathsOf = (specification: unknown): readonly string[] => faultsOf(specification).map(({ path }) => path)

const key = { format: 'JSON_WEB_KEY', ...jwkOf(publicKey) }
const pem = { format: 'PEM', kid: 'PEM_KEY', key: publicKey.export({ type: 'spki', format: 'pem' }) }
const withKey = (changed: object) =>
  specificationWith({ publicKeys: { type: 'STATIC_KEYS', keys: [{ ...key, ...changed }] } })
const withRoute = (route: object) => specificationWith({}, [{ ...routes[0], path: '/more', ...route }])
const modulusOf = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).publicKey

const policy = 'requestPolicies.authentication'
const firstKey = `${policy}.publicKeys.keys[0]`

describe('a deployment specification', () => {
  const fine: Record<string, unknown> = {
    'of the older kind': specificationWith(),
    'with a PEM key': specificationWith({ publicKeys: { type: 'STATIC_KEYS', keys: [key, pem] } }),
    'with a key without use and alg': withKey({ use: undefined, alg: undefined, key_ops: ['verify'] }),
    'with remote keys': specificationWith({
      publicKeys: { type: 'REMOTE_JWKS', uri: 'https://idp.example.test/jwk', maxCacheDurationInHours: 24 },
    }),
    'without authentication': { routes: [routes[0]] },
    'of the recommended kind': {
      requestPolicies: {
        authentication: {
          type: 'TOKEN_AUTHENTICATION',
          tokenQueryParam: 'access_token',
          validationPolicy: { type: 'STATIC_KEYS', keys: [pem] },
          validationFailurePolicy: { type: 'MODIFY_RESPONSE', responseCode: '403' },
        },
      },
      routes: [routes[0]],
    },
  }
  it.each(Object.entries(fine))('is taken: %s', (_, specification) => {
    expect(faultsOf(specification)).toEqual([])
  })

  const five = ['a', 'b', 'c', 'd', 'e']
  const broken: Record<string, readonly [specification: unknown, ...paths: string[]]> = {
    'no place of the token': [
      specificationWith({ tokenHeader: undefined, tokenAuthScheme: undefined }),
      policy,
    ],
    'two places of the token': [specificationWith({ tokenQueryParam: 'token' }), policy],
    'a header without a scheme': [specificationWith({ tokenAuthScheme: undefined }), policy],
    'a scheme without a header': [
      specificationWith({ tokenHeader: undefined, tokenQueryParam: 'token' }),
      `${policy}.tokenAuthScheme`,
    ],
    'a clock skew beyond two minutes': [
      specificationWith({ maxClockSkewInSeconds: 121 }),
      `${policy}.maxClockSkewInSeconds`,
    ],
    'six issuers': [specificationWith({ issuers: [...five, 'f'] }), `${policy}.issuers`],
    'six audiences': [specificationWith({ audiences: [...five, 'f'] }), `${policy}.audiences`],
    'eleven claims': [
      specificationWith({ verifyClaims: Array.from({ length: 11 }, () => ({ key: 'tenant' })) }),
      `${policy}.verifyClaims`,
    ],
    'eleven keys': [
      specificationWith({
        publicKeys: {
          type: 'STATIC_KEYS',
          keys: Array.from({ length: 11 }, (_, index) => ({ ...key, kid: String(index) })),
        },
      }),
      `${policy}.publicKeys.keys`,
    ],
    'two keys of one kid': [
      specificationWith({ publicKeys: { type: 'STATIC_KEYS', keys: [key, { ...pem, kid: key.kid }] } }),
      `${policy}.publicKeys.keys[1].kid`,
    ],
    'a cache of a day and an hour': [
      specificationWith({
        publicKeys: { type: 'REMOTE_JWKS', uri: 'https://idp.example.test/', maxCacheDurationInHours: 25 },
      }),
      `${policy}.publicKeys.maxCacheDurationInHours`,
    ],
    'a key without kid and n': [withKey({ kid: undefined, n: undefined }), firstKey, firstKey],
    'a key of another type': [withKey({ kty: 'EC' }), `${firstKey}.kty`],
    'a key for encryption': [withKey({ use: 'enc' }), `${firstKey}.use`],
    'a key that may not verify': [withKey({ key_ops: ['encrypt', 'sign'] }), `${firstKey}.key_ops`],
    'a key for an algorithm that is not supported': [withKey({ alg: 'PS256' }), `${firstKey}.alg`],
    'a short key': [withKey(jwkOf(modulusOf(1024))), `${firstKey}.n`],
    'a modulus that is no base64url': [withKey({ n: 'a+b' }), `${firstKey}.n`],
    'the exponent 1': [withKey({ e: 'AQ' }), `${firstKey}.e`],
    'a PEM that is none': [
      specificationWith({ publicKeys: { type: 'STATIC_KEYS', keys: [{ ...pem, key: 'PEM' }] } }),
      `${firstKey}.key`,
    ],
    'a short key in PEM': [
      specificationWith({
        publicKeys: {
          type: 'STATIC_KEYS',
          keys: [{ ...pem, key: modulusOf(1024).export({ type: 'spki', format: 'pem' }) }],
        },
      }),
      `${firstKey}.key`,
    ],
    'introspection, which is not modelled': [
      {
        requestPolicies: {
          authentication: {
            type: 'TOKEN_AUTHENTICATION',
            tokenQueryParam: 'token',
            validationPolicy: { type: 'REMOTE_DISCOVERY' },
          },
        },
        routes: [routes[0]],
      },
      `${policy}.validationPolicy`,
    ],
    'an authorizer function, which is not modelled': [
      specificationWith({ type: 'CUSTOM_AUTHENTICATION' }),
      policy,
    ],
    'an anonymous route where nobody may be anonymous': [
      specificationWith({ isAnonymousAccessAllowed: false }),
      'routes[3].requestPolicies.authorization',
    ],
    'authorization without authentication': [
      { routes: [routes[1]] },
      'routes[0].requestPolicies.authorization',
    ],
    'too many routes': [
      { routes: Array.from({ length: 51 }, (_, index) => ({ ...routes[0], path: `/${index}` })) },
      'routes',
    ],
    'no routes': [{ routes: [] }, 'routes'],
    'a route twice': [{ routes: [routes[0], { ...routes[0], methods: ['ANY'] }] }, 'routes[1]'],
    'a path without a slash': [withRoute({ path: 'more' }), 'routes[4].path'],
    'a path with a parameter': [withRoute({ path: '/{id}' }), 'routes[4].path'],
    'a method that is none': [withRoute({ methods: ['GET', 'TRACE'] }), 'routes[4].methods[1]'],
    'a stock response that is too long': [
      withRoute({ backend: { type: 'STOCK_RESPONSE_BACKEND', status: 200, body: 'é'.repeat(2049) } }),
      'routes[4].backend.body',
    ],
    'a header with a line end': [
      withRoute({
        backend: {
          type: 'STOCK_RESPONSE_BACKEND',
          status: 200,
          headers: [{ name: 'A', value: 'b\r\nC: d' }],
        },
      }),
      'routes[4].backend.headers[0].value',
    ],
    'a backend that is not modelled': [
      withRoute({ backend: { type: 'ORACLE_FUNCTIONS_BACKEND', functionId: 'x' } }),
      'routes[4].backend',
    ],
    'a backend that is no HTTP URL': [
      withRoute({ backend: { type: 'HTTP_BACKEND', url: 'ftp://example.test/' } }),
      'routes[4].backend.url',
    ],
    'a member that is not known': [
      { ...authentication, routes: [routes[0]], loggingPolicies: {} },
      ...[...Object.keys(authentication), 'loggingPolicies'].map(() => 'the document'),
    ],
  }
  it.each(Object.entries(broken))(
    'is refused with the place of each fault: %s',
    (_, [specification, ...paths]) => {
      expect(pathsOf(specification)).toEqual(paths)
    },
  )

  it('is refused with all of its faults at once, each with its rule', () => {
    const specification = {
      requestPolicies: {
        authentication: {
          ...authentication,
          isAnonymousAccessAllowed: false,
          tokenQueryParam: 'token',
          maxClockSkewInSeconds: -1,
          publicKeys: {
            type: 'STATIC_KEYS',
            keys: [{ ...key, ...jwkOf(modulusOf(1024)), key_ops: ['sign'] }],
          },
        },
      },
      routes: [...routes, { path: '/more', methods: ['GOT'], backend: { type: 'FUNCTION' } }],
    }
    expect(
      faultsOf(specification)
        .map(({ path, rule }) => `${path} ${rule}`)
        .sort(),
    ).toEqual([
      'requestPolicies.authentication must have exactly one of tokenHeader and tokenQueryParam',
      'requestPolicies.authentication.maxClockSkewInSeconds must be >= 0',
      'requestPolicies.authentication.publicKeys.keys[0].key_ops must hold "verify" where it is there',
      'requestPolicies.authentication.publicKeys.keys[0].n must have 2048 to 4096 bits; this has 1024',
      'routes[3].requestPolicies.authorization may be ANONYMOUS only where isAnonymousAccessAllowed is true',
      'routes[4].backend has the unknown type "FUNCTION"; known: STOCK_RESPONSE_BACKEND, HTTP_BACKEND',
      'routes[4].methods[0] must be one of ["ANY","HEAD","GET","POST","PUT","PATCH","DELETE","OPTIONS"]',
    ])
  })

  it.each(['v1', '/v1/', '', '/a//b', '/a b'])('needs a path prefix that is one: %s', (prefix) => {
    expect(() => readDeployment(specificationWith(), prefix)).toThrow('the path prefix')
  })
})
