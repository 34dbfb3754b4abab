import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Config, Marker, Route, SigningKey, Target } from '../lib/config/config.ts'
import type { TokenSource } from '../lib/config/token-source.ts'
import { loadSuites } from '../lib/config/suites.ts'
import { openExchange } from '../lib/exchange/exchange.ts'
import { algorithmOf, freshKey } from '../lib/forge/algorithm.ts'
import type { FaultName } from '../lib/reference/gateway/faults.ts'
import { startGateway } from '../lib/reference/gateway/gateway.ts'
import type { Odd } from '../lib/reference/gateway/odd.ts'
import { conclude } from '../lib/report/conclude.ts'
import { conformancePart } from '../lib/report/conformance.ts'
import type { Result } from '../lib/report/report.ts'
import { checkReport } from '../lib/report/schema.ts'
import { untaughtSentences } from '../lib/report/misfit-text.ts'
import { troubleSentences } from '../lib/report/trouble.ts'
import { runConformance, type ConformanceRun } from '../lib/run.ts'
import { startListener } from '../lib/serve/listener.ts'
import { startUpstream } from '../lib/serve/upstream.ts'
import { openFront, type FrontOptions } from './front.ts'

const suite = loadSuites(fileURLToPath(new URL('../suites/', import.meta.url)), [])
const issuer = 'https://idp.example.test/'
const audience = 'https://api.example.test/'

/** A clock that sleeping moves: waiting costs no time, and all who share the clock believe that it has passed. */
export type Clock = { now(): number; sleep(ms: number): Promise<void>; skip(ms: number): void }

export const openClock = (): Clock => {
  let skipped = 0
  return {
    now: () => Date.now() + skipped,
    // The network does not wait with us: what is under way gets a moment of real time.
    sleep: async (ms) => {
      const until = Date.now() + skipped + ms
      await delay(Math.min(ms, 5))
      // Those who sleep beside one another sleep through the same time.
      skipped = Math.max(skipped, until - Date.now())
    },
    skip: (ms) => {
      skipped += ms
    },
  }
}

export type StageOptions = {
  readonly odd?: Odd
  readonly faults?: readonly FaultName[]
  readonly front?: FrontOptions | ((clock: Clock) => FrontOptions)
  /** The upstream behind the gateway is ours, and the protected route goes there. */
  readonly witness?: boolean
  /** A server that the gateway must never call. */
  readonly listener?: Pick<NonNullable<Config['serve']['listener']>, 'reachable' | 'tls'>
  /** How far the gateway's clock is ahead. */
  readonly gatewayAheadMs?: number
  readonly target?: Partial<Pick<Target, 'timeoutMs' | 'pace'>>
  readonly tokens?: (key: SigningKey, clock: Clock) => TokenSource
  /** What the user declares of a refusal, on every route. */
  readonly refused?: Marker
  readonly include: readonly string[]
  readonly signal?: (clock: Clock) => AbortSignal
  /** Nobody listens where the configuration points. */
  readonly dead?: boolean
}

export type Played = {
  readonly run: ConformanceRun
  readonly results: readonly Result[]
  readonly code: number
  readonly reasons: readonly string[]
  /** Requests that arrived at the front, where there is one. */
  readonly arrived: number
}

/** Runs the named cases against a reference gateway that is odd, wrong or in trouble, and concludes as the command does. */
export const play = async (options: StageOptions): Promise<Played> => {
  const clock = openClock()
  const closing: { close(): Promise<void> }[] = []
  const keep = <T extends { close(): Promise<void> }>(server: T): T => {
    closing.unshift(server)
    return server
  }
  try {
    const key = await signingKey()
    const upstream =
      options.witness === true
        ? keep(await startUpstream({ host: '127.0.0.1', port: 0, idHeader }, { now: () => clock.now() }))
        : undefined
    const listener =
      options.listener === undefined
        ? undefined
        : keep(await startListener({ host: '127.0.0.1', port: 0, ...options.listener }, () => clock.now()))
    const gateway = keep(
      await startGateway({
        specification: deployment(key, upstream?.url),
        pathPrefix: '/v1',
        faults: options.faults ?? [],
        odd: options.odd ?? {},
        now: () => clock.now() + (options.gatewayAheadMs ?? 0),
      }),
    )
    const front =
      options.front === undefined
        ? undefined
        : keep(
            await openFront(
              gateway.origin,
              typeof options.front === 'function' ? options.front(clock) : options.front,
            ),
          )
    if (options.dead === true) await gateway.close()
    const config = configFor(front?.origin ?? gateway.origin, key, clock, options)
    const exchanger = keep(openExchange(config.target, { now: () => clock.now(), attemptHeader: idHeader }))
    const run = await runConformance(
      config,
      suite,
      { include: options.include, exclude: [], risky: false },
      {
        exchanger,
        ...(upstream === undefined ? {} : { upstream }),
        ...(listener === undefined ? {} : { listener }),
        now: () => clock.now(),
        sleep: (ms) => clock.sleep(ms),
        newId: () => randomUUID(),
        random: (bytes) => randomBytes(bytes),
        signal: options.signal?.(clock) ?? new AbortController().signal,
        onEvent: () => undefined,
      },
    )
    return { ...concluded(run, config), run, arrived: front?.count() ?? 0 }
  } finally {
    for (const server of closing) await server.close()
  }
}

