import { evaluate, type Tally, type ThresholdOutcome } from './evaluate.ts'
import { decodeHistogram } from './histogram-codec.ts'
import { Histogram } from './histogram.ts'
import type { PhaseProgress } from './phase.ts'
import type { Slice } from './series.ts'
import { parseThresholds, samplesFor, type Threshold } from './thresholds.ts'

/** Reads what a run is to be stopped at: the expressions of thresholds, of that which is known from second to second. */
export const parseAbortOn = (
  expressions: readonly string[],
): { readonly conditions: readonly Threshold[]; readonly faults: readonly string[] } => {
  const { thresholds, faults } = parseThresholds(expressions, { classes: [], validation: false })
  const unknown = thresholds.filter(({ metric }) => !isKnownEachSecond(metric))
  return {
    conditions: thresholds,
    faults: [
      ...faults,
      ...unknown.map(
        ({ expression }) =>
          `"${expression}": known while a run lasts are p50, p99 and the like, max, mean, perSecond, errors, misjudged`,
      ),
    ].map((fault) => `--abort-on: ${fault}`),
  }
}

const isKnownEachSecond = (metric: Threshold['metric']): boolean =>
  metric.kind === 'latency' ||
  metric.kind === 'perSecond' ||
  (metric.kind === 'count' && (metric.of === 'errors' || metric.of === 'misjudged'))

/** Seconds are added to what was before them; the first condition that then holds is given back. */
export type Watch = (second: Slice) => ThresholdOutcome | undefined

/** Watches a run by the second. A percentile is looked at as soon as it rests on samples enough. */
export const watchFor = (conditions: readonly Threshold[]): Watch => {
  const latency = new Histogram()
  let [ms, judged, misjudged, errors] = [0, 0, 0, 0]
  return (second) => {
    latency.merge(decodeHistogram(second.histogram))
    ms += second.ms
    judged += second.judged
    misjudged += second.misjudged
    errors += second.errors
    const tally: Tally = {
      ms,
      judged,
      sent: judged + errors,
      lost: 0,
      errors: { all: errors },
      classes: [{ name: '', judged, falseAccepts: misjudged, falseRefusals: 0, latency }],
    }
    const held = conditions
      .filter((condition) => isRipe(condition, latency.total))
      .map((condition) => evaluate(condition, { phases: [tally] }))
      .find(({ ok }) => ok)
    return held === undefined ? undefined : { ...held, expression: `abort on ${held.expression}`, ok: false }
  }
}

const isRipe = ({ metric }: Threshold, samples: number): boolean =>
  metric.kind !== 'latency' || typeof metric.of === 'string' || samples >= samplesFor(metric.of.quantile)

/** Ends a run as soon as a condition holds, and knows which. */
export const stopAt = (
  conditions: readonly Threshold[],
  onProgress: (progress: PhaseProgress) => void,
): {
  readonly signal: AbortSignal
  readonly onProgress: (progress: PhaseProgress) => void
  readonly outcome: () => ThresholdOutcome | undefined
} => {
  const controller = new AbortController()
  const watch = watchFor(conditions)
  let outcome: ThresholdOutcome | undefined
  return {
    signal: controller.signal,
    outcome: () => outcome,
    onProgress: (progress) => {
      onProgress(progress)
      if (progress.second === undefined || outcome !== undefined) return
      outcome = watch(progress.second)
      if (outcome !== undefined) controller.abort()
    },
  }
}
