import { decodeHistogram } from '../../load/histogram-codec.ts'
import type { Histogram } from '../../load/histogram.ts'
import { medianOf } from '../../load/statistics.ts'
import type { Phase } from '../report.ts'

/** A measured value with the bounds that noise leaves it. */
export type Interval = { readonly value: number; readonly low: number; readonly high: number }

/** Two-sided 99 %: a gate that is asked daily must not cry wolf monthly. */
const z = 2.576

/**
 * A quantile of a phase's latency in milliseconds, with its interval by order statistics. Requests that are in flight
 * together share a stall, so they count as one sample. Undefined where there are too few for that quantile.
 */
export const quantileInterval = (
  phase: Phase,
  histogram: Histogram,
  q: 0.5 | 0.99 | 0.999,
): Interval | undefined => {
  const samples = independentSamples(phase, histogram)
  const spread = z * Math.sqrt((q * (1 - q)) / samples)
  if (samples * (1 - q) < fewestBeyond || q + spread >= 1 || q - spread <= 0) return undefined
  const at = (share: number): number => (histogram.percentile(share) ?? 0) / 1000
  const key = q === 0.5 ? 'p50' : q === 0.99 ? 'p99' : 'p99.9'
  const slices = (phase.series ?? []).flatMap(({ latencyMs }) => latencyMs[key] ?? [])
  return widened({ value: at(q), low: at(q - spread), high: at(q + spread) }, slices)
}

/** Fewer samples beyond a quantile say little about it. */
const fewestBeyond = 10

/**
 * Requests a second of a phase in the closed model, where throughput is the number of connections over the mean
 * latency, and as uncertain as that mean. Undefined without samples.
 */
export const throughputInterval = (phase: Phase, histogram: Histogram): Interval | undefined => {
  const [mean, deviation] = [histogram.mean(), histogram.deviation()]
  if (mean === undefined || deviation === undefined || phase.perSecond === 0) return undefined
  const samples = independentSamples(phase, histogram)
  if (samples < fewestBeyond) return undefined
  const share = (z * deviation) / Math.sqrt(samples) / mean
  const value = phase.perSecond
  const rates = (phase.series ?? []).map(({ judged, ms }) => (ms === 0 ? 0 : (judged / ms) * 1000))
  return widened({ value, low: value * Math.max(0, 1 - share), high: value * (1 + share) }, rates)
}

/**
 * Bounds that also hold what a value does from one slice of the run to the next, which no sample knows of: a neighbour
 * on the machine, a collection of garbage. Neighbouring slices are compared, so that a load that is meant to grow is
 * not taken for noise.
 */
const widened = ({ value, low, high }: Interval, slices: readonly number[]): Interval => {
  if (slices.length < fewestSlices) return { value, low, high }
  const steps = slices.slice(1).map((each, at) => Math.abs(each - (slices[at] ?? each)))
  const deviation = (medianOf(steps) * normalPerMedian) / Math.SQRT2
  const half = (studentT * deviation) / Math.sqrt(slices.length)
  return { value, low: Math.max(0, Math.min(low, value - half)), high: Math.max(high, value + half) }
}

const fewestSlices = 8
/** A normal distribution's standard deviation over its median absolute one: the median lets a single stall be one. */
const normalPerMedian = 1.4826
/** Student's t at 99 %, two-sided, for the fewest slices. */
const studentT = 3.5

const independentSamples = (phase: Phase, histogram: Histogram): number => {
  const inFlight =
    phase.model === 'closed' ? phase.connections : (phase.perSecond * (histogram.mean() ?? 0)) / 1_000_000
  return histogram.total / Math.max(1, inFlight)
}

/** The histogram of a phase; undefined where it is empty or cannot be read. */
export const histogramOf = ({ histogram }: Phase): Histogram | undefined => {
  if (histogram === '') return undefined
  try {
    const decoded = decodeHistogram(histogram)
    return decoded.total === 0 ? undefined : decoded
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** The bounds of several runs together, so that what changes from run to run is noise as well. */
export const hull = (intervals: readonly Interval[]): Interval | undefined => {
  if (intervals.length === 0) return undefined
  const sorted = intervals.map(({ value }) => value).toSorted((one, other) => one - other)
  return {
    value: sorted[Math.floor((sorted.length - 1) / 2)] ?? 0,
    low: Math.min(...intervals.map(({ low }) => low)),
    high: Math.max(...intervals.map(({ high }) => high)),
  }
}

/**
 * One value less another, of independent measurements: their distances to their bounds add up as errors do (the
 * method of variance estimates recovery), not as they stand, which would be too wide.
 */
export const differenceOf = (one: Interval, other: Interval): Interval => {
  const value = one.value - other.value
  return {
    value,
    low: value - Math.hypot(one.value - one.low, other.high - other.value),
    high: value + Math.hypot(one.high - one.value, other.value - other.low),
  }
}

/** One positive value over another: a difference of logarithms. */
export const ratioOf = (one: Interval, other: Interval): Interval => {
  const { value, low, high } = differenceOf(logarithm(one), logarithm(other))
  return { value: Math.exp(value), low: Math.exp(low), high: Math.exp(high) }
}

const logarithm = ({ value, low, high }: Interval): Interval => ({
  value: Math.log(value),
  low: Math.log(low),
  high: Math.log(high),
})
