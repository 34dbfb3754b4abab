import type { Random } from './random.ts'

/** A median with the interval that it lies in with the asked confidence. */
export type Estimate = { readonly median: number; readonly low: number; readonly high: number }

/** Fewer values than this give no interval that deserves the name. */
export const fewestValues = 120

/** Neighbours are alike on a noisy machine: few of them to a batch would hide it. */
const perBatch = 10
const [fewestBatches, mostBatches] = [30, 120] as const
const resamples = 4000

/** The share of resampled medians that lie within the interval. */
export type Confidence = 0.95 | 0.999

/**
 * The median of values in the order in which they were measured, with a bootstrap interval: what is drawn anew are
 * batches of neighbours, at most 120, so that a drift or a correlation between neighbours widens the interval
 * instead of hiding in it. So few draws lie beyond 99.9 % that their ends are chance (on equal requests an interval of
 * them left out 0 four times in a thousand): there it is Student's, of the draws' standard error. Undefined for fewer
 * than {@link fewestValues}.
 */
export const estimate = (
  values: readonly number[],
  confidence: Confidence,
  random: Random,
): Estimate | undefined => {
  if (values.length < fewestValues) return undefined
  const batches = Math.min(mostBatches, Math.max(fewestBatches, Math.floor(values.length / perBatch)))
  const medians = resampledMedians(values, batches, random).toSorted((a, b) => a - b)
  const median = medianOf(values)
  if (confidence === 0.999) {
    const half = studentOf(batches - 1) * standardErrorOf(medians) * Math.sqrt(batches / (batches - 1))
    return { median, low: median - half, high: median + half }
  }
  const outside = (1 - confidence) / 2
  return { median, low: quantileOfSorted(medians, outside), high: quantileOfSorted(medians, 1 - outside) }
}

const normal = 3.2905

/** Student's quantile for 99.9 % (two-sided), by the first terms of its series around the normal one. */
const studentOf = (freedom: number): number =>
  normal +
  (normal ** 3 + normal) / (4 * freedom) +
  (5 * normal ** 5 + 16 * normal ** 3 + 3 * normal) / (96 * freedom ** 2)

const standardErrorOf = (draws: readonly number[]): number => {
  const mean = draws.reduce((sum, each) => sum + each, 0) / draws.length
  return Math.sqrt(draws.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (draws.length - 1))
}

/**
 * Medians of as many draws of batches. The values are sorted once; a draw says how often each batch counts, and its
 * median stands where the counts of the sorted values reach the half: never far from the middle.
 */
const resampledMedians = (values: readonly number[], batches: number, random: Random): number[] => {
  const order = Uint32Array.from(values.keys()).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0))
  const batchOf = Uint8Array.from(order, (at) => Math.floor((at * batches) / values.length))
  const middle = Math.floor(values.length / 2)
  const sizes = countsOf(batchOf, batches)
  const below = countsOf(batchOf.subarray(0, middle), batches)
  const drawn = new Uint32Array(batches)
  const weightAt = (at: number): number => drawn[batchOf[at] ?? 0] ?? 0
  return Array.from({ length: resamples }, () => {
    drawn.fill(0)
    let [whole, seen, at] = [0, 0, middle]
    for (let draw = 0; draw < batches; draw++) {
      const batch = Math.floor(random() * batches)
      drawn[batch] = (drawn[batch] ?? 0) + 1
      whole += sizes[batch] ?? 0
      seen += below[batch] ?? 0
    }
    while (seen * 2 >= whole) seen -= weightAt(--at)
    while ((seen + weightAt(at)) * 2 < whole) seen += weightAt(at++)
    return values[order[at] ?? 0] ?? NaN
  })
}

const countsOf = (batchOf: Uint8Array, batches: number): Uint32Array => {
  const counts = new Uint32Array(batches)
  for (const batch of batchOf) counts[batch] = (counts[batch] ?? 0) + 1
  return counts
}

/** The middle value, or the mean of the two in the middle; NaN where there is none. */
export const medianOf = (values: readonly number[]): number => quantileOf(values, 0.5)

/** Interpolated between neighbours; NaN where there is no value. */
export const quantileOf = (values: readonly number[], q: number): number =>
  quantileOfSorted(
    values.toSorted((a, b) => a - b),
    q,
  )

const quantileOfSorted = (sorted: readonly number[], q: number): number => {
  const at = q * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN]
  return below + (above - below) * (at - Math.floor(at))
}
