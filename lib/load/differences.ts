import { seededRandom, type Random } from './random.ts'
import { estimate, fewestValues, medianOf, type Confidence, type Estimate } from './statistics.ts'

/** How much longer `of` takes than `from`, in microseconds: the median with its interval of 95 % (`aa`: of 99.9 %). */
export type Difference = Estimate & {
  readonly name: string
  readonly of: string
  readonly from: string
  /** The interval leaves out 0. */
  readonly significant: boolean
}

export type ValidationResult = {
  readonly unit: 'µs'
  readonly valid: boolean
  /** Why it is not valid. */
  readonly reason?: string
  /** There is no public route to compare with: what validation costs is not known, only what distinct tokens cost more. */
  readonly relative: boolean
  /** Complete ones, without those of the warm-up. */
  readonly blocks: number
  /** Given up because of a lost or unexpected answer or a closed connection. */
  readonly dropped: number
  /** Variants that could not be measured, and why. */
  readonly leftOut: readonly { readonly name: string; readonly reason: string }[]
  readonly variants: Readonly<Record<string, { readonly p50: number }>>
  readonly differences: readonly Difference[]
  /** Two variants that are one and the same: what the measurement shows where there is nothing. */
  readonly aa: Difference | null
}

/** How much longer the one arm takes than the other, under a name. */
export type Comparison = readonly [name: string, of: string, from: string]

/** An arm, and how long it took in microseconds in each block. */
export type Measured = { readonly name: string; readonly times: readonly number[] }

const warmupShare = 0.1

/** What is compared, and what happened on the way. */
export type Circumstances = Pick<ValidationResult, 'relative' | 'leftOut' | 'dropped'> & {
  readonly comparisons: readonly Comparison[]
  /** Two arms that are one and the same. */
  readonly twins: readonly [of: string, from: string]
  /** Arms without which nothing is valid. */
  readonly needed: readonly string[]
  /** How late the measuring process itself was: 99th percentile. Null where it was too short to tell. */
  readonly loopDelayP99Ms: number | null
  /** Of the resampling. */
  readonly seed: number
}

/** Above this the measuring process was held up so often that differences say little. */
const mostLoopDelayMs = 50

/** What the blocks show; the first tenth of them is a warm-up, and doesn't count. */
export const summarizeBlocks = (
  arms: readonly Measured[],
  circumstances: Circumstances,
): ValidationResult => {
  const { comparisons, twins, relative, leftOut, dropped } = circumstances
  const measured = arms[0]?.times.length ?? 0
  const warm = Math.floor(measured * warmupShare)
  const times = new Map(arms.map((arm) => [arm.name, arm.times.slice(warm)]))
  const blocks = measured - warm
  const random = seededRandom(circumstances.seed)
  const compare = (comparison: Comparison, confidence: Confidence): Difference[] =>
    difference(times, comparison, confidence, random)
  // One in twenty sound runs would fail at 95 %.
  const [aa = null] = compare(['A/A', ...twins], 0.999)
  const reason = whyInvalid({ ...circumstances, blocks, aa })
  return {
    unit: 'µs',
    valid: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    relative,
    leftOut,
    dropped,
    blocks,
    variants: Object.fromEntries(
      [...times].flatMap(([name, each]) =>
        each.length === 0 ? [] : [[name, { p50: rounded(medianOf(each)) }]],
      ),
    ),
    differences: comparisons.flatMap((comparison) => compare(comparison, 0.95)),
    aa,
  }
}

/** One difference, or none where a side was not measured, or not often enough. */
const difference = (
  times: ReadonlyMap<string, readonly number[]>,
  [name, of, from]: Comparison,
  confidence: Confidence,
  random: Random,
): Difference[] => {
  const [longer, shorter] = [times.get(of), times.get(from)]
  if (longer === undefined || shorter === undefined) return []
  const found = estimate(
    longer.map((each, at) => each - (shorter[at] ?? 0)),
    confidence,
    random,
  )
  if (found === undefined) return []
  const [median, low, high] = [rounded(found.median), rounded(found.low), rounded(found.high)]
  return [{ name, of, from, median, low, high, significant: found.low > 0 || found.high < 0 }]
}

const whyInvalid = ({
  leftOut,
  needed,
  blocks,
  dropped,
  aa,
  loopDelayP99Ms: delay,
}: Circumstances & { blocks: number; aa: Difference | null }): string | undefined => {
  const missing = leftOut.find(({ name }) => needed.includes(name))
  if (missing !== undefined) return `${missing.name}: ${missing.reason}`
  if (aa === null) return `too few blocks: ${blocks}, of ${fewestValues} at least`
  if (dropped > blocks) return `more blocks were given up (${dropped}) than measured (${blocks})`
  if (delay !== null && delay > mostLoopDelayMs)
    return `the generator itself was late by ${delay.toFixed(1)} ms (p99)`
  if (aa.significant) return `environment too noisy: equal requests differ by ${aa.low} to ${aa.high} µs`
  return undefined
}

const rounded = (microseconds: number): number => Math.round(microseconds * 10) / 10
