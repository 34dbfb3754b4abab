import type { PlannedCase } from './plan.ts'

/** What some features together would unlock. */
export type Unlocked = {
  /** One feature, or the several that it takes. */
  readonly features: readonly string[]
  /** Cases that run then and do not now. */
  readonly cases: number
  /** Variants that run then and do not now, of cases that run already too. */
  readonly variants: number
}

/** What will run, as far as it is known before anything is sent. */
export type Forecast = {
  readonly cases: number
  readonly running: number
  /** Cases that run without some of their variants. */
  readonly partly: number
  readonly variants: number
  readonly runningVariants: number
  /** Those that unlock most first. */
  readonly unlocks: readonly Unlocked[]
  readonly idle: readonly PlannedCase[]
}

/** Counts a plan, and what each further supply would add to it. */
export const forecast = (planned: readonly PlannedCase[]): Forecast => {
  const variants = planned.flatMap((one) => one.variants)
  const idle = planned.filter((one) => !runs(one))
  const cases = tally(idle.flatMap(waysToRun))
  const further = tally(variants.map(({ missing }) => missing).filter((missing) => missing.length > 0))
  return {
    cases: planned.length,
    running: planned.length - idle.length,
    partly: planned.filter((one) => runs(one) && one.variants.some(({ missing }) => missing.length > 0))
      .length,
    variants: variants.length,
    runningVariants: variants.filter(({ missing }) => missing.length === 0).length,
    unlocks: [...new Set([...cases.keys(), ...further.keys()])]
      .map((key) => ({
        features: key.split(' '),
        cases: cases.get(key) ?? 0,
        variants: further.get(key) ?? 0,
      }))
      .toSorted((one, other) => other.cases - one.cases || other.variants - one.variants),
    idle,
  }
}

const runs = ({ variants }: PlannedCase): boolean => variants.some(({ missing }) => missing.length === 0)

/** The sets of features that would each make one of the variants run, without those that hold a smaller one. */
const waysToRun = ({ variants }: PlannedCase): readonly (readonly string[])[] => {
  const sets = [...tally(variants.map(({ missing }) => missing)).keys()].map((key) => key.split(' '))
  return sets.filter(
    (set) => !sets.some((other) => other.length < set.length && other.every((name) => set.includes(name))),
  )
}

/** How often each set of features occurs, whatever its order. */
const tally = (sets: readonly (readonly string[])[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const set of sets) {
    const key = set.toSorted().join(' ')
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}
