import { parseHttpDate } from './http-date.ts'

export type Pace = {
  /** Runs the function when its turn comes: within the concurrency, at the rate, and after a pause. */
  run<T>(fn: () => Promise<T>): Promise<T>
  /** Answers 429 or 503, with the value of `Retry-After` where it came: holds everything back; returns how long, in ms. */
  slowDown(retryAfter?: string): number
}

export type PaceOptions = {
  readonly concurrency: number
  /** No bound on the rate where it is left out. */
  readonly perSecond?: number
  readonly sleep: (ms: number) => Promise<void>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const longestPauseMs = 30_000
const firstPauseMs = 1_000
/** No slow-down makes the gap between two starts longer than this. */
const longestGapMs = 1_000

/**
 * Bounds what is under way and how fast it starts; each slow-down also halves both for what remains. Where a pause did
 * not help, the rate is from then on what was taken since the pause began: of no bound there is no half.
 */
export const createPace = ({ concurrency, perSecond, sleep, now }: PaceOptions): Pace => {
  const waiting: (() => void)[] = []
  let running = 0
  let bound = concurrency
  let gapMs = perSecond === undefined ? 0 : 1000 / perSecond
  let nextStart = 0
  let pausedUntil = 0
  let pauseMs = 0
  let slowedAt = 0
  let startedSince = 0

  const enter = async (): Promise<void> => {
    if (running >= bound) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
  }
  /** Hands the place on; a place above a lowered bound is given up. */
  const leave = (): void => {
    const next = running <= bound ? waiting.shift() : undefined
    if (next === undefined) running -= 1
    else next()
  }
  const turn = async (): Promise<void> => {
    for (;;) {
      const waitMs = Math.max(nextStart, pausedUntil) - now()
      if (waitMs <= 0) break
      await sleep(waitMs)
    }
    nextStart = now() + gapMs
    startedSince += 1
  }

  return {
    async run(fn) {
      await enter()
      try {
        await turn()
        return await fn()
      } finally {
        leave()
      }
    },
    slowDown(retryAfter) {
      const at = now()
      const paused = pausedUntil > at
      // Several answers may tell of one overload: only the first of a pause makes the next one longer.
      if (!paused) {
        const calm = pauseMs === 0 || at - pausedUntil > pauseMs
        pauseMs = calm ? firstPauseMs : Math.min(longestPauseMs, pauseMs * 2)
        bound = Math.max(1, Math.floor(bound / 2))
        const takenMs = calm ? 0 : (at - slowedAt) / Math.max(1, startedSince - 1)
        gapMs = Math.max(gapMs, Math.min(longestGapMs, Math.max(gapMs * 2, takenMs)))
        slowedAt = at
        startedSince = 0
      }
      const askedMs = retryAfter === undefined ? 0 : retryAfterMs(retryAfter, at)
      const grownMs = paused ? 0 : pauseMs
      pausedUntil = Math.max(pausedUntil, at + Math.min(longestPauseMs, askedMs > 0 ? askedMs : grownMs))
      return pausedUntil - at
    },
  }
}

/** Seconds or a date (RFC 9110 section 10.2.3); 0 where it is neither. */
const retryAfterMs = (value: string, now: number): number => {
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const at = parseHttpDate(value)
  return at === undefined ? 0 : at - now
}
