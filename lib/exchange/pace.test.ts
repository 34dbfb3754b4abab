import { describe, expect, it } from 'vitest'
import { createPace, type Pace } from './pace.ts'

/** A clock that only sleeping moves. */
const pretend = (bounds: { concurrency: number; perSecond?: number }) => {
  const clock = { ms: 1_000_000 }
  const sleep = (ms: number): Promise<void> => {
    const until = clock.ms + ms
    return Promise.resolve().then(() => void (clock.ms = Math.max(clock.ms, until)))
  }
  return { clock, pace: createPace({ ...bounds, sleep, now: () => clock.ms }) }
}
const starts = async (pace: Pace, clock: { ms: number }, count: number): Promise<number[]> => {
  const from = clock.ms
  return Promise.all(Array.from({ length: count }, () => pace.run(() => Promise.resolve(clock.ms - from))))
}

describe('the pace', () => {
  it('has no more under way than its concurrency, in the order of asking', async () => {
    const { pace } = pretend({ concurrency: 3 })
    const order: number[] = []
    let running = 0
    let most = 0
    const tasks = Array.from({ length: 12 }, (_, index) =>
      pace.run(async () => {
        order.push(index)
        most = Math.max(most, (running += 1))
        for (let turns = 0; turns < 5; turns += 1) await Promise.resolve()
        running -= 1
      }),
    )
    await Promise.all(tasks)
    expect(most).toBe(3)
    expect(order).toEqual([...order].sort((a, b) => a - b))
  })

  it('gives the place of a failure on, and the failure to whoever asked', async () => {
    const { pace } = pretend({ concurrency: 1 })
    await expect(pace.run(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
    expect(await pace.run(() => Promise.resolve('next'))).toBe('next')
  })

  it('starts no faster than its rate', async () => {
    const { pace, clock } = pretend({ concurrency: 8, perSecond: 10 })
    expect(await starts(pace, clock, 5)).toEqual([0, 100, 200, 300, 400])
  })

  it('has no rate unless one is set', async () => {
    const { pace, clock } = pretend({ concurrency: 2 })
    expect(await starts(pace, clock, 4)).toEqual([0, 0, 0, 0])
  })

  it.each([
    ['7', 7_000],
    ['0', 1_000],
    ['86400', 30_000],
    ['Thu, 01 Jan 1970 00:16:52 GMT', 12_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 1_000],
    ['soon', 1_000],
  ])('holds everything back for Retry-After: %s', async (retryAfter, ms) => {
    const { pace, clock } = pretend({ concurrency: 2 })
    expect(pace.slowDown(retryAfter)).toBe(ms)
    expect((await starts(pace, clock, 2))[0]).toBe(ms)
  })

  it('pauses longer each time that it did not help, and from the start again after a calm', () => {
    const { pace, clock } = pretend({ concurrency: 1 })
    const pauses = Array.from({ length: 7 }, () => {
      const ms = pace.slowDown()
      clock.ms += ms
      return ms
    })
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
    clock.ms += 60_000
    expect(pace.slowDown()).toBe(1_000)
  })

  it('counts several answers of one overload as one', () => {
    const { pace, clock } = pretend({ concurrency: 8 })
    expect([pace.slowDown(), pace.slowDown(), pace.slowDown('9')]).toEqual([1_000, 1_000, 9_000])
    clock.ms += 9_000
    expect(pace.slowDown()).toBe(2_000)
  })

  it('has half the concurrency and half the rate for what remains', async () => {
    const { pace, clock } = pretend({ concurrency: 2, perSecond: 10 })
    pace.slowDown('1')
    expect(await starts(pace, clock, 3)).toEqual([1_000, 1_200, 1_400])
  })

  it('starts no faster than was taken, where no rate is set and a pause did not help', async () => {
    const { pace, clock } = pretend({ concurrency: 1 })
    clock.ms += pace.slowDown()
    await starts(pace, clock, 5)
    expect(pace.slowDown()).toBe(2_000)
    // Four of five were taken within the second that the pause lasted.
    expect(await starts(pace, clock, 3)).toEqual([2_000, 2_250, 2_500])
  })

  it('becomes no slower than one start a second', async () => {
    const { pace, clock } = pretend({ concurrency: 1 })
    for (let turn = 0; turn < 6; turn++) clock.ms += pace.slowDown()
    const [first = 0, second = 0] = await starts(pace, clock, 2)
    expect(second - first).toBe(1_000)
  })
})
