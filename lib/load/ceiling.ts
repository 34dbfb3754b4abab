import type { CeilingSettings } from '../config/load-settings.ts'

/** What became of a rate that was tried. `stopped`: the run was interrupted, or its target is gone. */
export type Trial = 'held' | 'crossed' | 'generator' | 'stopped'

/** A rate that was tried, and what was seen at it. */
export type CeilingStep = {
  /** Requests a second that were sent. */
  readonly rate: number
  /** Verdicts a second. */
  readonly perSecond: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly errors: number
  readonly misjudged: number
  /** The thresholds held, and the generator kept up. */
  readonly ok: boolean
  /** Why not. */
  readonly reasons: readonly string[]
}

/** How a target fares as the rate goes up. */
export type Ceiling = {
  /** The highest rate that was seen to hold; null where none was. */
  readonly highest: number | null
  /** What kept the search from going higher; `upTo` is where it was told to end. */
  readonly limit: Exclude<Trial, 'held'> | 'upTo'
  /** Every rate that was tried, lowest first. */
  readonly curve: readonly CeilingStep[]
}

type Tried = { readonly trial: Trial; readonly step: CeilingStep }

const growth = 2
/** A rate that did not hold is tried so often in all: one hiccup of the machine is no ceiling. */
const attempts = 2

/**
 * Searches the highest rate that holds: doubles it until one doesn't, and halves the distance between the highest that
 * did and the lowest that did not until they are near enough to each other. Below the first rate it does not go.
 */
export const searchCeiling = async (
  { from, upTo, withinPercent }: CeilingSettings,
  tryRate: (rate: number) => Promise<Tried>,
): Promise<Ceiling> => {
  const curve: CeilingStep[] = []
  let held: number | undefined
  let failed: { readonly rate: number; readonly why: Ceiling['limit'] } | undefined
  let rate = from
  const end = (limit: Ceiling['limit']): Ceiling => ({
    highest: held ?? null,
    limit,
    curve: curve.toSorted((a, b) => a.rate - b.rate),
  })
  for (;;) {
    const { trial, step } = await tryRepeatedly(rate, tryRate)
    curve.push(step)
    if (trial === 'stopped') return end(trial)
    if (trial === 'held') held = rate
    else failed = { rate, why: trial }
    if (held === upTo) return end('upTo')
    if (failed === undefined) rate = Math.min(upTo, rate * growth)
    else if (held === undefined || (failed.rate - held) * 100 <= held * withinPercent) return end(failed.why)
    else rate = (held + failed.rate) / 2
  }
}

const tryRepeatedly = async (rate: number, tryRate: (rate: number) => Promise<Tried>): Promise<Tried> => {
  let tried = await tryRate(rate)
  for (let more = 1; more < attempts && isFailure(tried); more++) tried = await tryRate(rate)
  return tried
}

const isFailure = ({ trial }: Tried): boolean => trial === 'crossed' || trial === 'generator'
