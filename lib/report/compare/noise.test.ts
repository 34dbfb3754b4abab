import { describe, expect, it } from 'vitest'
import type { Phase } from '../report.ts'
import { drawn, loadFrom } from './fixture.ts'
import { differenceOf, histogramOf, hull, quantileInterval, ratioOf, throughputInterval } from './noise.ts'

const phaseOf = (requests: number, more: Partial<Phase> = {}, seed = 1): Phase => {
  const [phase] = loadFrom({ median: 500, requests, seed }, more).phases
  if (phase === undefined) throw new Error('there is a phase')
  return phase
}

/** The distribution that the fixture draws from, at a quantile, in milliseconds. */
const truth = (q: number): number => (500 * (0.6 + 0.4 / (1 - q) ** 0.32193)) / 1000

it.each([0.5, 0.99] as const)(
  'holds the true quantile %s in its interval, in 97 of 100 runs or more',
  (q) => {
    const held = Array.from({ length: 100 }, (_, seed) => {
      const sample = { median: 500, requests: 5000, seed: seed + 100 }
      const bounds = quantileInterval(phaseOf(5000, { connections: 1 }), drawn(sample), q)
      if (bounds === undefined) throw new Error('there are enough samples')
      return bounds.low <= truth(q) * 1.001 && truth(q) <= bounds.high * 1.001
    })
    expect(held.filter(Boolean).length).toBeGreaterThanOrEqual(97)
  },
)

it('is wider the more requests were in flight together, since they share a stall', () => {
  const histogram = drawn({ median: 500, requests: 100_000, seed: 1 })
  const width = (connections: number): number => {
    const bounds = quantileInterval(phaseOf(100_000, { connections }), histogram, 0.5)
    return (bounds?.high ?? Number.NaN) - (bounds?.low ?? Number.NaN)
  }
  expect(width(100)).toBeGreaterThan(width(1) * 5)
})

it('has no interval for a quantile that too few samples lie beyond', () => {
  const phase = phaseOf(5000)
  expect(quantileInterval(phase, drawn({ median: 500, requests: 5000, seed: 1 }), 0.99)).toBeUndefined()
})

it('bounds throughput by the noise of the mean latency', () => {
  const [few, many] = [2000, 200_000].map((requests) => {
    const phase = phaseOf(requests)
    const histogram = histogramOf(phase)
    const bounds = histogram && throughputInterval(phase, histogram)
    if (bounds === undefined) throw new Error('there are samples')
    expect(bounds.low).toBeLessThan(phase.perSecond)
    expect(bounds.high).toBeGreaterThan(phase.perSecond)
    return (bounds.high - bounds.low) / bounds.value
  })
  expect((few ?? 0) / (many ?? 1)).toBeGreaterThan(5)
})

describe('slices of the run', () => {
  const slice = (p50: number, judged = 1000): NonNullable<Phase['series']>[number] => ({
    atMs: 0,
    ms: 1000,
    judged,
    errors: 0,
    misjudged: 0,
    latencyMs: { p50, p90: p50, p99: p50, 'p99.9': p50, max: p50, mean: p50 },
    histogram: '',
  })
  const width = (series: Phase['series'] | undefined): number => {
    const phase = phaseOf(100_000, series === undefined ? {} : { series })
    const bounds = quantileInterval(phase, drawn({ median: 500, requests: 100_000, seed: 1 }), 0.5)
    return (bounds?.high ?? Number.NaN) - (bounds?.low ?? Number.NaN)
  }
  const calm = Array.from({ length: 20 }, () => slice(0.5))
  const shaken = calm.map((_, at) => slice(at % 2 === 0 ? 0.3 : 0.7))
  const growing = calm.map((_, at) => slice(0.3 + at / 50))

  it('widen the bounds by what changes from one to the next', () => {
    expect(width(calm)).toBe(width(undefined))
    expect(width(shaken)).toBeGreaterThan(width(undefined) * 2)
    expect(width(shaken.slice(0, 4))).toBe(width(undefined))
  })

  it('are not taken for noise where the load is meant to grow', () => {
    expect(width(growing)).toBeLessThan(width(shaken) / 5)
  })

  it('widen those of throughput as well', () => {
    const [steady, jumping] = [calm, calm.map((_, at) => slice(0.5, at % 2 === 0 ? 500 : 1500))].map(
      (series) => {
        const phase = phaseOf(100_000, { series })
        const histogram = histogramOf(phase)
        const bounds = histogram && throughputInterval(phase, histogram)
        return (bounds?.high ?? Number.NaN) - (bounds?.low ?? Number.NaN)
      },
    )
    expect(jumping).toBeGreaterThan((steady ?? Number.NaN) * 2)
  })
})

it('reads no histogram out of nothing, nor out of what is none', () => {
  expect(histogramOf(phaseOf(10, { histogram: '' }))).toBeUndefined()
  expect(histogramOf(phaseOf(10, { histogram: 'bm9wZQ==' }))).toBeUndefined()
})

it('bounds several runs by the outermost of their bounds', () => {
  expect(hull([])).toBeUndefined()
  expect(
    hull([
      { value: 5, low: 4, high: 6 },
      { value: 7, low: 6, high: 9 },
    ]),
  ).toEqual({ value: 5, low: 4, high: 9 })
})

it('adds up the noise of two measurements as errors add up', () => {
  const [one, other] = [
    { value: 10, low: 7, high: 13 },
    { value: 20, low: 16, high: 24 },
  ]
  expect(differenceOf(other, one)).toEqual({ value: 10, low: 5, high: 15 })
  const exact = { value: 5, low: 5, high: 5 }
  const ratio = ratioOf(one, exact)
  expect([ratio.low, ratio.value, ratio.high].map((each) => each.toFixed(6))).toEqual([
    '1.400000',
    '2.000000',
    '2.600000',
  ])
})
