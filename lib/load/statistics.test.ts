import { describe, expect, it } from 'vitest'
import { seededRandom } from './random.ts'
import { estimate, fewestValues, medianOf, quantileOf } from './statistics.ts'

/** Skewed noise like that of latencies, with a known median of 0. */
const noise = (random: () => number): number => -Math.log(1 - random()) * 20 - Math.log(2) * 20

describe('an estimate', () => {
  it('holds the true median about as often as its confidence says', () => {
    const random = seededRandom(11)
    let [inside, insideWide] = [0, 0]
    for (let run = 0; run < 400; run++) {
      const values = Array.from({ length: 600 }, () => 50 + noise(random))
      const [usual, wide] = [estimate(values, 0.95)!, estimate(values, 0.999)!]
      if (usual.low <= 50 && 50 <= usual.high) inside++
      if (wide.low <= 50 && 50 <= wide.high) insideWide++
    }
    expect(inside / 400).toBeGreaterThan(0.92)
    expect(inside / 400).toBeLessThan(0.99)
    expect(insideWide / 400).toBeGreaterThan(0.99)
  })

  it('is wider where the values drift', () => {
    const random = seededRandom(12)
    const still = Array.from({ length: 600 }, () => noise(random))
    const drifting = still.map((value, at) => value + at / 5)
    const width = (values: number[]): number => estimate(values, 0.95)!.high - estimate(values, 0.95)!.low
    expect(width(drifting)).toBeGreaterThan(width(still) * 3)
  })

  it('is refused for too few values', () => {
    expect(estimate(new Array(fewestValues - 1).fill(1), 0.95)).toBeUndefined()
    expect(estimate(new Array(fewestValues).fill(1), 0.95)).toEqual({ median: 1, low: 1, high: 1 })
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
