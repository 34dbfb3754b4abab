import { randomBytes, randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Config, Route, SigningKey } from '../lib/config/config.ts'
import { loadSuites } from '../lib/config/suites.ts'
import { openExchange } from '../lib/exchange/exchange.ts'
import { algorithmOf, freshKey } from '../lib/forge/algorithm.ts'
import { faults as table, type FaultName } from '../lib/reference/gateway/faults.ts'
import { startGateway } from '../lib/reference/gateway/gateway.ts'
import { runConformance } from '../lib/run.ts'
import { startUpstream, type Upstream } from '../lib/serve/upstream.ts'
import type { JudgedCase } from '../lib/trial/settle.ts'

/** The suites that come with gateproof. */
export const suite = loadSuites(fileURLToPath(new URL('../suites/', import.meta.url)), [])

export const faultNames = Object.keys(table) as FaultName[]

/** Wrong in every way at once: what they fail proves nothing about a case. */
export const bluntFaults: readonly FaultName[] = ['accept-all', 'refuse-all', 'no-challenge']

const issuer = 'https://identity.oraclecloud.com/'
const audience = 'https://gw.embedded.test/'

/** Where the gateway looks for the token: OCI takes a header or a query parameter, never both. */
export type World = 'header' | 'query'
export const worlds: readonly World[] = ['header', 'query']

export type MatrixWorld = {
  /** Runs the named cases against the gateway with these faults. */
  judge(
    faults: readonly FaultName[],
    include: readonly string[],
    world: World,
  ): Promise<readonly JudgedCase[]>
  close(): Promise<void>
}

/** An upstream, two signing keys, and a gateway made anew for each run. */
export const openMatrixWorld = async (): Promise<MatrixWorld> => {
  const upstream = await startUpstream(
    { host: '127.0.0.1', port: 0, idHeader: 'x-gateproof-id' },
    { now: () => Date.now() },
  )
  const keys = await Promise.all([signingKey('gateproof'), signingKey('gateproof-2')])
  return {
    judge: (faults, include, world) => judgeOnce({ faults, include, world, upstream, keys }),
    close: () => upstream.close(),
  }
}

const signingKey = async (kid: string): Promise<SigningKey> => {
  const algorithm = algorithmOf('RS256')
  if (algorithm === undefined) throw new Error('RS256 is not known')
  return { kid, alg: 'RS256', ...(await freshKey(algorithm)) }
}

type Once = {
  readonly faults: readonly FaultName[]
  readonly include: readonly string[]
  readonly world: World
  readonly upstream: Upstream
  readonly keys: readonly SigningKey[]
}

const judgeOnce = async ({
  faults,
  include,
  world,
  upstream,
  keys,
}: Once): Promise<readonly JudgedCase[]> => {
  const gateway = await startGateway({
    specification: deployment(world, keys, upstream.url),
    pathPrefix: '/v1',
    faults,
    now: () => Date.now(),
  })
  const config = configFor(gateway.origin, world, keys)
  const exchanger = openExchange(config.target, { now: () => Date.now(), attemptHeader: 'x-gateproof-id' })
  try {
    const run = await runConformance(
      config,
      suite,
      { include, exclude: [], risky: false },
      {
        exchanger,
        upstream,
        now: () => Date.now(),
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        newId: () => randomUUID(),
        random: (bytes) => randomBytes(bytes),
        signal: new AbortController().signal,
        onEvent: () => undefined,
      },
    )
    return run.cases
  } finally {
    await exchanger.close()
    await gateway.close()
  }
}

const deployment = (world: World, keys: readonly SigningKey[], upstreamUrl: string): unknown => {
  const stock = { type: 'STOCK_RESPONSE_BACKEND', status: 200, body: 'hello' }
  const backend = { type: 'HTTP_BACKEND', url: upstreamUrl }
  const anonymous = { authorization: { type: 'ANONYMOUS' } }
  return {
    requestPolicies: {
      authentication: {
        type: 'JWT_AUTHENTICATION',
        ...(world === 'header'
          ? { tokenHeader: 'Authorization', tokenAuthScheme: 'Bearer' }
          : { tokenQueryParam: 'access_token' }),
        isAnonymousAccessAllowed: true,
        issuers: [issuer],
        audiences: [audience],
        maxClockSkewInSeconds: 0,
        publicKeys: {
          type: 'STATIC_KEYS',
          keys: keys.map(({ kid, alg, publicKey }) => ({
            ...publicKey.export({ format: 'jwk' }),
            format: 'JSON_WEB_KEY',
            kid,
            use: 'sig',
            alg,
          })),
        },
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

const configFor = (origin: string, world: World, keys: readonly SigningKey[]): Config => {
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
        world === 'header'
          ? [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }]
          : [{ in: 'query', name: 'access_token' }],
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
      clockSkewSeconds: 0,
      scopeClaims: [{ path: ['scope'], format: 'string' }],
      requiredClaims: [],
      enforces: new Map<string, true>([
        ['require-exp', true],
        ['algorithm-pinned', true],
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
    serve: { upstream: { host: '127.0.0.1', port: 0, idHeader: 'x-gateproof-id' } },
    cases: { include: [], exclude: [], files: [], require: [], maxInconclusive: 0, maxWaitMs: 60_000 },
    waivers: [],
    load: { model: 'closed', connections: 1, workers: 1, warmupMs: 0, durationMs: 0, mix: {}, tokens: 1 },
    thresholds: [],
    report: { dir: '', formats: [] },
    secrets: [],
  }
}

/** Names of the cases, or CASE/VARIANT, with one of these verdicts, sorted. */
export const named = (cases: readonly JudgedCase[], ...statuses: readonly string[]): readonly string[] =>
  cases
    .flatMap(({ planned, variants }) =>
      variants
        .filter(({ verdict }) => statuses.includes(verdict.status))
        .map(({ variant }) =>
          variant.name === undefined ? planned.case.id : `${planned.case.id}/${variant.name}`,
        ),
    )
    .sort()

/** The topics whose cases name the fault, and the controls. */
export const topicsOf = (fault: FaultName): readonly string[] => {
  const topics = suite.requirements
    .filter(({ cases }) =>
      cases.some(
        (one) =>
          one.fault === fault || Object.values(one.variants ?? {}).some((variant) => variant.fault === fault),
      ),
    )
    .map(({ topic }) => topic)
  return [...new Set(['controls', ...topics])]
}
