import type { Config } from './config/config.ts'
import type { Suite } from './config/suite.ts'
import type { Target } from './config/config.ts'
import { stopAt } from './load/abort.ts'
import { reachOf, type Endpoint } from './load/endpoint.ts'
import { withEvidence } from './load/evidence.ts'
import { endsTooSoon, keepFresh, lasting, longestPhaseMs, neededSeconds } from './load/lifetime.ts'
import { openLoad, type LoadTrouble } from './load/opening.ts'
import { measure, type Course } from './load/measure.ts'
import type { PhaseProgress } from './load/phase.ts'
import { summarizeLoad, type LoadResult, type Measured, type Witnessed } from './load/summary.ts'
import type { Threshold } from './load/thresholds.ts'
import { makeTraffic, type TrafficSource } from './load/traffic.ts'
import { measureValidation, type ValidationPlan } from './load/validation.ts'
import { planValidation } from './load/variants.ts'
import type { ValidationResult } from './load/differences.ts'
import { featuresOf } from './plan/features.ts'
import { gather } from './trial/gather.ts'
import type { IssuedTokens } from './trial/issued-tokens.ts'
import type { World } from './trial/world.ts'

/** What a load run came to, or why there was none. */
export type LoadRun =
  | {
      readonly kind: 'measured'
      readonly result: LoadResult
      /** When the first phase began: milliseconds since the epoch. */
      readonly startedAt: number
      /** The version of HTTP that was spoken. */
      readonly http: '1.1' | '2'
    }
  | { readonly kind: 'trouble'; readonly trouble: LoadTrouble }

export type LoadPlan = {
  readonly thresholds: readonly Threshold[]
  readonly seed: number
  readonly onProgress: (progress: PhaseProgress) => void
  /** Told where load will go, before it does. */
  readonly onOpened?: (endpoint: Endpoint) => void
  /** Conditions that end the run as soon as one of them holds. */
  readonly abortOn?: readonly Threshold[]
  /** When the first phase begins, at the earliest: milliseconds since the epoch. */
  readonly startAt?: number
  /** What validation costs is measured by somebody else. */
  readonly withoutValidation?: boolean
  /** A folder that keeps the tokens of the mix for the next run. */
  readonly tokenCache?: string
}

/** The load pipeline: tokens, controls, pools, the measured phases, what validation costs, the summary. */
export const runLoad = async (
  given: Config,
  suite: Suite,
  loadPlan: LoadPlan,
  io: World,
): Promise<LoadRun> => {
  const outliving = lasting(given)
  const { thresholds, seed } = loadPlan
  const gathered = await gather(outliving, io)
  if (gathered.kind === 'failed')
    return { kind: 'trouble', trouble: { kind: 'no-token', message: gathered.message } }
  const known = featuresOf(outliving, gathered.facts)
  const opened = await openLoad(outliving, suite, { gathered, features: known }, io)
  if ('trouble' in opened) return { kind: 'trouble', trouble: opened.trouble }
  const { config, features, shop, lesson, judge, endpoint } = opened
  loadPlan.onOpened?.(endpoint)
  const source: TrafficSource = {
    config,
    suite,
    workshop: shop.workshop,
    features,
    signal: io.signal,
    ...(loadPlan.tokenCache === undefined ? {} : { cache: cacheOf(loadPlan.tokenCache, config) }),
  }
  const { issued } = gathered
  const fresh = keepFresh(
    async (seconds) => {
      await issued.renew(seconds)
      return makeTraffic(source, ({ deviation }) => shop.make(deviation))
    },
    { lifetimeSeconds: () => lifetimeOf(config, issued, shop.workshop.now()), now: shop.workshop.now },
  )
  const ready = await unlessStopped(() => fresh(longestPhaseMs(config.load)), io.signal)
  if (ready === undefined) return { kind: 'trouble', trouble: { kind: 'interrupted', sent: [] } }
  if (loadPlan.startAt !== undefined) await io.sleep(Math.max(0, loadPlan.startAt - io.now()))
  const { timeoutMs } = config.target
  const startedAt = io.now()
  const validationMs = validationTime(config.load)
  const stop = stopAt(loadPlan.abortOn ?? [], loadPlan.onProgress)
  const before = io.upstream?.counted()
  const course = await measure(
    {
      load: config.load,
      endpoint,
      timeoutMs,
      thresholds,
      seed,
      ground: { reach: reachOf(config.target), lesson },
      servesHere: io.upstream !== undefined,
      traffic: async (ms) => ({ ...((await unlessStopped(() => fresh(ms), io.signal)) ?? ready), judge }),
    },
    { signal: AbortSignal.any([io.signal, stop.signal]), onProgress: stop.onProgress },
  )
  const arrivedBy = io.upstream?.counted()
  const doubt = endsTooSoon(shop.workshop.supply.good, shop.workshop.now())
  const validation =
    loadPlan.withoutValidation === true || course.phases.some(({ end }) => end.kind !== 'finished')
      ? undefined
      : await unlessStopped(async () => {
          await issued.renew(neededSeconds(validationMs))
          return planValidation(source, { make: shop.make, judge, blocks: Math.floor(validationMs / msEach) })
        }, io.signal)
  const cost = await costOf(
    validation,
    { endpoint, timeoutMs, bodyBytes: judge.bodyBytes, seed, durationMs: validationMs },
    io.signal,
  )
  const stopped = stop.outcome()
  const witness = witnessed(course, before, arrivedBy)
  const measured: Measured = {
    ...course,
    ...(cost === undefined ? {} : { validation: cost }),
    ...(stopped === undefined ? {} : { stopped }),
    ...(doubt === undefined ? {} : { doubts: [doubt] }),
    ...(witness === undefined ? {} : { witness }),
  }
  const result = summarizeLoad(measured, thresholds, { loopDelayP99Ms: mostLoopDelayMs })
  const http = endpoint.http2 === true ? '2' : '1.1'
  return { kind: 'measured', result: withEvidence(result, ready.classes), startedAt, http }
}

