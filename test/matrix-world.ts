import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config, Route, SigningKey } from '../lib/config/config.ts'
import { loadSuites } from '../lib/config/suites.ts'
import { openExchange } from '../lib/exchange/exchange.ts'
import { algorithmOf, freshKey } from '../lib/forge/algorithm.ts'
import { makeCertificate } from '../lib/forge/certificate.ts'
import { faults as table, type FaultName } from '../lib/reference/gateway/faults.ts'
import { startGateway } from '../lib/reference/gateway/gateway.ts'
import { runConformance } from '../lib/run.ts'
import { startUpstream, type Upstream } from '../lib/serve/upstream.ts'
import type { JudgedCase } from '../lib/trial/settle.ts'

/** The suites that come with gateproof. */
export const suite = loadSuites(fileURLToPath(new URL('../suites/', import.meta.url)), [])

export const faultNames = Object.keys(table) as FaultName[]

/**
 * Faults that no case can notice yet: their cases need a listener, a key set that changes, a step before, or a policy that
 * this world does not declare. Each is proved by a test of the gateway's own, and the whole matrix tells when one is noticed.
 */
export const awaiting: readonly FaultName[] = [
  'authorization-stripped',
  'claim-array-contains',
  'claim-case',
  'claim-dots-descend',
  'claim-empty-passes',
  'claim-missing-passes',
  'claim-object-passes',
  'claim-substring',
  'claim-unchecked',
  'cnf-ignored',
  'cnf-malformed-ignored',
  'cnf-unknown-ignored',
  'connection-strips-headers',
  'exp-inclusive',
  'identity-headers-kept',
  'identity-underscores-kept',
  'issuer-followed',
  'jku-prefix-allowed',
  'jti-non-string-accepted',
  'jwe-header-skips-signature',
  'jwks-key-ops-ignored',
  'jwks-kid-missing-any',
  'jwks-oct-used',
  'jwks-use-ignored',
  'kid-url-followed',
  'malformed-as-401',
  'max-forwards-unguarded',
  'query-token-forwarded',
  'rsa-1024-accepted',
  'rsa-exponent-unchecked',
  'scope-array-accepted',
  'scope-cached-cross-route',
  'scope-last-ignored',
  'scope-method-ignored',
  'sub-non-string-accepted',
  'sub-type-crash',
  'verdict-cached',
  'x5u-followed',
]

/** Wrong in every way at once: what they fail proves nothing about a case. */
export const bluntFaults: readonly FaultName[] = ['accept-all', 'refuse-all', 'no-challenge']

const issuer = 'https://identity.oraclecloud.com/'
const audience = 'https://gw.embedded.test/'

/**
 * Where the gateway looks for the token: OCI takes a header or a query parameter, never both. In `fetched` it is a
 * header too, and the keys are fetched, with a certificate and without an algorithm.
 */
export type World = 'header' | 'query' | 'fetched'
export const worlds: readonly World[] = ['header', 'query', 'fetched']

/** It sleeps for longer than a quick test may take, and only where cases may be risky. */
export const sleeping: FaultName = 'kid-executed'

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
  const folder = await mkdtemp(join(tmpdir(), 'matrix-'))
  const keySet = { file: join(folder, 'jwks.json'), content: { keys: keys.map(publishedKey) } }
  await writeFile(keySet.file, JSON.stringify(keySet.content))
  return {
    judge: (faults, include, world) => judgeOnce({ faults, include, world, upstream, keys, keySet }),
    close: async () => {
      await upstream.close()
      await rm(folder, { recursive: true })
    },
  }
}

/** As an issuer may publish it: with its certificate, and without the algorithm that it is for. */
const publishedKey = ({ kid, publicKey, privateKey }: SigningKey): object => {
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000)
  const certificate = makeCertificate({
    subject: kid,
    publicKey,
    signWith: privateKey,
    validity: { notBefore: day(-1), notAfter: day(1) },
    ca: false,
  })
  return { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', x5c: [certificate.toString('base64')] }
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
  readonly keySet: { readonly file: string; readonly content: unknown }
}

const judgeOnce = async ({
  faults,
  include,
  world,
  upstream,
  keys,
  keySet,
}: Once): Promise<readonly JudgedCase[]> => {
  const gateway = await startGateway({
    specification: deployment(world, keys, upstream.url),
    pathPrefix: '/v1',
    faults,
    now: () => Date.now(),
    fetchKeys: () => Promise.resolve(keySet.content),
  })
  const config = configFor(gateway.origin, world, { keys, jwks: keySet.file })
  const exchanger = openExchange(config.target, { now: () => Date.now(), attemptHeader: 'x-gateproof-id' })
  try {
    const run = await runConformance(
      config,
      suite,
      { include, exclude: [], risky: faults.includes(sleeping) },
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
        ...(world === 'query'
          ? { tokenQueryParam: 'access_token' }
          : { tokenHeader: 'Authorization', tokenAuthScheme: 'Bearer' }),
        isAnonymousAccessAllowed: true,
        issuers: [issuer],
        audiences: [audience],
        maxClockSkewInSeconds: 0,
        publicKeys:
          world === 'fetched'
            ? { type: 'REMOTE_JWKS', uri: 'http://127.0.0.1/jwks' }
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

type Issuer = { readonly keys: readonly SigningKey[]; readonly jwks: string }

const configFor = (origin: string, world: World, { keys, jwks }: Issuer): Config => {
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
  namesWhere(cases, ({ status }) => statuses.includes(status))

/** Names of those with something to hold against the gateway: of any level, since some cases ask what only may be. */
export const mismatched = (cases: readonly JudgedCase[]): readonly string[] =>
  namesWhere(cases, (verdict) => 'mismatches' in verdict && (verdict.mismatches ?? []).length > 0)

const namesWhere = (
  cases: readonly JudgedCase[],
  test: (verdict: JudgedCase['verdict']) => boolean,
): readonly string[] =>
  cases
    .flatMap(({ planned, variants }) =>
      variants
        .filter(({ verdict }) => test(verdict))
        .map(({ variant }) =>
          variant.name === undefined ? planned.case.id : `${planned.case.id}/${variant.name}`,
        ),
    )
    .sort()

/** The topics whose cases name the fault, and the controls; all of them where no case does. */
export const topicsOf = (fault: FaultName): readonly string[] => {
  const topics = suite.requirements
    .filter(({ cases }) =>
      cases.some(
        (one) =>
          one.fault === fault || Object.values(one.variants ?? {}).some((variant) => variant.fault === fault),
      ),
    )
    .map(({ topic }) => topic)
  return topics.length === 0 ? [] : [...new Set(['controls', ...topics])]
}
