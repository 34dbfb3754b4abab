import { describe, expect, it } from 'vitest'
import { watchEnd } from './end-watch.ts'
import type { Seen } from './spy.ts'

const seen = (reading: Seen['reading'], sentAt: number): Seen => ({
  ...{ index: 0, reading, sentAt, endedAt: sentAt + 1 },
  answer: { status: 200, headers: [], body: new Uint8Array() },
})

describe('the watch over what ends', () => {
  it('counts what was sent after the end and its grace, and let in all the same', () => {
    const watch = watchEnd({ endsAt: 1000, graceMs: 500 })
    for (const at of [900, 1400, 1600, 1700]) watch.spy(seen('let-in', at))
    watch.spy(seen('refused', 1800))
    expect(watch.read()).toEqual({ before: 1, late: 2, after: 3, lastLetIn: 0.7 })
  })

  it('goes by when a request was sent: its answer may be late', () => {
    const watch = watchEnd({ endsAt: 1000, graceMs: 0 })
    watch.spy({ ...seen('let-in', 999), endedAt: 5000 })
    expect(watch.read()).toEqual({ before: 1, late: 0, after: 0, lastLetIn: null })
  })

  it('learns only then when the end is', () => {
    const watch = watchEnd({ endsAt: Infinity, graceMs: 100 })
    watch.spy(seen('let-in', 5000))
    watch.ending.endsAt = 6000
    watch.spy(seen('let-in', 6050))
    watch.spy(seen('let-in', 6150))
    expect(watch.read()).toEqual({ before: 1, late: 1, after: 1, lastLetIn: 0.2 })
  })
})
