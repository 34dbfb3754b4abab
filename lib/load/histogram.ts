/** The greatest value that is told apart: 120 s in microseconds. */
export const highestMicroseconds = 120_000_000

/** Values below 2048 have a bucket each; above, each doubling has 1024, so that a bucket is at most 0.1 % wide. */
const exact = 2048
const perDoubling = 1024
const doublings = 16
export const bucketCount = exact + doublings * perDoubling

export type LatencyMs = {
  readonly p50: number | null
  readonly p90: number | null
  readonly p99: number | null
  readonly 'p99.9': number | null
  readonly max: number | null
  readonly mean: number | null
}

/**
 * Log-linear histogram of whole microseconds from 1 to {@link highestMicroseconds}, with three significant digits.
 * Constant in size however much it records, and mergeable without loss.
 */
export class Histogram {
  readonly #counts = new Float64Array(bucketCount)
  #total = 0
  #sum = 0
  #max = 0
  #clamped = 0

  /** Values recorded. */
  get total(): number {
    return this.#total
  }

  /** Values that were greater than {@link highestMicroseconds}, and were recorded as that. */
  get clamped(): number {
    return this.#clamped
  }

  /** The sum of the recorded values, in microseconds. */
  get sum(): number {
    return this.#sum
  }

  /** The greatest recorded value in microseconds, exact; 0 when empty. */
  get max(): number {
    return this.#max
  }

  /** Records a duration in microseconds; less than 1 counts as 1. */
  record(microseconds: number): void {
    let value = Math.round(microseconds)
    if (value < 1) value = 1
    else if (value > highestMicroseconds) {
      value = highestMicroseconds
      this.#clamped++
    }
    const index = bucketOf(value)
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#total++
    this.#sum += value
    if (value > this.#max) this.#max = value
  }

  /** Adds what another histogram has recorded. */
  merge(other: Histogram): void {
    for (const [index, count] of other.buckets()) this.#counts[index] = (this.#counts[index] ?? 0) + count
    this.#total += other.#total
    this.#sum += other.#sum
    this.#clamped += other.#clamped
    this.#max = Math.max(this.#max, other.#max)
  }

  /**
   * What this one has recorded since it was like `before`. The greatest value is that of the buckets, within 0.1 %,
   * where it is not that of the whole.
   */
  without(before: Histogram): Histogram {
    const buckets: [index: number, count: number][] = []
    for (const [index, count] of this.buckets()) {
      const more = count - (before.#counts[index] ?? 0)
      if (more > 0) buckets.push([index, more])
    }
    const highest = buckets.at(-1)?.[0]
    return Histogram.restore({
      buckets,
      sum: this.#sum - before.#sum,
      max: highest === undefined ? 0 : Math.min(this.#max, Math.ceil(middleOf(highest))),
      clamped: this.#clamped - before.#clamped,
    })
  }

  /** The buckets that hold something, lowest first. */
  *buckets(): Generator<readonly [index: number, count: number]> {
    // An iterator of its own for each bucket would be a pause in a running load.
    for (let index = 0; index < bucketCount; index++) {
      const count = this.#counts[index] ?? 0
      if (count > 0) yield [index, count]
    }
  }

  /**
   * The value in microseconds that a share `q` (0 to 1) of the recorded values doesn't exceed, by nearest rank,
   * within 0.05 %. Undefined when empty.
   */
  percentile(q: number): number | undefined {
    if (this.#total === 0) return undefined
    const rank = Math.max(1, Math.ceil(q * this.#total))
    let seen = 0
    for (const [index, count] of this.buckets()) {
      seen += count
      if (seen >= rank) return Math.min(middleOf(index), this.#max)
    }
    return this.#max
  }

  /** The exact mean in microseconds. Undefined when empty. */
  mean(): number | undefined {
    return this.#total === 0 ? undefined : this.#sum / this.#total
  }

  /** The standard deviation in microseconds, as exact as the buckets are narrow. Undefined when empty. */
  deviation(): number | undefined {
    const mean = this.mean()
    if (mean === undefined) return undefined
    let squares = 0
    for (const [index, count] of this.buckets()) squares += count * (middleOf(index) - mean) ** 2
    return Math.sqrt(squares / this.#total)
  }

  /** The usual percentiles in milliseconds, each null when nothing was recorded. */
  latencyMs(): LatencyMs {
    const at = (q: number): number | null => milliseconds(this.percentile(q))
    return {
      p50: at(0.5),
      p90: at(0.9),
      p99: at(0.99),
      'p99.9': at(0.999),
      max: this.#total === 0 ? null : milliseconds(this.#max),
      mean: milliseconds(this.mean()),
    }
  }

  /** What a histogram of these parts would be; the parts are those of a histogram that was encoded. */
  static restore(parts: {
    readonly buckets: Iterable<readonly [index: number, count: number]>
    readonly sum: number
    readonly max: number
    readonly clamped: number
  }): Histogram {
    const histogram = new Histogram()
    for (const [index, count] of parts.buckets) {
      histogram.#counts[index] = count
      histogram.#total += count
    }
    histogram.#sum = parts.sum
    histogram.#max = parts.max
    histogram.#clamped = parts.clamped
    return histogram
  }
}

const bucketOf = (value: number): number => {
  if (value < exact) return value
  const shift = 21 - Math.clz32(value)
  return exact + (shift - 1) * perDoubling + ((value >>> shift) - perDoubling)
}

const middleOf = (index: number): number => {
  if (index < exact) return index
  const shift = Math.floor((index - exact) / perDoubling) + 1
  const lowest = (((index - exact) % perDoubling) + perDoubling) * 2 ** shift
  return lowest + (2 ** shift - 1) / 2
}

const milliseconds = (microseconds: number | undefined): number | null =>
  microseconds === undefined ? null : Math.round(microseconds) / 1000
