import { expect, test } from 'vitest'
import type { Deviation } from '../config/deviation.ts'
import type { RunEvent } from './world.ts'
import { announceEnd, awaitEnd, beginLasting, type Lasting } from './lasting.ts'
import type { Exchanges } from './trial.ts'

const ending = (ends: Readonly<Record<string, number>>, isRenewable = false): Lasting => ({
  endOf: (name) => ends[name],
  isRenewable: () => isRenewable,
  renew: () => Promise.resolve(false),
})
const done: Exchanges = { sent: [], notes: [] }

/** The reason why an exchange counts for nothing that begins at 100 and ends at 110. */
const reasonOf = async (deviation: Deviation, ends: Readonly<Record<string, number>>, exchanges = done) => {
  let now = 100
  const unlessEnded = await beginLasting(deviation, { lasting: ending(ends), now: () => now })
  now = 110
  return unlessEnded(exchanges).reason
}

test('an exchange in whose course its token ended says nothing', async () => {
  expect(await reasonOf({}, { good: 105 })).toBe('token-expired')
  expect(await reasonOf({ wire: [] }, { good: 111 })).toBe('token-expired')
  expect(await reasonOf({}, { good: 112 })).toBeUndefined()
  expect(await reasonOf({}, {})).toBeUndefined()
})

test('that of a genuine token depends on its own end, and on none where it is meant to be over', async () => {
  const ends = { good: 500, otherScope: 105, expired: 50 }
  expect(await reasonOf({ token: 'otherScope' }, ends)).toBe('token-expired')
  expect(await reasonOf({ token: 'expired' }, ends)).toBeUndefined()
  expect(await reasonOf({ token: { step: 'first' } }, { good: 105 })).toBeUndefined()
})

test('another reason stands', async () => {
  expect(await reasonOf({}, { good: 105 }, { ...done, reason: 'lost' })).toBe('lost')
})

test.each([
  [{ expired: 50 }, undefined],
  [{ expired: 98 }, 3000],
  [{ expired: 200 }, undefined],
  [{}, undefined],
])('with %j it is waited for %s ms', async (ends, waited) => {
  let slept: number | undefined
  const config = { policy: { clockSkewSeconds: 0 }, cases: { maxWaitMs: 10_000 } } as never
  await awaitEnd(config, { lasting: ending(ends), now: () => 100 }, (ms) => {
    slept = ms
    return Promise.resolve()
  })
  expect(slept).toBe(waited)
})

test.each([
  [{ good: 130 }, 1],
  [{ good: 100_000 }, 0],
  [{}, 0],
])('with %j the end of the token is told %i times before the run', (ends, times) => {
  const told: RunEvent[] = []
  const job = { planned: { case: { times: 99 } }, variant: {} } as never
  const config = { target: { pace: { concurrency: 1 } }, cases: { maxWaitMs: 60_000 } } as never
  const ahead = { jobs: [job], config, lasting: ending(ends, true), now: () => 100 }
  announceEnd(ahead, { good: { ms: 1000 } }, (event) => told.push(event))
  expect(told).toEqual(
    Array.from({ length: times }, () => ({ kind: 'ends-early', inSeconds: 30, isRenewable: true })),
  )
})
