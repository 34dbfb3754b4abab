import type { Arrivals } from './engine.ts'
import type { Random } from './random.ts'

/** Requests a second over the time of a phase: the same all along, or rising (falling) evenly to another rate. */
export type Rate = { readonly from: number; readonly to: number }

export type ArrivalKind = 'uniform' | 'poisson'

export type SchedulePlan = {
  readonly rate: Rate
  /** Before the phase, at the rate that it begins with. */
  readonly warmupMs: number
  readonly durationMs: number
  readonly kind: ArrivalKind
}

/**
 * When requests are due from `begunAt` on, a pure function of the plan and of chance. Uniform arrivals keep their
 * distance; those of a Poisson process come as independent users do, now and then many at once.
 */
export const scheduleArrivals = (plan: SchedulePlan, begunAt: number, random: Random): Arrivals => {
  const end = plan.warmupMs + plan.durationMs
  let count = 0
  let due = 0
  const advance = (): void => {
    count += plan.kind === 'uniform' ? 1 : -Math.log(1 - random())
    const at = momentOf(count, plan)
    due = at < end ? begunAt + at : Infinity
  }
  advance()
  return {
    peek: () => due,
    next: () => {
      const taken = due
      if (taken !== Infinity) advance()
      return taken
    },
  }
}

/** The milliseconds after which so many requests have been due: the inverse of the sum of the rate over time. */
export const momentOf = (
  count: number,
  { rate: { from, to }, warmupMs, durationMs }: SchedulePlan,
): number => {
  const during = (from * warmupMs) / 1000
  if (count < during) return (count / from) * 1000
  const left = count - during
  const slope = ((to - from) / durationMs) * 1000
  // From `left = from·s + slope·s²/2`, in the form that stays exact where the slope is next to nothing.
  const root = Math.sqrt(Math.max(0, from * from + 2 * slope * left))
  const reached = from + root
  const isBeyond = slope < 0 && from * from + 2 * slope * left < 0
  return isBeyond || reached === 0 ? Infinity : warmupMs + ((2 * left) / reached) * 1000
}
