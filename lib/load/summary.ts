import type { ValidationResult } from './differences.ts'
import type { Ceiling } from './ceiling.ts'
import { evaluate, latencyOf, perSecondOf, weakness, type ThresholdOutcome } from './evaluate.ts'
import { paceDoubts } from './generator.ts'
import { encodeHistogram } from './histogram-codec.ts'
import type { LatencyMs } from './histogram.ts'
import type { PhaseResult } from './phase.ts'
import type { ClassRecord, Offender } from './record.ts'
import type { Slice } from './series.ts'
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
  readonly model: 'closed' | 'open'
  readonly connections: number
  /** Requests a second that were planned: the mean, where they rise or fall. Null in the closed model. */
  readonly rate: number | null
  readonly ms: number
  readonly requests: number
  /** Verdicts a second. */
  readonly perSecond: number
  /** Of judged and timed-out requests; in the closed model the time of service, without any time of waiting for a turn. */
  readonly latencyMs: LatencyMs
  readonly histogram: string
  /** From sending on; in the open model what a generator would show that waits for its turn. */
  readonly serviceMs: LatencyMs
  /** By the second. */
  readonly series: readonly Slice[]
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
    /** How late requests were sent for which a connection was free: 99th percentile. Null in the closed model. */
    readonly latenessP99Ms: number | null
    /** Requests for which no connection was free when they were due. Null likewise. */
    readonly waited: number | null
    /** The shares of the time in which the generator had something to do, and had a processor. Null where unknown. */
    readonly busy: number | null
    readonly cpuShare: number | null
    readonly seed: number
    /** Threads that sent, where there were several. */
    readonly workers?: number
  }
}

/** The `load` part of a report. */
export type LoadResult = {
  readonly phases: readonly PhaseSummary[]
  readonly validation?: ValidationResult
  readonly ceiling?: Ceiling
  readonly witness?: Witnessed
  readonly thresholds: readonly ThresholdOutcome[]
  readonly valid: boolean
  /** Why not. */
  readonly invalid: readonly string[]
}

export type LoadLimits = {
  /** Above this the generator was so late itself that latencies say little of the gateway. */
  readonly loopDelayP99Ms: number
}

/** What reached an upstream of ours while the phases lasted, their warm-ups included. */
export type Witnessed = {
  readonly arrived: number
  /** Good requests that were sent. */
  readonly sentGood: number
}

/** What a run has measured. */
export type Measured = {
  readonly phases: readonly PhaseResult[]
  readonly validation?: ValidationResult
  readonly ceiling?: Ceiling
  /** What ended the run before its time, because it was asked to. */
  readonly stopped?: ThresholdOutcome
  /** Why it may not be believed, beyond what the phases show. */
  readonly doubts?: readonly string[]
  readonly witness?: Witnessed
}

/** Puts together what a run has measured, and whether it can be believed. */
export const summarizeLoad = (
  measured: Measured,
  thresholds: readonly Threshold[],
  limits: LoadLimits,
): LoadResult => {
  const { phases, validation, ceiling, stopped, witness, doubts: others = [] } = measured
  const invalid = [
    ...new Set([
      ...others,
      ...phases.flatMap((phase) => doubts(phase, limits, stopped !== undefined)),
      ...thresholds.flatMap((each) => weakness(each, measured) ?? []),
      ...(validation?.valid === false && thresholds.some(({ metric }) => metric.kind === 'validation')
        ? [`validation: ${validation.reason ?? 'not valid'}`]
        : []),
    ]),
  ]
  return {
    phases: phases.map(summarizePhase),
    ...(validation === undefined ? {} : { validation }),
    ...(ceiling === undefined ? {} : { ceiling }),
    ...(witness === undefined ? {} : { witness }),
    thresholds: [
      ...(stopped === undefined ? [] : [stopped]),
      ...thresholds.map((each) => evaluate(each, measured)),
    ],
    valid: invalid.length === 0,
    invalid,
  }
}

const summarizePhase = (phase: PhaseResult): PhaseSummary => {
  const latency = latencyOf(undefined, [phase])
  const { model, open, lateness } = phase
  return {
    name: phase.name,
    model,
    connections: phase.connections,
    rate: open === undefined ? null : (open.rate.from + open.rate.to) / 2,
    ms: Math.round(phase.ms),
    requests: phase.sent,
    perSecond: Math.round(perSecondOf([phase]) * 10) / 10,
    latencyMs: latency.latencyMs(),
    histogram: encodeHistogram(latency),
    serviceMs: phase.service.latencyMs(),
    series: phase.series ?? [],
    classes: phase.classes.map(summarizeClass),
    errors: phase.errors,
    honesty: {
      sent: phase.sent,
      answered: phase.answered,
      judged: phase.judged,
      lost: phase.lost,
      connectionsMade: phase.connected,
      loopDelayP99Ms: hundredths(phase.loopDelayP99Ms),
      latenessP99Ms: model === 'closed' ? null : hundredths((lateness.percentile(0.99) ?? 0) / 1000),
      waited: model === 'closed' ? null : phase.waited,
      busy: hundredths(phase.busy),
      cpuShare: hundredths(phase.cpuShare ?? null),
      seed: phase.seed,
      ...(phase.workers === undefined ? {} : { workers: phase.workers }),
    },
  }
}

const hundredths = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 100) / 100

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
    ...(record.spread ?? {
      distinct: Math.min(record.taken, record.pool),
      timesEach: Math.ceil(record.taken / record.pool),
    }),
  },
  offenders: record.offenders,
})

const doubts = (phase: PhaseResult, limits: LoadLimits, isStopped: boolean): string[] => {
  const { end, sent, answered, lost, judged, loopDelayP99Ms: delay } = phase
  if (end.kind === 'unreachable' || end.kind === 'untrusted') return [`${end.kind}: ${end.detail}`]
  const unheard = phase.classes.filter((each) => each.judged === 0).map(({ name }) => name)
  const kinds = Object.entries(phase.errors).map(([kind, count]) => `${kind} ×${count}`)
  return [
    ...(phase.doubts ?? []),
    ...(end.kind === 'interrupted' && !isStopped ? ['interrupted'] : []),
    ...(phase.model === 'closed'
      ? []
      : paceDoubts({ ...phase, latencyP99: latencyOf(undefined, [phase]).percentile(0.99) })),
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
