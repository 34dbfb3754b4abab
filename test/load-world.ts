import { randomBytes, randomUUID } from 'node:crypto'
import type { Config } from '../lib/config/config.ts'
import { openExchange } from '../lib/exchange/exchange.ts'
import { runLoadCases } from '../lib/load/cases/run.ts'
import type { LoadCaseOutcome } from '../lib/load/cases/settle.ts'
import type { FaultName } from '../lib/reference/gateway/faults.ts'
import { startGateway } from '../lib/reference/gateway/gateway.ts'
import { startKeySet, type KeySet } from '../lib/serve/key-set.ts'
import { startUpstream, type Upstream } from '../lib/serve/upstream.ts'
import { suite } from './matrix-world.ts'
import { audience, issuer, publishedKey, signingKey } from './worlds/standing.ts'

/** How long the gateway keeps its keys. */
const maxAgeMs = 500

const now = () => Date.now()

/** Runs load cases against the reference gateway with these faults: with a key set and an upstream that are ours. */
export const playUnderLoad = async (
  faults: readonly FaultName[],
  include: readonly string[],
): Promise<ReadonlyMap<string, LoadCaseOutcome>> => {
  const local = { host: '127.0.0.1', port: 0 }
  const key = await signingKey('gateproof')
  const upstream = await startUpstream({ ...local, idHeader }, { now })
  const keySet = await startKeySet(local, { issuer, keys: [publishedKey(key)] }, now)
  const gateway = await startGateway({
    specification: specification(upstream, keySet),
    pathPrefix: '/v1',
    odd: { keySetMaxAgeMs: maxAgeMs },
    beyond: { forwards: { claims: { 'X-Caller': 'sub' } }, keySetCooldownMs: 50 },
    faults,
    now,
  })
  const config = configFor(gateway.origin, [key])
  const exchanger = openExchange(config.target, { now, attemptHeader: idHeader })
  try {
    const run = await runLoadCases(
      config,
      suite,
      { selection: { include, exclude: [], risky: true }, seed: 1, onProgress: () => undefined },
      {
        ...{ exchanger, upstream, keySet, now },
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        newId: () => randomUUID(),
        random: (bytes) => randomBytes(bytes),
        signal: new AbortController().signal,
        onEvent: () => undefined,
      },
    )
    if (run.trouble !== undefined) throw new Error(run.trouble.kind)
    return new Map(run.outcomes.map((one) => [one.planned.case.id, one]))
  } finally {
    await exchanger.close()
    await Promise.all([gateway.close(), upstream.close(), keySet.close()])
  }
}

const idHeader = 'x-gateproof-id'

const specification = (upstream: Upstream, keySet: KeySet): unknown => ({
  requestPolicies: {
    authentication: {
      type: 'JWT_AUTHENTICATION',
      tokenHeader: 'Authorization',
      tokenAuthScheme: 'Bearer',
      isAnonymousAccessAllowed: true,
      issuers: [issuer],
      audiences: [audience],
      maxClockSkewInSeconds: 0,
      publicKeys: { type: 'REMOTE_JWKS', uri: keySet.jwksUrl },
    },
  },
  routes: [
    { path: '/backend', methods: ['ANY'], backend: { type: 'HTTP_BACKEND', url: upstream.url } },
    {
      path: '/ping',
      methods: ['GET'],
      backend: { type: 'HTTP_BACKEND', url: upstream.url },
      requestPolicies: { authorization: { type: 'ANONYMOUS' } },
    },
  ],
})

const configFor = (origin: string, keys: Extract<Config['tokens'], { kind: 'keys' }>['keys']): Config => {
  const route = (path: string) => ({ path, method: 'GET', methodDeclared: false, headers: [] })
  return {
    file: 'under load',
    target: {
      name: 'the reference gateway',
      origin,
      basePath: '/v1',
      routes: { protected: route('/backend'), public: route('/ping'), others: [] },
      credentials: [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }],
      proxy: { kind: 'none' },
      http: '1.1',
      tls: { insecure: false },
      headers: [],
      timeoutMs: 5000,
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
      keySet: { maxAgeMs },
      scopeClaims: [{ path: ['scope'], format: 'string' }],
      requiredClaims: [],
      forwards: { credential: 'keep', claims: { 'X-Caller': 'sub' }, format: 'plain' },
      enforces: new Map(),
    },
    tokens: { kind: 'keys', keys, claims: {}, header: {}, lifetimeSeconds: 300, others: {} },
    serve: {
      upstream: { host: '127.0.0.1', port: 0, idHeader },
      jwks: { host: '127.0.0.1', port: 0 },
    },
    cases: { include: [], exclude: [], files: [], require: [], maxInconclusive: 0, maxWaitMs: 60_000 },
    waivers: [],
    load: {
      model: 'closed',
      engine: 'native',
      connections: 1,
      maxConnections: 1,
      arrivals: 'poisson',
      keepAlive: true,
      workers: 1,
      warmupMs: 0,
      mix: { valid: 1 },
      tokens: 1,
      phases: [],
    },
    thresholds: [],
    report: { dir: '', formats: [] },
    secrets: [],
  }
}
