import { describe, expect, test } from 'vitest'
import type { Answer } from '../exchange/answer.ts'
import { answered, lessonFrom, lost, refusal } from '../judge/fixture.ts'
import { conduct, type Setting } from './conduct.ts'
import { bad, controlSetting, jobOf, rehearse } from './fixture.ts'
import type { Job } from './job.ts'

const yes = answered(200, [], 'hello')
const no = refusal(401, 'Bearer error="invalid_token"')
const lesson = lessonFrom({ good: yes, none: no, unrouted: answered(404) })

const jobs = (count: number): readonly Job[] => Array.from({ length: count }, (_, at) => jobOf(`case-${at}`))

/** What becomes of a request: `turn` counts all, `bad` the bad ones, `slept` the milliseconds that were waited. */
type Script = (kind: 'good' | 'bad', seen: { turn: number; bad: number; slept: number }) => Answer

const run = async (all: readonly Job[], script: Script, signal = new AbortController().signal) => {
  let badOnes = 0
  const kinds: string[] = []
  const io = rehearse(({ target }, turn) => {
    const kind = target === '/bad' ? 'bad' : 'good'
    if (kind === 'bad') badOnes += 1
    kinds.push(kind)
    return script(kind, { turn, bad: badOnes, slept: io.slept.reduce((sum, ms) => sum + ms, 0) })
  })
  const { exchanges, ended } = await conduct(all, {
    ...controlSetting(io, lesson),
    features: new Set(),
    signal,
    tools: {} as Setting['tools'],
    onDone: () => undefined,
  })
  const reasons = all.map((job) => exchanges.get(job)?.[0]?.reason ?? 'judged')
  return { kinds, reasons, ended: ended?.reason, slept: io.slept }
}

/** As many bad requests in a row as the longest stretch between two good ones. */
const longestStretch = (kinds: readonly string[]): number =>
  Math.max(
    ...kinds
      .join(' ')
      .split('good')
      .map((part) => part.split(' ').filter((kind) => kind === 'bad').length),
  )

const sound: Script = (kind) => (kind === 'good' ? yes : no)

describe('between two good controls', () => {
  test('lie at most 25 exchanges', async () => {
    const { kinds, reasons } = await run(jobs(60), sound)
    expect(longestStretch(kinds)).toBe(25)
    expect(kinds.at(-1)).toBe('good')
    expect(new Set(reasons)).toEqual(new Set(['judged']))
  })

  test('a case that is repeated counts as often as it is sent', async () => {
    const { kinds } = await run([...jobs(20), jobOf('often', { times: 10 }), ...jobs(3)], sound)
    expect(longestStretch(kinds)).toBeLessThanOrEqual(25)
  })

  test('an exclusive case has controls of its own', async () => {
    const { kinds } = await run([...jobs(2), jobOf('alone', { exclusive: true }), ...jobs(2)], sound)
    expect(kinds.join(' ')).toBe('bad bad good bad good bad bad good')
  })
})

test('what names the listener goes first, and what turns out unfit is not sent', async () => {
  const order: string[] = []
  const named = (id: string, changes: Partial<Job> = {}): Job => ({
    ...jobOf(id),
    ...changes,
    make: () => {
      order.push(id)
      return bad()
    },
  })
  const { variant } = jobOf('late')
  const deviation = { header: { jku: { $listener: 'x' } } }
  const unfit = { kind: 'unfit', missing: 'distinct-deviation', detail: 'it is no other' } as const
  const { kinds } = await run(
    [
      named('first'),
      named('unfit', { fitness: () => Promise.resolve(unfit) }),
      named('late', { variant: { ...variant, deviation } }),
    ],
    sound,
  )
  expect(order).toEqual(['late', 'first'])
  expect(kinds.join(' ')).toBe('bad good bad good')
})

describe('where the closing control is refused', () => {
  /** Good ones are refused once there were so many bad ones, until so much was waited. */
  const lockingOut =
    (after: number, untilMs: number): Script =>
    (kind, seen) =>
      kind === 'bad' || (seen.bad >= after && seen.slept < untilMs) ? no : yes

  test('every refusal since the last is run again after a pause, one at a time', async () => {
    const { kinds, reasons, slept, ended } = await run(jobs(3), lockingOut(3, 4000))
    expect(kinds.join(' ')).toBe('bad bad bad good good good bad good bad good bad good')
    expect(slept).toEqual([1000, 3000])
    expect(reasons).toEqual(['judged', 'judged', 'judged'])
    expect(ended).toBeUndefined()
  })

  test('what was let in stands, and is not sent again', async () => {
    const script: Script = (kind, seen) =>
      kind === 'bad' && seen.bad === 2 ? yes : lockingOut(3, 1000)(kind, seen)
    const { kinds, reasons } = await run(jobs(3), script)
    expect(kinds.filter((kind) => kind === 'bad')).toHaveLength(5)
    expect(reasons).toEqual(['judged', 'judged', 'judged'])
  })

  test('for good, they are locked out, and after the second time nothing more is sent', async () => {
    const { kinds, reasons, ended } = await run(jobs(80), lockingOut(1, Number.POSITIVE_INFINITY))
    expect(ended).toBe('locked-out')
    expect(new Set(reasons)).toEqual(new Set(['locked-out']))
    expect(kinds.filter((kind) => kind === 'bad')).toHaveLength(50)
  })

  test.each<[Answer, string]>([
    [lost('reset'), 'control-lost'],
    [lost('unreachable'), 'unreachable'],
    [answered(429), 'rate-limited'],
  ])('or comes to nothing, the reason is that (%#)', async (answer, reason) => {
    const { reasons, ended } = await run(jobs(60), (kind) => (kind === 'good' ? answer : no))
    expect(ended).toBe(reason)
    expect(new Set(reasons)).toEqual(new Set([reason]))
  })
})

test('a route whose controls taught nothing has no verdict, and none of its requests is sent', async () => {
  const elsewhere = { ...jobOf('elsewhere'), route: 'scoped' } as const
  const { kinds, reasons } = await run([elsewhere, ...jobs(1)], sound)
  expect(reasons).toEqual(['control-refused', 'judged'])
  expect(kinds).toEqual(['bad', 'good'])
})

test('what was not sent when the run was called off is interrupted', async () => {
  const controller = new AbortController()
  const script: Script = (kind, seen) => {
    if (seen.turn === 20) controller.abort()
    return sound(kind, seen)
  }
  const { reasons, ended } = await run(jobs(30), script, controller.signal)
  expect(ended).toBe('interrupted')
  expect(reasons.slice(0, 25)).toEqual(Array.from({ length: 25 }, () => 'judged'))
  expect(reasons.slice(25)).toEqual(Array.from({ length: 5 }, () => 'interrupted'))
})