const idHeader = 'x-gateproof-id'

const signingKey = async (): Promise<SigningKey> => {
  const algorithm = algorithmOf('RS256')
  if (algorithm === undefined) throw new Error('RS256 is not known')
  return { kid: 'gateproof', alg: 'RS256', ...(await freshKey(algorithm)) }
}

const deployment = ({ kid, alg, publicKey }: SigningKey, upstreamUrl: string | undefined): unknown => {
  const stock = { type: 'STOCK_RESPONSE_BACKEND', status: 200, body: 'hello' }
  const backend = upstreamUrl === undefined ? stock : { type: 'HTTP_BACKEND', url: upstreamUrl }
  return {
    requestPolicies: {
      authentication: {
        type: 'JWT_AUTHENTICATION',
        tokenHeader: 'Authorization',
        tokenAuthScheme: 'Bearer',
        isAnonymousAccessAllowed: true,
        issuers: [issuer],
        audiences: [audience],
        maxClockSkewInSeconds: 0,
        publicKeys: {
          type: 'STATIC_KEYS',
          keys: [{ ...publicKey.export({ format: 'jwk' }), format: 'JSON_WEB_KEY', kid, use: 'sig', alg }],
        },
      },
    },
    routes: [
      { path: '/hello', methods: ['GET'], backend },
      {
        path: '/orders',
        methods: ['GET'],
        backend,
        requestPolicies: { authorization: { type: 'ANY_OF', allowedScope: ['orders.read'] } },
      },
      {
        path: '/ping',
        methods: ['GET'],
        backend: stock,
        requestPolicies: { authorization: { type: 'ANONYMOUS' } },
      },
    ],
  }
}

const configFor = (
  origin: string,
  key: SigningKey,
  clock: Clock,
  { target, tokens, witness, listener, refused }: StageOptions,
): Config => {
  const route = (path: string): Route => ({
    ...{ path, method: 'GET', methodDeclared: false, headers: [] },
    ...(refused === undefined ? {} : { refused }),
  })
  return {
    file: 'a stage',
    target: {
      name: 'odd',
      origin,
      basePath: '/v1',
      routes: {
        protected: route('/hello'),
        scoped: { ...route('/orders'), scope: { rule: 'any', scopes: ['orders.read'] } },
        public: route('/ping'),
        others: [],
      },
      credentials: [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }],
      proxy: { kind: 'none' },
      http: '1.1',
      tls: { insecure: false },
      headers: [],
      timeoutMs: 5000,
      pace: { concurrency: 8 },
      unsafeMethods: false,
      hooks: {},
      ...target,
    },
    policy: {
      issuers: [issuer],
      audiences: [audience],
      algorithms: ['RS256'],
      providers: [],
      clockSkewSeconds: 0,
      scopeClaims: [{ path: ['scope'], format: 'string' }],
      requiredClaims: [],
      enforces: new Map<string, true>([['require-exp', true]]),
    },
    tokens: tokens?.(key, clock) ?? {
      kind: 'keys',
      keys: [key],
      claims: {},
      header: {},
      lifetimeSeconds: 300,
      others: {},
    },
    serve: {
      ...(witness === true ? { upstream: { host: '127.0.0.1', port: 0, idHeader } } : {}),
      ...(listener === undefined ? {} : { listener: { host: '127.0.0.1', port: 0, ...listener } }),
    },
    cases: { include: [], exclude: [], files: [], require: [], maxInconclusive: 0, maxWaitMs: 60_000 },
    waivers: [],
    load: {
      model: 'closed',
      engine: 'autocannon',
      connections: 1,
      maxConnections: 1,
      arrivals: 'poisson',
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

const concluded = (run: ConformanceRun, config: Config): Pick<Played, 'results' | 'code' | 'reasons'> => {
  const conformance = conformancePart({ ...run, suite, waivers: [], secrets: run.secrets })
  const { results } = conformance
  const ending = conclude({
    results,
    interrupted: run.interrupted,
    doubts: [...troubleSentences(run.trouble, config), ...untaughtSentences(run.untaught ?? [])],
    gate: { failOn: 'must', maxInconclusive: 0, require: [] },
  })
  const checked = checkReport({
    version: 1,
    tool: { name: 'gateproof', version: '0.0.0' },
    started: new Date(0).toISOString(),
    finished: new Date(0).toISOString(),
    complete: !run.interrupted,
    target: { name: config.target.name, url: config.target.origin },
    conformance,
  })
  if (!checked.ok) throw new Error(`the report is not valid: ${checked.faults.join('; ')}`)
  return { results, ...ending }
}

/** Ids of the cases with one of these verdicts. */
export const withStatus = (
  { results }: Pick<Played, 'results'>,
  ...statuses: readonly Result['verdict']['status'][]
): readonly string[] =>
  results.filter(({ verdict }) => statuses.includes(verdict.status)).map((result) => result.case)

/** The verdict on a case. */
export const verdictOn = ({ results }: Pick<Played, 'results'>, id: string): Result['verdict'] => {
  const found = results.find((result) => result.case === id)
  if (found === undefined) throw new Error(`no result for ${id}`)
  return found.verdict
}
