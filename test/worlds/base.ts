import type { Config, Route, SigningKey } from '../../lib/config/config.ts'
import { algorithmOf, signBytes } from '../../lib/forge/algorithm.ts'
import type { Beyond } from '../../lib/reference/gateway/beyond.ts'
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
      ...(world === 'query'
        ? [
            {
              path: '/orders',
              methods: ['POST'],
              backend,
              requestPolicies: { authorization: { type: 'ANY_OF', allowedScope: ['orders.write'] } },
            },
          ]
        : []),
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

/** What the backend learns: the token and claims of it, or neither. */
const forwards: Readonly<Record<Base, NonNullable<Config['policy']['forwards']>>> = {
  header: { credential: 'keep', claims: { 'X-Caller': 'sub', 'X-Caller-Team': 'team' }, format: 'plain' },
  // OCI takes the parameter out of the query.
  query: { credential: 'strip', claims: {}, format: 'plain' },
  fetched: { credential: 'strip', claims: {}, format: 'plain' },
}

/** What the deployment specification cannot say of it. */
export const baseBeyond = (world: Base): Beyond => ({
  forwards: { stripsCredential: world === 'fetched', claims: forwards[world].claims },
})

/** A good token of another user, by the same key. */
const secondToken = (key: SigningKey): string => {
  const now = Math.floor(Date.now() / 1000)
  const algorithm = algorithmOf(key.alg)
  if (algorithm === undefined) throw new Error('an unknown algorithm')
  const claims = {
    iss: issuer,
    aud: audience,
    sub: 'second',
    client_id: 'second',
    jti: 'second',
    iat: now,
    exp: now + 36_000,
  }
  const input = [{ alg: key.alg, typ: 'JWT', kid: key.kid }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${signBytes(algorithm, key.privateKey, Buffer.from(input)).toString('base64url')}`
}

/** The configuration that the other worlds depart from. */
export const baseConfig = (world: Base, origin: string, { keys, keySet }: Standing): Config => {
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
      ...(world === 'fetched' ? { jwks: keySet.jwksUrl } : {}),
      clockSkewSeconds: 0,
      scopeClaims: [{ path: ['scope'], format: 'string' }],
      requiredClaims: [],
      forwards: forwards[world],
      enforces: new Map<string, true>([
        ['require-exp', true],
        ['bound-tokens', true],
        ['drops-identity-headers', true],
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
      others: world === 'header' ? { second: { kind: 'token', token: secondToken(first) } } : {},
    },
    serve: {
      upstream: { host: '127.0.0.1', port: 0, idHeader: 'x-gateproof-id' },
      listener: { host: 'localhost', port: 0, reachable: true },
    },
    cases: { include: [], exclude: [], files: [], require: [], maxInconclusive: 0, maxWaitMs: 60_000 },
    waivers: [],
    load: {
      model: 'closed',
      engine: 'native',
      connections: 1,
      maxConnections: 1,
      arrivals: 'uniform',
      keepAlive: true,
      workers: 1,
      warmupMs: 0,
      mix: {},
      tokens: 1,
      phases: [],
    },
    thresholds: [],
    report: { dir: '', formats: [] },
    secrets: [],
  }
}
