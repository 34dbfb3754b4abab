import type { LoadPhase, LoadSettings } from '../config/load-settings.ts'
import { searchCeiling, type Ceiling, type CeilingStep, type Trial } from './ceiling.ts'
import type { Endpoint } from './endpoint.ts'
import { engineFor, engines } from './engines.ts'
import { evaluate, latencyOf, perSecondOf } from './evaluate.ts'
import { paceDoubts } from './generator.ts'
import {
  runPhase,
  type PhaseProgress,
  type PhaseResult,
  type PhaseSettings,
  type PhaseTraffic,
} from './phase.ts'
import { runInThreads, type ThreadGround } from './threads.ts'
import type { Threshold } from './thresholds.ts'

/** What was fired: the phases in their order, or the one that the search for the ceiling came to. */
export type Course = { readonly phases: readonly PhaseResult[]; readonly ceiling?: Ceiling }

export type MeasurePlan = {
  readonly load: LoadSettings
  readonly endpoint: Endpoint
  readonly timeoutMs: number
  /** The requests for so many milliseconds, with tokens that outlive them. */
  readonly traffic: (ms: number) => Promise<PhaseTraffic>
  /** What has to hold for a rate to lie below the ceiling. */
  readonly thresholds: readonly Threshold[]
  readonly seed: number
  /** What threads need to send on their own, where several are to. */
  readonly ground?: ThreadGround
  /** The gateway's upstream is in this thread: what sends has another, so that neither waits for the other. */
  readonly servesHere?: boolean
}

export type Spectator = {
  readonly signal: AbortSignal
  readonly onProgress?: (progress: PhaseProgress) => void
}

/** Runs the phases one after the other, up to one that does not come to its end, or searches the ceiling. */
export const measure = async (plan: MeasurePlan, spectator: Spectator): Promise<Course> => {
  const { phases: planned, ceiling } = plan.load
  if (ceiling !== undefined) return await measureCeiling(plan, ceiling, spectator)
  const phases: PhaseResult[] = []
  for (const phase of planned) {
    const result = await fire(phase, plan, spectator)
    phases.push(result)
    if (result.end.kind !== 'finished') break
  }
  return { phases }
}

const fire = async (
  { name, durationMs, connections, rate }: LoadPhase,
  { load, endpoint, timeoutMs, traffic, seed, ground, servesHere }: MeasurePlan,
  spectator: Spectator,
): Promise<PhaseResult> => {
  const settings: PhaseSettings = {
    name,
    endpoint,
    timeoutMs,
    connections,
    maxConnections: load.maxConnections,
    keepAlive: load.keepAlive,
    warmupMs: load.warmupMs,
    durationMs,
    seed,
    ...(rate === undefined ? {} : { open: { rate, arrivals: load.arrivals } }),
  }
  const requests = await traffic(load.warmupMs + durationMs)
  const engine = engineFor(load.engine, endpoint)
  if (load.workers === 1 && servesHere !== true)
    return await runPhase(engines[engine], settings, requests, spectator)
  if (ground === undefined) throw new RangeError('threads need to know the target and how it answers')
  return await runInThreads({ ground, engine, workers: load.workers }, settings, requests, spectator)
}

const measureCeiling = async (
  plan: MeasurePlan,
  settings: NonNullable<LoadSettings['ceiling']>,
  spectator: Spectator,
): Promise<Course> => {
  const { connections } = plan.load
  const last = new Map<number, PhaseResult>()
  const ceiling = await searchCeiling(settings, async (rate) => {
    const phase = {
      name: 'ceiling',
      durationMs: settings.stepMs,
      connections,
      rate: { from: rate, to: rate },
    }
    const result = await fire(phase, plan, spectator)
    last.set(rate, result)
    return stepOf(rate, result, plan.thresholds)
  })
  // Where none held, the first that did not shows why.
  const shown = last.get(ceiling.highest ?? ceiling.curve[0]?.rate ?? settings.from)
  return { phases: shown === undefined ? [] : [shown], ceiling }
}

/** A rate that must be reached says nothing of how much the gateway bears. */
const bounds = (thresholds: readonly Threshold[]): readonly Threshold[] =>
  thresholds.filter(({ metric }) => metric.kind !== 'perSecond' && metric.kind !== 'validation')

const stepOf = (
  rate: number,
  phase: PhaseResult,
  thresholds: readonly Threshold[],
): { trial: Trial; step: CeilingStep } => {
  const histogram = latencyOf(undefined, [phase])
  const { p50, p99 } = histogram.latencyMs()
  const late = paceDoubts({ ...phase, latencyP99: histogram.percentile(0.99) })
  const crossed = bounds(thresholds)
    .map(({ metric, ...rest }) => ({ metric, ...evaluate({ metric, ...rest }, { phases: [phase] }) }))
    .filter(({ ok }) => !ok)
  const reasons = [
    ...late,
    ...crossed.map(({ expression, value }) => `${expression}: measured ${value ?? 'nothing'}`),
  ]
  // A generator that is late makes answers look slow, and not wrong.
  const isLate = late.length > 0 && crossed.every(({ metric }) => metric.kind === 'latency')
  const failure = isLate ? 'generator' : 'crossed'
  return {
    trial: phase.end.kind !== 'finished' ? 'stopped' : reasons.length > 0 ? failure : 'held',
    step: {
      rate,
      perSecond: Math.round(perSecondOf([phase]) * 10) / 10,
      p50Ms: p50,
      p99Ms: p99,
      errors: Object.values(phase.errors).reduce((sum, each) => sum + each, 0),
      misjudged: phase.classes.reduce((sum, each) => sum + each.falseAccepts + each.falseRefusals, 0),
      ok: reasons.length === 0 && phase.end.kind === 'finished',
      reasons,
    },
  }
}
