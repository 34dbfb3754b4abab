import { describe, expect, it } from 'vitest'
import { seededRandom, type Random } from './random.ts'
import { estimate, fewestValues, medianOf, quantileOf } from './statistics.ts'

/** Skewed noise like that of latencies, with a known median of 0. */
const skewed = (random: Random): number => -Math.log(1 - random()) * 20 - Math.log(2) * 20

const even = (random: Random): number => (random() - 0.5) * 40

/** Each value remembers the last one, as those of a machine that is busy for a while do; symmetrical around 0. */
const remembering = (random: Random): (() => number) => {
  let last = 0
  return () => (last = 0.6 * last + even(random))
}

type Noise = (random: Random) => () => number
const noises: Readonly<Record<string, Noise>> = {
  skewed: (random) => () => skewed(random),
  even: (random) => () => even(random),
  // As often to one side as to the other, because both sides of a difference stall.
  'with rare stalls': (random) => () =>
    even(random) + (random() < 0.04 ? 5000 * Math.sign(random() - 0.5) : 0),
  'that remembers': remembering,
}
const runs = 200

/** In how many of the runs the interval holds the truth. */
const held = (noise: Noise, { count, truth, seed }: { count: number; truth: number; seed: number }) => {
  const random = seededRandom(seed)
  let [usual, wide] = [0, 0]
  for (let run = 0; run < runs; run++) {
    const next = noise(random)
    const values = Array.from({ length: count }, () => truth + next())
    const [narrower, wider] = [estimate(values, 0.95, random)!, estimate(values, 0.999, random)!]
    if (narrower.low <= truth && truth <= narrower.high) usual++
    if (wider.low <= truth && truth <= wider.high) wide++
  }
  return { usual: usual / runs, wide: wide / runs }
}

describe('an estimate', () => {
  it.each(Object.entries(noises))(
    'holds the true median about as often as its confidence says in noise that is %s',
    (_name, noise) => {
      const { usual, wide } = held(noise, { count: 600, truth: 50, seed: 11 })
      expect(usual).toBeGreaterThan(0.91)
      expect(usual).toBeLessThan(0.99)
      expect(wide).toBeGreaterThan(0.985)
    },
  )

  it('is wider where the values drift', () => {
    const random = seededRandom(12)
    const still = Array.from({ length: 600 }, () => skewed(random))
    const drifting = still.map((value, at) => value + at / 5)
    const width = (values: number[]): number => {
      const { low, high } = estimate(values, 0.95, random)!
      return high - low
    }
    expect(width(drifting)).toBeGreaterThan(width(still) * 2)
  })

  it('is the same for the same seed', () => {
    const values = Array.from({ length: 400 }, (_, at) => (at * 7919) % 101)
    const twice = [1, 2].map(() => estimate(values, 0.95, seededRandom(3)))
    expect(twice[0]).toEqual(twice[1])
  })

  it('is refused for too few values', () => {
    const random = seededRandom(1)
    expect(estimate(new Array(fewestValues - 1).fill(1), 0.95, random)).toBeUndefined()
    expect(estimate(new Array(fewestValues).fill(1), 0.95, random)).toEqual({ median: 1, low: 1, high: 1 })
  })
})

describe('a quantile', () => {
  it('lies between its neighbours', () => {
    expect(medianOf([3, 1, 2])).toBe(2)
    expect(medianOf([4, 1, 2, 3])).toBe(2.5)
    expect(quantileOf([10, 20], 0.25)).toBe(12.5)
    expect(medianOf([])).toBeNaN()
  })
})
