import { describe, expect, it } from 'vitest'
import { parseAbortOn, watchFor } from './abort.ts'
import { encodeHistogram } from './histogram-codec.ts'
import { Histogram } from './histogram.ts'
import type { Slice } from './series.ts'

const second = (change: Partial<Slice> = {}, microseconds = 1000): Slice => {
  const latency = new Histogram()
  const judged = change.judged ?? 500
  for (let at = 0; at < judged; at++) latency.record(microseconds)
  return {
    atMs: 0,
    ms: 1000,
    judged,
    errors: 0,
    misjudged: 0,
    latencyMs: latency.latencyMs(),
    histogram: encodeHistogram(latency),
    ...change,
  }
}
const watch = (...expressions: string[]) => {
  const { conditions, faults } = parseAbortOn(expressions)
  expect(faults).toEqual([])
  return watchFor(conditions)
}

describe('a watch', () => {
  it('lets a run go on as long as nothing holds that it is to be stopped at', () => {
    const see = watch('errors > 5%', 'misjudged > 0', 'p99 > 50ms', 'perSecond < 100')
    expect([second(), second({ errors: 20 }), second()].map(see)).toEqual([undefined, undefined, undefined])
  })

  it.each([
    ['errors > 5%', { errors: 60 }, (60 / 560) * 100],
    ['misjudged > 0', { misjudged: 1 }, 1],
    ['perSecond < 100', { judged: 10 }, 10],
  ])('stops at "%s", as a threshold that did not hold', (expression, change, value) => {
    expect(watch(expression)(second(change))).toEqual({
      expression: `abort on ${expression}`,
      value,
      ok: false,
    })
  })

  it('looks at a percentile only once it rests on samples enough', () => {
    const see = watch('p99 > 50ms')
    expect(see(second({}, 60_000))).toBeUndefined()
    expect(see(second({}, 60_000))).toMatchObject({ expression: 'abort on p99 > 50ms' })
  })

  it('counts the seconds together', () => {
    const see = watch('misjudged > 2')
    expect([1, 1, 1].map((misjudged) => see(second({ misjudged }))?.value)).toEqual([undefined, undefined, 3])
  })

  it.each([
    ['p99 > 50', 'a unit is missing'],
    ['class(valid).p99 > 5ms', 'no class'],
    ['validation.p50 > 5ms', 'validation is measured only'],
    ['lost > 5', 'known while a run lasts are'],
    ['falseAccepts > 5', 'known while a run lasts are'],
  ])('refuses "%s", of which nothing is known until the end', (expression, words) => {
    const { faults } = parseAbortOn([expression])
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatch(/^--abort-on: /)
    expect(faults[0]).toContain(words)
  })
})
