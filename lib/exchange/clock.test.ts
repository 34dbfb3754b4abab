import { describe, expect, it } from 'vitest'
import { clockOffset, type ClockSample } from './clock.ts'
import { parseHttpDate } from './http-date.ts'

const noon = Date.UTC(2026, 0, 1, 12)
const at = (receivedAt: number, changes: Partial<ClockSample> = {}): ClockSample => ({
  date: 'Thu, 01 Jan 2026 12:00:00 GMT',
  receivedAt,
  ms: 0,
  ...changes,
})

describe('the offset of the target’s clock', () => {
  it('is taken from Date, in the middle of its second and of the exchange', () => {
    expect(clockOffset([at(noon + 500)])).toEqual({ offsetSeconds: 0, spreadSeconds: 0, marginSeconds: 5 })
    expect(clockOffset([at(noon + 1500, { ms: 2000 })])?.offsetSeconds).toBe(0)
    expect(clockOffset([at(noon - 89_500)])?.offsetSeconds).toBe(90)
  })

  it('is the median, with a margin of twice the spread', () => {
    const samples = [at(noon - 3500), at(noon - 500), at(noon + 500)]
    expect(clockOffset(samples)).toEqual({ offsetSeconds: 1, spreadSeconds: 4, marginSeconds: 8 })
  })

  it('is unknown where a cache spoke or no date makes sense', () => {
    const guarded = [at(noon, { age: '0' }), at(noon, { via: '1.1 cache' })]
    const without: ClockSample = { receivedAt: noon, ms: 0 }
    expect(clockOffset([...guarded, without, at(noon, { date: 'yesterday' })])).toBeUndefined()
    expect(clockOffset([])).toBeUndefined()
    expect(clockOffset([...guarded, at(noon + 500)])?.offsetSeconds).toBe(0)
  })
})

describe('a date in a header', () => {
  it.each([
    ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777_000],
    ['06 Nov 1994', undefined],
    ['Sun, 06 Nov 1994 08:49:37 +0200', undefined],
    ['Sun, 06 Nov 1994 99:49:37 GMT', undefined],
    ['12', undefined],
  ])('%s', (text, ms) => {
    expect(parseHttpDate(text)).toBe(ms)
  })
})
