import type { ValidationResult } from './differences.ts'
import { Histogram } from './histogram.ts'
import type { PhaseResult } from './phase.ts'
import type { ClassRecord } from './record.ts'
import { microsecondsIn, type CountName, type Metric, type Threshold, type Unit } from './thresholds.ts'

/** What became of a threshold. */
export type ThresholdOutcome = {
  readonly expression: string
  /** In the unit of the expression; null where there was nothing to measure it by. */
  readonly value: number | null
  /** False where there is no value. */
  readonly ok: boolean
}

/** What thresholds are held against. */
export type Measurement = { readonly phase: PhaseResult; readonly validation?: ValidationResult }

/** Holds a threshold against what was measured. Over nothing measured it is not met. */
export const evaluate = (threshold: Threshold, measurement: Measurement): ThresholdOutcome => {
  const { expression, metric, operator, limit, unit } = threshold
  const value = valueOf(metric, unit, measurement)
  return { expression, value, ok: value !== null && holds[operator](value, limit) }
}

/**
 * Why a threshold's value says too little, or undefined: a percentile has ten samples beyond it
 * at least, so that a single outlier doesn't decide.
 */
export const weakness = ({ expression, metric }: Threshold, { phase }: Measurement): string | undefined => {
  if (metric.kind !== 'latency' || typeof metric.of === 'string') return undefined
  const samples = latencyOf(metric.class, phase).total
  const needed = Math.round(10 / (1 - metric.of.quantile))
  return samples > 0 && samples < needed
    ? `threshold "${expression}" rests on ${samples} samples, of ${needed} that it needs: load for longer`
    : undefined
}

const holds = {
  '<': (value: number, limit: number) => value < limit,
  '<=': (value: number, limit: number) => value <= limit,
  '>': (value: number, limit: number) => value > limit,
  '>=': (value: number, limit: number) => value >= limit,
  '=': (value: number, limit: number) => value === limit,
} as const satisfies Record<Threshold['operator'], (value: number, limit: number) => boolean>

const valueOf = (metric: Metric, unit: Unit, { phase, validation }: Measurement): number | null => {
  switch (metric.kind) {
    case 'latency':
      return inUnit(latencyValue(latencyOf(metric.class, phase), metric.of), unit)
    case 'validation':
      return inUnit(validationCost(validation), unit)
    case 'perSecond':
      return phase.judged === 0 ? null : perSecondOf(phase)
    case 'count':
      return countValue(metric.of, metric.class, unit, phase)
  }
}

/** Requests that came to a verdict, for each second in which requests were sent. */
export const perSecondOf = ({ judged, ms }: PhaseResult): number => (ms === 0 ? 0 : (judged / ms) * 1000)

/** The latency of one class, or of all. */
export const latencyOf = (name: string | undefined, { classes }: PhaseResult): Histogram => {
  const all = new Histogram()
  for (const each of classesOf(name, classes)) all.merge(each.latency)
  return all
}

const latencyValue = (histogram: Histogram, of: (Metric & { kind: 'latency' })['of']): number | undefined => {
  if (of === 'mean') return histogram.mean()
  if (of === 'max') return histogram.total === 0 ? undefined : histogram.max
  return histogram.percentile(of.quantile)
}

const validationCost = (validation: ValidationResult | undefined): number | undefined =>
  validation?.valid === true
    ? validation.differences.find(({ name }) => name === 'validation')?.median
    : undefined

const inUnit = (microseconds: number | undefined, unit: Unit): number | null =>
  microseconds === undefined || unit === '%' || unit === '' ? null : microseconds / microsecondsIn[unit]

const countValue = (
  of: CountName,
  name: string | undefined,
  unit: Unit,
  phase: PhaseResult,
): number | null => {
  const classes = classesOf(name, phase.classes)
  const whole = of === 'errors' || of === 'lost' ? phase.sent : sumOf(classes, ({ judged }) => judged)
  if (whole === 0) return null
  const count = countOf(of, classes, phase)
  return unit === '%' ? (count / whole) * 100 : count
}

const countOf = (of: CountName, classes: readonly ClassRecord[], phase: PhaseResult): number => {
  switch (of) {
    case 'errors':
      return Object.values(phase.errors).reduce((sum, each) => sum + each, 0)
    case 'lost':
      return phase.lost
    case 'misjudged':
      return sumOf(classes, ({ falseAccepts, falseRefusals }) => falseAccepts + falseRefusals)
    case 'falseAccepts':
      return sumOf(classes, ({ falseAccepts }) => falseAccepts)
    case 'falseRefusals':
      return sumOf(classes, ({ falseRefusals }) => falseRefusals)
  }
}

const classesOf = (name: string | undefined, classes: readonly ClassRecord[]): readonly ClassRecord[] =>
  classes.filter((each) => name === undefined || each.name === name)

const sumOf = (classes: readonly ClassRecord[], of: (each: ClassRecord) => number): number =>
  classes.reduce((sum, each) => sum + of(each), 0)
