import type { ValidationResult } from './differences.ts'
import { Histogram } from './histogram.ts'
import type { PhaseResult } from './phase.ts'
import type { ClassRecord } from './record.ts'
import {
  microsecondsIn,
  samplesFor,
  type CountName,
  type Metric,
  type Threshold,
  type Unit,
} from './thresholds.ts'

/** What became of a threshold. */
export type ThresholdOutcome = {
  readonly expression: string
  /** In the unit of the expression; null where there was nothing to measure it by. */
  readonly value: number | null
  /** False where there is no value. */
  readonly ok: boolean
}

/** What thresholds are held against: all phases together. */
export type Measurement = {
  readonly phases: readonly Tally[]
  readonly validation?: Validated
}

type Validated = Pick<ValidationResult, 'valid'> & {
  readonly differences: readonly Pick<ValidationResult['differences'][number], 'name' | 'median'>[]
}

/** What is counted of a phase, or of the part of one that is over. */
export type Tally = Pick<PhaseResult, 'ms' | 'sent' | 'judged' | 'lost' | 'errors'> & {
  readonly classes: readonly ClassTally[]
}
type ClassTally = Pick<ClassRecord, 'name' | 'judged' | 'falseAccepts' | 'falseRefusals' | 'latency'>

/** Holds a threshold against what was measured. Over nothing measured it is not met. */
export const evaluate = (threshold: Threshold, measurement: Measurement): ThresholdOutcome => {
  const { expression, metric, operator, limit, unit } = threshold
  const value = valueOf(metric, unit, measurement)
  return { expression, value, ok: value !== null && holds[operator](value, limit) }
}

/** Why a threshold's value says too little, or undefined. */
export const weakness = ({ expression, metric }: Threshold, { phases }: Measurement): string | undefined => {
  if (metric.kind !== 'latency' || typeof metric.of === 'string') return undefined
  const samples = latencyOf(metric.class, phases).total
  const needed = samplesFor(metric.of.quantile)
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

const valueOf = (metric: Metric, unit: Unit, { phases, validation }: Measurement): number | null => {
  switch (metric.kind) {
    case 'latency':
      return inUnit(latencyValue(latencyOf(metric.class, phases), metric.of), unit)
    case 'validation':
      return inUnit(validationCost(validation, metric.algorithm), unit)
    case 'perSecond':
      return phases.every(({ judged }) => judged === 0) ? null : perSecondOf(phases)
    case 'count':
      return countValue(metric.of, metric.class, unit, phases)
  }
}

/** Requests that came to a verdict, for each second in which requests were sent. */
export const perSecondOf = (phases: readonly Pick<Tally, 'judged' | 'ms'>[]): number => {
  const ms = sumOf(phases, (each) => each.ms)
  return ms === 0 ? 0 : (sumOf(phases, ({ judged }) => judged) / ms) * 1000
}

/** The latency of one class, or of all. */
export const latencyOf = (name: string | undefined, phases: readonly Pick<Tally, 'classes'>[]): Histogram => {
  const all = new Histogram()
  for (const each of classesOf(name, phases)) all.merge(each.latency)
  return all
}

const latencyValue = (histogram: Histogram, of: (Metric & { kind: 'latency' })['of']): number | undefined => {
  if (of === 'mean') return histogram.mean()
  if (of === 'max') return histogram.total === 0 ? undefined : histogram.max
  return histogram.percentile(of.quantile)
}

const validationCost = (
  validation: Validated | undefined,
  algorithm: string | undefined,
): number | undefined => {
  const wanted = algorithm === undefined ? 'validation' : `validation, ${algorithm}`
  return validation?.valid === true
    ? validation.differences.find(({ name }) => name === wanted)?.median
    : undefined
}

const inUnit = (microseconds: number | undefined, unit: Unit): number | null =>
  microseconds === undefined || unit === '%' || unit === '' ? null : microseconds / microsecondsIn[unit]

const countValue = (
  of: CountName,
  name: string | undefined,
  unit: Unit,
  phases: readonly Tally[],
): number | null => {
  const classes = classesOf(name, phases)
  const whole =
    of === 'errors' || of === 'lost'
      ? sumOf(phases, ({ sent }) => sent)
      : sumOf(classes, ({ judged }) => judged)
  if (whole === 0) return null
  const count = countOf(of, classes, phases)
  return unit === '%' ? (count / whole) * 100 : count
}

const countOf = (of: CountName, classes: readonly ClassTally[], phases: readonly Tally[]): number => {
  switch (of) {
    case 'errors':
      return sumOf(phases, ({ errors }) => sumOf(Object.values(errors), (count) => count))
    case 'lost':
      return sumOf(phases, ({ lost }) => lost)
    case 'misjudged':
      return sumOf(classes, ({ falseAccepts, falseRefusals }) => falseAccepts + falseRefusals)
    case 'falseAccepts':
      return sumOf(classes, ({ falseAccepts }) => falseAccepts)
    case 'falseRefusals':
      return sumOf(classes, ({ falseRefusals }) => falseRefusals)
  }
}

const classesOf = (
  name: string | undefined,
  phases: readonly Pick<Tally, 'classes'>[],
): readonly ClassTally[] =>
  phases.flatMap(({ classes }) => classes.filter((each) => name === undefined || each.name === name))

const sumOf = <Each>(all: readonly Each[], of: (each: Each) => number): number =>
  all.reduce((sum, each) => sum + of(each), 0)
