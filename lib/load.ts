import type { Config } from './config/config.ts'
import type { Suite } from './config/suite.ts'
import type { Target } from './config/config.ts'
import { autocannonEngine } from './load/autocannon.ts'
import { endpointOf } from './load/endpoint.ts'
import type { Measurement } from './load/evaluate.ts'
import { runPhase, type PhaseProgress, type PhaseResult } from './load/phase.ts'
import { loadJudge } from './load/read-answer.ts'
import type { LoadJudge } from './load/record.ts'
import { summarizeLoad, type LoadResult } from './load/summary.ts'
import type { Threshold } from './load/thresholds.ts'
import { loadBytes, makeTraffic, validRequests, type TrafficSource } from './load/traffic.ts'
import { measureValidation, type ValidationPlan, type Variant } from './load/validation.ts'
import type { ValidationResult } from './load/differences.ts'
import type { ForgedRequest } from './forge/request.ts'
import { featuresOf } from './plan/features.ts'
import { plan } from './plan/plan.ts'
import { gather } from './trial/gather.ts'
import type { MakeRequest } from './trial/job.ts'
import { attendSchool } from './trial/school.ts'
import type { Trouble } from './trial/teach.ts'
import type { Sent } from './trial/attempt.ts'
import { openShop } from './trial/workshop.ts'
import type { World } from './trial/world.ts'

/** What a load run came to, or why there was none. */
export type LoadRun =
  | { readonly kind: 'measured'; readonly result: LoadResult }
  | { readonly kind: 'trouble'; readonly trouble: LoadTrouble }

export type LoadTrouble =
  | { readonly kind: Trouble; readonly sent: readonly Sent[] }
  | { readonly kind: 'no-token'; readonly message: string }

export type LoadPlan = {
  readonly thresholds: readonly Threshold[]
  readonly seed: number
  readonly onProgress: (progress: PhaseProgress) => void
}

/** The load pipeline: tokens, controls, pools, the measured phase, what validation costs, the summary. */
export const runLoad = async (
  config: Config,
  suite: Suite,
  { thresholds, seed, onProgress }: LoadPlan,
  io: World,
): Promise<LoadRun> => {
  const gathered = await gather(config, io)
  if (gathered.kind === 'failed')
    return { kind: 'trouble', trouble: { kind: 'no-token', message: gathered.message } }
  const shop = openShop(config, gathered, io)
  const features = featuresOf(config, gathered.facts)
  // Nothing is learned of routes that no phase sends to.
  const school = await attendSchool(
    config,
    plan(suite, { include: ['controls'], exclude: [] }, { target: config.target, features, risky: false }),
    shop,
    io,
  )
  if (school.home.kind === 'trouble')
    return { kind: 'trouble', trouble: { kind: school.home.trouble, sent: school.home.sent } }
  const judge = loadJudge(school.home.lesson)
  const source: TrafficSource = { config, suite, workshop: shop.workshop, features }
  const traffic = await makeTraffic(source, ({ deviation }) => shop.make(deviation))
  const validation = await validationPlan(source, shop.make, judge)
  const { connections, warmupMs, durationMs } = config.load
  const endpoint = endpointOf(config.target)
  const settings = { endpoint, connections, timeoutMs: config.target.timeoutMs }
  const phase = await runPhase(
    autocannonEngine,
    { ...settings, name: 'constant', warmupMs, durationMs, seed },
    { classes: traffic.classes, judge },
    { signal: io.signal, onProgress },
  )
  const cost = await costOf(phase, validation, { ...settings, bodyBytes: judge.bodyBytes, seed }, io.signal)
  const measurement: Measurement = { phase, ...(cost === undefined ? {} : { validation: cost }) }
  return {
    kind: 'measured',
    result: summarizeLoad(measurement, thresholds, { loopDelayP99Ms: mostLoopDelayMs }),
  }
}

/** Above this the generator itself was so late that latencies say little of the gateway. */
const mostLoopDelayMs = 100

/** How long the cost of validation is measured: enough for an interval of a few microseconds on a quiet machine. */
const validationMs = 4000
const validationBlocks = 2000

const validationPlan = async (
  source: TrafficSource,
  make: MakeRequest,
  judge: LoadJudge,
): Promise<ValidationPlan | undefined> => {
  const { config } = source
  if (config.tokens.kind !== 'keys') return undefined
  const expecting = (name: 'accept' | 'refuse', requests: Variant['requests']): Variant => ({
    requests,
    isExpected: (answer) =>
      judge.read(answer, { name: 'valid', expect: name }) === (name === 'accept' ? 'let-in' : 'refused'),
  })
  const distinct = await validRequests(source, 'protected', validationBlocks, 'validation')
  const [repeated] = await validRequests(source, 'protected', 1, 'repeated')
  return {
    ...(config.target.routes.public === undefined
      ? {}
      : { public: publicVariants(config, make, paddingOf(make({}))) }),
    repeated: expecting('accept', [repeated]),
    distinct: expecting('accept', distinct),
    refused: expecting('refuse', [loadBytes(make({ sign: 'attacker' }), config)]),
  }
}

/**
 * The public route, bare and with the bytes of a good token under a name that no gateway reads: where a token is sent
 * at all, some gateways validate it on public routes too, and the difference would be nothing.
 */
const publicVariants = (
  config: Config,
  make: MakeRequest,
  padding: string,
): NonNullable<ValidationPlan['public']> => {
  const isExpected: Variant['isExpected'] = ({ status }) => status < 500 && status !== 429
  const bytes = (headers: { name: string; value: string }[]) =>
    loadBytes(make({ carry: 'none', request: { route: 'public', headers } }), config)
  return {
    bare: { requests: [bytes([])], isExpected },
    withToken: { requests: [bytes([{ name: 'X-Padding-Hdr', value: padding }])], isExpected },
  }
}

/** As many bytes as the credential of a good request, whatever carries it. */
const paddingOf = ({ secrets, headers }: ForgedRequest): string =>
  headers.find(([, value]) => secrets.some((secret) => value.includes(secret)))?.[1] ?? secrets[0] ?? ''

type Circumstances = {
  readonly endpoint: ReturnType<typeof endpointOf>
  readonly timeoutMs: Target['timeoutMs']
  readonly bodyBytes: number
  readonly seed: number
}

const costOf = async (
  phase: PhaseResult,
  planned: ValidationPlan | undefined,
  { endpoint, timeoutMs, bodyBytes, seed }: Circumstances,
  signal: AbortSignal,
): Promise<ValidationResult | undefined> => {
  if (planned === undefined || phase.end.kind !== 'finished' || signal.aborted) return undefined
  return measureValidation(
    planned,
    { endpoint, timeoutMs, bodyBytes, seed, durationMs: validationMs, maxBlocks: validationBlocks },
    signal,
  )
}
