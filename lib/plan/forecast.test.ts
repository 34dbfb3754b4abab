import { expect, it } from 'vitest'
import { forecast } from './forecast.ts'
import type { PlannedCase } from './plan.ts'

/** A planned case whose variants lack these features. */
const lacking = (...missing: readonly (readonly string[])[]): PlannedCase =>
  ({ variants: missing.map((each) => ({ missing: each })) }) as unknown as PlannedCase

it('counts what runs, and what runs in part', () => {
  const told = forecast([lacking([]), lacking([], ['a']), lacking(['a'], ['b'])])
  expect(told).toMatchObject({ cases: 3, running: 2, partly: 1, variants: 5, runningVariants: 2 })
  expect(told.idle).toHaveLength(1)
})

it('credits each supply with what it unlocks by itself, cases before variants', () => {
  const told = forecast([
    lacking(['a']),
    lacking(['a'], ['b']),
    lacking([], ['b']),
    lacking([], ['c'], ['c']),
  ])
  expect(told.unlocks).toEqual([
    { features: ['a'], cases: 2, variants: 2 },
    { features: ['b'], cases: 1, variants: 2 },
    { features: ['c'], cases: 0, variants: 2 },
  ])
})

it('names what is needed together, whatever its order, and not where less is enough', () => {
  const told = forecast([lacking(['a', 'b']), lacking(['b', 'a']), lacking(['a', 'b'], ['a'])])
  expect(told.unlocks).toEqual([
    { features: ['a', 'b'], cases: 2, variants: 3 },
    { features: ['a'], cases: 1, variants: 1 },
  ])
})

it('has nothing to unlock where all runs', () => {
  expect(forecast([lacking([]), lacking([], [])]).unlocks).toEqual([])
})
