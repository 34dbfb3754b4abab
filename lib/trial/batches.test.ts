import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { requestTo } from '../exchange/fixture.ts'
import { answered, lessonFrom } from '../judge/fixture.ts'
import { sleepingBatches } from './batches.ts'
import { conduct, type Setting } from './conduct.ts'
import { controlSetting, jobOf, openSlowIo, type SlowGateway } from './fixture.ts'
import type { Job } from './job.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const lesson = lessonFrom({ good: answered(200), none: answered(401), unrouted: answered(404) })

/** A job whose request holds a sleep. */
const sleepingJob = (name: string): Job => ({
  ...jobOf(name),
  makeSleeping: (delaySeconds) => requestTo(name, { delaySeconds }),
})

const names = ['/a', '/b', '/c']

/** What is said of each, and all that was sent. */
const run = async (
  gateway: SlowGateway,
  isOneByOne?: (name: string) => boolean,
  more: readonly Job[] = [],
) => {
  const io = openSlowIo(gateway, isOneByOne)
  const jobs = [...names.map((name) => sleepingJob(name)), ...more]
  const pending = conduct(jobs, {
    ...controlSetting(io, lesson),
    features: new Set(),
    signal: new AbortController().signal,
    tools: {} as Setting['tools'],
    onDone: () => undefined,
  })
  // Between two timers a turn of the event loop may be waited for, which goes by the real one.
  const over = pending.then(() => 'over' as const)
  while ((await Promise.race([over, nextTurn('at work')])) !== 'over') await vi.runAllTimersAsync()
  const { exchanges } = await pending
  const notes = jobs.map((job) => exchanges.get(job)?.flatMap((one) => one.notes))
  const attempts = jobs.map((job) => exchanges.get(job)?.flatMap(({ sent }) => sent).length)
  const told = jobs.map((job) =>
    exchanges.get(job)?.map(({ executed, isDoubtful, reason }) => ({ executed, isDoubtful, reason })),
  )
  return {
    executed: told.map((all) => all?.some(({ executed }) => executed === true)),
    unsure: told.flat().filter((one) => one?.isDoubtful === true || one?.reason !== undefined),
    log: io.log.join(' '),
    notes,
    attempts,
  }
}

const sleepingAt =
  (...those: readonly string[]): SlowGateway =>
  ({ seconds, name }) =>
    those.includes(name) ? seconds * 1000 + 20 : 5

test('what holds a sleep is sent side by side, once everything else was', async () => {
  const { executed, unsure, log } = await run(sleepingAt(), undefined, [jobOf('plain')])
  expect(log).toBe('good good 5 5 5 good')
  expect({ executed, unsure }).toEqual({ executed: [false, false, false, false], unsure: [] })
})

test('where one is slept while others get through, it is proven beside them', async () => {
  const { executed, unsure, log } = await run(sleepingAt('/b'))
  expect({ executed, unsure }).toEqual({ executed: [false, true, false], unsure: [] })
  expect(log.split(' ').filter((one) => one !== 'good')).toHaveLength(8)
})

test('a gateway that does one thing at a time has each played alone that came late', async () => {
  const { executed, unsure, log } = await run(sleepingAt('/a'), () => true)
  expect({ executed, unsure }).toEqual({ executed: [true, false, false], unsure: [] })
  expect(log).toContain('5 good 10 good 5 good 10 good 10 good 5 good')
})

test('one that is slow with every bad token is told so, and nothing more', async () => {
  const { executed, unsure } = await run(({ seconds }) => (seconds === 0 ? 5 : 7_000))
  expect({ executed, unsure }).toEqual({ executed: [false, false, false], unsure: [] })
})

test('what was sent side by side counts as well, and is noted', async () => {
  const { executed, unsure, notes, attempts, log } = await run(({ name, turn }) =>
    name === '/b' && turn === 2 ? 5_300 : 5,
  )
  expect({ executed, unsure }).toEqual({ executed: [false, false, false], unsure: [] })
  expect(notes).toEqual([[], ['slow'], []])
  expect(attempts).toEqual([1, 3, 1])
  expect(log).toBe('5 5 5 good 10 good 5 good')
})

test('no more are side by side than there are orders', () => {
  const jobs = Array.from({ length: 20 }, (_, at) => sleepingJob(`/${at}`))
  expect(sleepingBatches(jobs).map(({ length }) => length)).toEqual([9, 9, 2])
  expect(sleepingBatches(jobs).flat()).toEqual(jobs)
  expect(sleepingBatches([])).toEqual([])
})
