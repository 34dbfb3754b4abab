import type { ValidationResult } from './differences.ts'
import {
  evaluate,
  latencyOf,
  perSecondOf,
  weakness,
  type Measurement,
  type ThresholdOutcome,
} from './evaluate.ts'
import { encodeHistogram } from './histogram-codec.ts'
import type { LatencyMs } from './histogram.ts'
import type { PhaseResult } from './phase.ts'
import type { ClassRecord, Offender } from './record.ts'
import type { Threshold } from './thresholds.ts'

export type ClassSummary = {
  readonly case: string
  /** Sent, and counted. */
  readonly requests: number
  readonly judged: number
  readonly falseAccepts: number
  readonly falseRefusals: number
  /** `falseAccepts` + `falseRefusals`. */
  readonly misjudged: number
  readonly latencyMs: LatencyMs
  /** As `encodeHistogram` writes it. */
  readonly histogram: string
  /** Different tokens that were sent, the warm-up included, and how often each of them at most. */
  readonly tokens: { readonly pool: number; readonly distinct: number; readonly timesEach: number }
  /** The first ten misjudged. */
  readonly offenders: readonly Offender[]
}

export type PhaseSummary = {
  readonly name: string
  readonly model: 'closed'
  readonly connections: number
  readonly ms: number
  readonly requests: number
  /** Verdicts a second. */
  readonly perSecond: number
  /** Of judged and timed-out requests; in the closed model the time of service, without any time of waiting for a turn. */
  readonly latencyMs: LatencyMs
  readonly histogram: string
  readonly classes: readonly ClassSummary[]
  readonly errors: Readonly<Record<string, number>>
  /** What the numbers rest on. */
  readonly honesty: {
    readonly sent: number
    readonly answered: number
    readonly judged: number
    readonly lost: number
    readonly connectionsMade: number
    readonly loopDelayP99Ms: number | null
    readonly seed: number
  }
}

/** The `load` part of a report. */
export type LoadResult = {
  readonly phases: readonly PhaseSummary[]
  readonly validation?: ValidationResult
  readonly thresholds: readonly ThresholdOutcome[]
  readonly valid: boolean
  /** Why not. */
  readonly invalid: readonly string[]
}

export type LoadLimits = {
  /** Above this the generator was so late itself that latencies say little of the gateway. */
  readonly loopDelayP99Ms: number
}

/** Puts together what a run has measured, and whether it can be believed. */
export const summarizeLoad = (
  measurement: Measurement,
  thresholds: readonly Threshold[],
  limits: LoadLimits,
): LoadResult => {
  const { phase, validation } = measurement
  const invalid = [
    ...doubts(phase, limits),
    ...thresholds.flatMap((each) => weakness(each, measurement) ?? []),
    ...(validation?.valid === false && thresholds.some(({ metric }) => metric.kind === 'validation')
      ? [`validation: ${validation.reason ?? 'not valid'}`]
      : []),
  ]
  return {
    phases: [summarizePhase(phase)],
    ...(validation === undefined ? {} : { validation }),
    thresholds: thresholds.map((each) => evaluate(each, measurement)),
    valid: invalid.length === 0,
    invalid,
  }
}

const summarizePhase = (phase: PhaseResult): PhaseSummary => {
  const latency = latencyOf(undefined, phase)
  return {
    name: phase.name,
    model: phase.model,
    connections: phase.connections,
    ms: Math.round(phase.ms),
    requests: phase.sent,
    perSecond: Math.round(perSecondOf(phase) * 10) / 10,
    latencyMs: latency.latencyMs(),
    histogram: encodeHistogram(latency),
    classes: phase.classes.map(summarizeClass),
    errors: phase.errors,
    honesty: {
      sent: phase.sent,
      answered: phase.answered,
      judged: phase.judged,
      lost: phase.lost,
      connectionsMade: phase.connected,
      loopDelayP99Ms: phase.loopDelayP99Ms === null ? null : Math.round(phase.loopDelayP99Ms * 100) / 100,
      seed: phase.seed,
    },
  }
}

const summarizeClass = (record: ClassRecord): ClassSummary => ({
  case: record.name,
  requests: record.sent,
  judged: record.judged,
  falseAccepts: record.falseAccepts,
  falseRefusals: record.falseRefusals,
  misjudged: record.falseAccepts + record.falseRefusals,
  latencyMs: record.latency.latencyMs(),
  histogram: encodeHistogram(record.latency),
  tokens: {
    pool: record.pool,
    distinct: Math.min(record.taken, record.pool),
    timesEach: Math.ceil(record.taken / record.pool),
  },
  offenders: record.offenders,
})

const doubts = (phase: PhaseResult, limits: LoadLimits): string[] => {
  const { end, sent, answered, lost, judged, loopDelayP99Ms: delay } = phase
  if (end.kind === 'unreachable' || end.kind === 'untrusted') return [`${end.kind}: ${end.detail}`]
  const unheard = phase.classes.filter((each) => each.judged === 0).map(({ name }) => name)
  const kinds = Object.entries(phase.errors).map(([kind, count]) => `${kind} ×${count}`)
  return [
    ...(end.kind === 'interrupted' ? ['interrupted'] : []),
    ...(sent === answered + lost
      ? []
      : [`${sent} requests were sent, but ${answered} answered and ${lost} lost`]),
    ...(unheard.length === 0 ? [] : [`no request of ${unheard.join(', ')} came to a verdict`]),
    ...(judged * 2 >= sent ? [] : [`most requests came to no verdict: ${kinds.join(', ')}`]),
    ...(delay === null || delay <= limits.loopDelayP99Ms
      ? []
      : [
          `the generator itself was late by ${delay.toFixed(1)} ms (p99): use fewer connections or a quieter machine`,
        ]),
  ]
}
