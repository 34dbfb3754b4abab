/** A median with the interval that it lies in with the asked confidence. */
export type Estimate = { readonly median: number; readonly low: number; readonly high: number }

const batches = 30
/** Fewer values than this give no interval that deserves the name. */
export const fewestValues = batches * 4

/** Quantiles of Student's t with 29 degrees of freedom, two-sided. */
const studentT = { 0.95: 2.045, 0.999: 3.659 } as const
export type Confidence = keyof typeof studentT

/**
 * The median of values in the order in which they were measured, with an interval from the medians of 30 batches of
 * neighbours, so that a drift or a correlation between neighbours widens the interval instead of hiding in it.
 * Undefined for fewer than {@link fewestValues}.
 */
export const estimate = (values: readonly number[], confidence: Confidence): Estimate | undefined => {
  if (values.length < fewestValues) return undefined
  const medians = Array.from({ length: batches }, (_, batch) =>
    medianOf(values.slice(edge(batch, values.length), edge(batch + 1, values.length))),
  )
  const mean = medians.reduce((sum, each) => sum + each, 0) / batches
  const variance = medians.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (batches - 1)
  const half = studentT[confidence] * Math.sqrt(variance / batches)
  const median = medianOf(values)
  return { median, low: median - half, high: median + half }
}

const edge = (batch: number, length: number): number => Math.floor((batch * length) / batches)

/** The middle value, or the mean of the two in the middle; NaN where there is none. */
export const medianOf = (values: readonly number[]): number => quantileOf(values, 0.5)

/** Interpolated between neighbours; NaN where there is no value. */
export const quantileOf = (values: readonly number[], q: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = q * (sorted.length - 1)
  const [below, above] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN]
  return below + (above - below) * (at - Math.floor(at))
}
