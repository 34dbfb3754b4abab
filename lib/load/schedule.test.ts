import { describe, expect, it } from 'vitest'
import { seededRandom } from './random.ts'
import { momentOf, scheduleArrivals, type SchedulePlan } from './schedule.ts'

const plan = (part: Partial<SchedulePlan>): SchedulePlan => ({
  rate: { from: 100, to: 100 },
  warmupMs: 0,
  durationMs: 1000,
  kind: 'uniform',
  ...part,
})

const allOf = (part: Partial<SchedulePlan>, begunAt = 0): number[] => {
  const arrivals = scheduleArrivals(plan(part), begunAt, seededRandom(7))
  const moments: number[] = []
  while (arrivals.peek() !== Infinity) moments.push(arrivals.next())
  expect(arrivals.next()).toBe(Infinity)
  return moments
}

describe('arrivals', () => {
  it('keep their distance where they are uniform, from the beginning on', () => {
    const moments = allOf({}, 5000)
    expect(moments).toHaveLength(99)
    expect(moments.slice(0, 3)).toEqual([5010, 5020, 5030])
  })

  it('come as often by chance as they are to, and not evenly', () => {
    const moments = allOf({ kind: 'poisson', rate: { from: 1000, to: 1000 }, durationMs: 20_000 })
    expect(Math.abs(moments.length - 20_000)).toBeLessThan(600)
    const gaps = moments.slice(1).map((moment, at) => moment - moments[at]!)
    // Of exponential distances a share of 1 - 1/e is shorter than the mean.
    const short = gaps.filter((gap) => gap < 1).length / gaps.length
    expect(short).toBeGreaterThan(0.61)
    expect(short).toBeLessThan(0.65)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0)
  })

  it('are the same again for the same seed', () => {
    expect(allOf({ kind: 'poisson' })).toEqual(allOf({ kind: 'poisson' }))
  })

  it('come ever faster in a ramp, half as many in its first half as its mean rate says less a quarter', () => {
    const moments = allOf({ rate: { from: 0.001, to: 2000 }, durationMs: 1000 })
    expect(moments.length).toBeGreaterThan(995)
    expect(moments.length).toBeLessThanOrEqual(1000)
    const early = moments.filter((moment) => moment < 500).length
    expect(Math.abs(early - 250)).toBeLessThan(3)
  })

  it('come ever slower in a ramp that falls, to its end', () => {
    const moments = allOf({ rate: { from: 2000, to: 0.001 }, durationMs: 1000 })
    expect(Math.abs(moments.length - 1000)).toBeLessThan(5)
    expect(Math.abs(moments.filter((moment) => moment < 500).length - 750)).toBeLessThan(3)
  })

  it('come in the warm-up as fast as the ramp begins', () => {
    const moments = allOf({ rate: { from: 100, to: 300 }, warmupMs: 500, durationMs: 1000 })
    expect(moments.filter((moment) => moment < 500)).toHaveLength(49)
    expect(Math.abs(moments.length - 50 - 200)).toBeLessThan(3)
  })
})

it('the moment of a count is the inverse of the rate over time', () => {
  const ramp = plan({ rate: { from: 10, to: 50 }, durationMs: 2000 })
  for (const seconds of [0.1, 0.7, 1.9]) {
    const count = 10 * seconds + (20 * seconds ** 2) / 2
    expect(momentOf(count, ramp)).toBeCloseTo(seconds * 1000, 6)
  }
  expect(momentOf(1e6, plan({ rate: { from: 10, to: 0 } }))).toBe(Infinity)
})
