import { describe, expect, it } from 'vitest'
import { decodeHistogram } from './histogram-codec.ts'
import { Histogram } from './histogram.ts'
import type { ClassRecord } from './record.ts'
import { addSlices, Series, type Slice } from './series.ts'

/** What a recorder counts, driven by hand. */
const counter = () => {
  const valid: ClassRecord = {
    name: 'valid',
    expect: 'accept',
    pool: 1,
    taken: 0,
    sent: 0,
    judged: 0,
    falseAccepts: 0,
    falseRefusals: 0,
    latency: new Histogram(),
    offenders: [],
  }
  const errors = new Map<string, number>()
  return {
    classes: [valid],
    errors,
    answer: (microseconds: number) => {
      valid.judged++
      valid.latency.record(microseconds)
    },
    misjudge: () => valid.falseRefusals++,
    fail: () => errors.set('reset', (errors.get('reset') ?? 0) + 1),
  }
}
const totals = (slices: readonly Slice[]) => {
  const latency = new Histogram()
  for (const { histogram } of slices) latency.merge(decodeHistogram(histogram))
  return { judged: slices.reduce((sum, { judged }) => sum + judged, 0), latency }
}

describe('a series', () => {
  it('has a slice a second, each with what ended in it', () => {
    const counted = counter()
    const series = new Series()
    counted.answer(1000)
    counted.answer(3000)
    expect(series.observe(700, counted)).toBeUndefined()
    expect(series.observe(1004, counted)).toMatchObject({ atMs: 0, ms: 1004, judged: 2 })
    counted.answer(9000)
    counted.misjudge()
    counted.fail()
    const second = series.observe(2010, counted)
    expect(second).toMatchObject({ atMs: 1004, ms: 1006, judged: 1, misjudged: 1, errors: 1 })
    expect(second?.latencyMs.p50).toBeCloseTo(9, 1)
    series.finish(2600, counted)
    expect(series.slices.map(({ atMs, ms }) => [atMs, ms])).toEqual([
      [0, 1004],
      [1004, 1006],
      [2010, 590],
    ])
  })

  it('joins a short remainder to the last slice', () => {
    const counted = counter()
    const series = new Series()
    counted.answer(1000)
    series.observe(1000, counted)
    counted.answer(1000)
    series.finish(1200, counted)
    expect(series.slices).toMatchObject([{ atMs: 0, ms: 1200, judged: 2 }])
  })

  it('of an hour takes no more room than that of a minute, and loses nothing', () => {
    const counted = counter()
    const series = new Series()
    for (let second = 1; second <= 3600; second++) {
      counted.answer(second * 10)
      series.observe(second * 1000, counted)
    }
    series.finish(3_600_000, counted)
    expect(series.slices.length).toBeLessThanOrEqual(121)
    expect(series.slices.length).toBeGreaterThan(50)
    const { judged, latency } = totals(series.slices)
    expect(judged).toBe(3600)
    expect([...latency.buckets()]).toEqual([...(counted.classes[0]?.latency.buckets() ?? [])])
    const ends = series.slices.map(({ atMs, ms }) => atMs + ms)
    expect(series.slices.slice(1).map(({ atMs }) => atMs)).toEqual(ends.slice(0, -1))
  })

  it('is empty-handed, but there, where nothing came', () => {
    const series = new Series()
    series.finish(300, counter())
    expect(series.slices).toMatchObject([{ ms: 300, judged: 0, latencyMs: { p99: null } }])
  })
})

describe('slices of several generators', () => {
  it('are added to one that holds what all of them saw', () => {
    const seen = (microseconds: number): Slice => {
      const counted = counter()
      const series = new Series()
      counted.answer(microseconds)
      return series.observe(1000, counted)!
    }
    expect(addSlices([seen(100), seen(300)])).toMatchObject({
      atMs: 0,
      ms: 1000,
      judged: 2,
      latencyMs: { mean: 0.2 },
    })
  })
})