/** For how many seconds the tokens of a load are good: those of somebody else count where others can take their place. */
const lifetimeOf = ({ tokens }: Config, issued: IssuedTokens, now: number): number => {
  if (tokens.kind === 'keys') return tokens.lifetimeSeconds
  return issued.isRenewable('good') ? (issued.endOf('good') ?? Infinity) - now : Infinity
}

/** Nothing where no upstream of ours is there, or more was sent than the phases that are shown. */
const witnessed = (
  { phases, ceiling }: Course,
  before: number | undefined,
  after: number | undefined,
): Witnessed | undefined =>
  before === undefined || after === undefined || ceiling !== undefined
    ? undefined
    : {
        arrived: after - before,
        sentGood: phases
          .flatMap(({ classes }) => classes)
          .reduce((sum, { expect, taken }) => sum + (expect === 'accept' ? taken : 0), 0),
      }

const cacheOf = (dir: string, { load }: Config): NonNullable<TrafficSource['cache']> => ({
  dir,
  lastsSeconds: neededSeconds(longestPhaseMs(load)),
})

/** What takes long before any load is fired. Undefined where the run is interrupted first. */
const unlessStopped = async <Made>(
  make: () => Promise<Made>,
  signal: AbortSignal,
): Promise<Made | undefined> => {
  const isStopped = () => signal.aborted
  if (isStopped()) return undefined
  try {
    return await make()
  } catch (error) {
    if (isStopped()) return undefined
    throw error
  }
}

/** Above this the generator itself was so late that latencies say little of the gateway. */
const mostLoopDelayMs = 100

/**
 * How long the cost of validation is measured, in milliseconds: as long as the load, within bounds. The least gives an
 * interval of a few microseconds on a quiet machine.
 */
const validationTime = ({ phases }: Config['load']): number =>
  Math.min(
    20_000,
    Math.max(
      4000,
      phases.reduce((sum, { durationMs }) => sum + durationMs, 0),
    ),
  )

/** A block is hardly ever shorter, so there are distinct tokens enough. */
const msEach = 2

type Circumstances = {
  readonly endpoint: Endpoint
  readonly timeoutMs: Target['timeoutMs']
  readonly durationMs: number
  readonly bodyBytes: number
  readonly seed: number
}

const costOf = async (
  planned: ValidationPlan | undefined,
  circumstances: Circumstances,
  signal: AbortSignal,
): Promise<ValidationResult | undefined> =>
  planned === undefined || signal.aborted
    ? undefined
    : measureValidation(
        planned,
        { ...circumstances, maxBlocks: Math.floor(circumstances.durationMs / msEach) },
        signal,
      )
