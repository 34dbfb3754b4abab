import type { Config, Route, SigningKey } from '../../lib/config/config.ts'
import { audience, issuer, type Standing } from './standing.ts'

type Base = 'header' | 'query' | 'fetched'

/** A deployment specification whose parts another world can put together anew. */
export type BaseDeployment = {
  readonly requestPolicies: { readonly authentication: Readonly<Record<string, unknown>> }
  readonly routes: readonly Readonly<Record<string, unknown>>[]
}

/** The deployment specification that the other worlds depart from. */
export const baseDeployment = (world: Base, { keys, upstream, keySet }: Standing): BaseDeployment => {
  const stock = { type: 'STOCK_RESPONSE_BACKEND', status: 200, body: 'hello' }
  const backend = { type: 'HTTP_BACKEND', url: upstream.url }
  const anonymous = { authorization: { type: 'ANONYMOUS' } }
  return {
    requestPolicies: {
      authentication: {
        type: 'JWT_AUTHENTICATION',
        ...(world === 'query'
          ? { tokenQueryParam: 'access_token' }
          : { tokenHeader: 'Authorization', tokenAuthScheme: 'Bearer' }),
        isAnonymousAccessAllowed: true,
        issuers: [issuer],
        audiences: [audience],
        maxClockSkewInSeconds: 0,
        publicKeys:
          world === 'fetched'
            ? { type: 'REMOTE_JWKS', uri: keySet.jwksUrl }
            : { type: 'STATIC_KEYS', keys: keys.map(staticKey) },
      },
    },
    routes: [
      { path: '/backend', methods: ['ANY'], backend },
      {
        path: '/orders',
        methods: ['GET'],
        backend,
        requestPolicies: { authorization: { type: 'ANY_OF', allowedScope: ['orders.read'] } },
      },
      { path: '/welcome', methods: ['GET'], backend, requestPolicies: anonymous },
      { path: '/ping', methods: ['GET'], backend: stock, requestPolicies: anonymous },
    ],
  }
}

const staticKey = ({ kid, alg, publicKey }: SigningKey): object => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
  format: 'JSON_WEB_KEY',
})

/** The configuration that the other worlds depart from. */
export const baseConfig = (world: Base, origin: string, { keys, keySetFile: jwks }: Standing): Config => {
  const route = (path: string): Route => ({ path, method: 'GET', methodDeclared: false, headers: [] })
  const [first, ...more] = keys
  if (first === undefined) throw new Error('a world without a key')
  return {
    file: 'the kill matrix',
    target: {
      name: 'the reference gateway',
      origin,
      basePath: '/v1',
      routes: {
        protected: route('/backend'),
        scoped: { ...route('/orders'), scope: { rule: 'any', scopes: ['orders.read'] } },
        optional: route('/welcome'),
        public: route('/ping'),
        // Where the good token has a second scope, other faults show than where it has one.
        others:
          world === 'query'
            ? [{ ...route('/orders'), method: 'POST', scope: { rule: 'any', scopes: ['orders.write'] } }]
            : [],
      },
      credentials:
        world === 'query'
          ? [{ in: 'query', name: 'access_token' }]
          : [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }],
      proxy: { kind: 'none' },
      http: '1.1',
      tls: { insecure: false },
      headers: [],
      timeoutMs: 1500,
      pace: { concurrency: 8 },
      unsafeMethods: true,
      hooks: {},
    },
    policy: {
      issuers: [issuer],
      audiences: [audience],
      algorithms: ['RS256'],
      providers: [],
      ...(world === 'fetched' ? { jwks } : {}),
      clockSkewSeconds: 0,
      scopeClaims: [{ path: ['scope'], format: 'string' }],
      requiredClaims: [],
      enforces: new Map<string, true>([
        ['require-exp', true],
        // OCI's policy names no algorithms: only the key can.
        ...(world === 'fetched' ? [] : ([['algorithm-pinned', true]] as const)),
      ]),
    },
    tokens: {
      kind: 'keys',
      keys: [first, ...more],
      claims: {},
      header: {},
      lifetimeSeconds: 300,
      others: {},
    },
    serve: {
      upstream: { host: '127.0.0.1', port: 0, idHeader: 'x-gateproof-id' },
      listener: { host: '127.0.0.1', port: 0, reachable: true },
    },
    cases: { include: [], exclude: [], files: [], require: [], maxInconclusive: 0, maxWaitMs: 60_000 },
    waivers: [],
    load: { model: 'closed', connections: 1, workers: 1, warmupMs: 0, durationMs: 0, mix: {}, tokens: 1 },
    thresholds: [],
    report: { dir: '', formats: [] },
    secrets: [],
  }
}
