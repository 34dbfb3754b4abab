import { parseHttpDate } from './http-date.ts'

/** What one answer says of the target's clock. */
export type ClockSample = {
  /** Values of the `Date`, `Age` and `Via` headers. */
  readonly date?: string
  readonly age?: string
  readonly via?: string
  /** Local time when the header section was complete: milliseconds since the epoch. */
  readonly receivedAt: number
  /** How long the exchange took. */
  readonly ms: number
}

export type ClockOffset = {
  /** To be added to the local time to get the target's. */
  readonly offsetSeconds: number
  /** Between the lowest and the highest estimate. */
  readonly spreadSeconds: number
  /** How far from an edge of a token's time a case must stay. */
  readonly marginSeconds: number
}

/** How far from an edge of a token's time a case must stay where the target's clock is unknown. */
export const marginWithoutOffsetSeconds = 30
const leastMarginSeconds = 5

/** The target's clock against ours, or undefined where no sample says: a cache's `Date` is not the target's. */
export const clockOffset = (samples: readonly ClockSample[]): ClockOffset | undefined => {
  const offsets = samples
    .map(estimate)
    .filter((offset) => offset !== undefined)
    .sort((a, b) => a - b)
  const lowest = offsets[0]
  const highest = offsets.at(-1)
  const median = offsets[Math.floor(offsets.length / 2)]
  if (lowest === undefined || highest === undefined || median === undefined) return undefined
  const spreadSeconds = highest - lowest
  return {
    offsetSeconds: median,
    spreadSeconds,
    marginSeconds: Math.max(leastMarginSeconds, 2 * spreadSeconds),
  }
}

/** `Date` cuts the fraction off, half a second on average, and was written about half the exchange before it came. */
const estimate = ({ date, age, via, receivedAt, ms }: ClockSample): number | undefined => {
  if (date === undefined || age !== undefined || via !== undefined) return undefined
  const at = parseHttpDate(date)
  return at === undefined ? undefined : (at + 500 - (receivedAt - ms / 2)) / 1000
}
