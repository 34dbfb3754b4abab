import { estimate, fewestValues, medianOf, type Estimate } from './statistics.ts'

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

/** The variants of a measurement, as a result calls them. */
export const variantNames = {
  public: 'public',
  publicWithToken: 'public+bytes',
  publicTwin: 'public+bytes (twin)',
  repeated: 'protected repeated',
  repeatedTwin: 'protected repeated (twin)',
  distinct: 'protected distinct',
  refused: 'refused',
} as const

/** A variant, and how long it took in microseconds in each block. */
export type Measured = { readonly name: string; readonly times: readonly number[] }

const warmupShare = 0.1

const comparisons: readonly (readonly [name: string, of: string, from: string])[] = [
  ['validation', variantNames.distinct, variantNames.publicWithToken],
  ['validation, token seen before', variantNames.repeated, variantNames.publicWithToken],
  ['token not seen before', variantNames.distinct, variantNames.repeated],
  ['token header', variantNames.publicWithToken, variantNames.public],
  ['refusal', variantNames.refused, variantNames.repeated],
]
const twins: readonly (readonly [of: string, from: string])[] = [
  [variantNames.publicTwin, variantNames.publicWithToken],
  [variantNames.repeatedTwin, variantNames.repeated],
]

type Circumstances = Pick<ValidationResult, 'relative' | 'leftOut' | 'dropped'>

/** What the blocks show; the first tenth of them is a warm-up, and doesn't count. */
export const summarizeBlocks = (
  lanes: readonly Measured[],
  circumstances: Circumstances,
): ValidationResult => {
  const measured = lanes[0]?.times.length ?? 0
  const warm = Math.floor(measured * warmupShare)
  const times = new Map(lanes.map((lane) => [lane.name, lane.times.slice(warm)]))
  const blocks = measured - warm
  // One in twenty sound runs would fail at 95 %.
  const [aa = null] = twins.flatMap(([of, from]) => difference(times, ['A/A', of, from], 0.999))
  const reason = whyInvalid({ ...circumstances, blocks, aa })
  return {
    unit: 'µs',
    valid: reason === undefined,
    ...(reason === undefined ? {} : { reason }),
    ...circumstances,
    blocks,
    variants: Object.fromEntries(
      [...times].flatMap(([name, each]) =>
        each.length === 0 ? [] : [[name, { p50: rounded(medianOf(each)) }]],
      ),
    ),
    differences: comparisons.flatMap((comparison) => difference(times, comparison, 0.95)),
    aa,
  }
}

/** One difference, or none where a side was not measured, or not often enough. */
const difference = (
  times: ReadonlyMap<string, readonly number[]>,
  [name, of, from]: readonly [name: string, of: string, from: string],
  confidence: 0.95 | 0.999,
): Difference[] => {
  const [longer, shorter] = [times.get(of), times.get(from)]
  if (longer === undefined || shorter === undefined) return []
  const found = estimate(
    longer.map((each, at) => each - (shorter[at] ?? 0)),
    confidence,
  )
  if (found === undefined) return []
  const [median, low, high] = [rounded(found.median), rounded(found.low), rounded(found.high)]
  return [{ name, of, from, median, low, high, significant: found.low > 0 || found.high < 0 }]
}

const whyInvalid = ({
  leftOut,
  blocks,
  dropped,
  aa,
}: Circumstances & { blocks: number; aa: Difference | null }): string | undefined => {
  const needed = leftOut.find(({ name }) => name !== variantNames.refused)
  if (needed !== undefined) return `${needed.name}: ${needed.reason}`
  if (aa === null) return `too few blocks: ${blocks}, of ${fewestValues} at least`
  if (dropped > blocks) return `more blocks were given up (${dropped}) than measured (${blocks})`
  if (aa.significant) return `environment too noisy: equal requests differ by ${aa.low} to ${aa.high} µs`
  return undefined
}

const rounded = (microseconds: number): number => Math.round(microseconds * 10) / 10
