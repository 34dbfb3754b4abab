import { describe, expect, test } from 'vitest'
import type { Answer, Lost } from '../exchange/answer.ts'
import { requestTo } from '../exchange/fixture.ts'
import { answered, lost } from '../judge/fixture.ts'
import { attempt, plain } from './attempt.ts'
import { bad, control, rehearse } from './fixture.ts'

const ok = answered(200)
const busy = answered(429, [['Retry-After', '3']])
const stale: Lost = { ...lost('closed'), reused: true }

/** Sends once over a script of answers, the last of which is given for ever. */
const sendOver = async (answers: readonly (Answer | 'interrupted')[], manner = plain, patience?: number) => {
  const io = rehearse((_, turn) => answers[Math.min(turn, answers.length) - 1] ?? ok, patience)
  const { outcome, sent } = await attempt(bad, io, manner)
  return { outcome, attempts: sent.length, io }
}

test.each<[string, readonly Answer[], string, number]>([
  ['an answer', [ok], 'answered', 1],
  ['a refusal', [answered(401)], 'answered', 1],
  ['a 429 and an answer', [busy, ok], 'answered', 2],
  ['a 503 and an answer', [answered(503), ok], 'answered', 2],
  ['429 for ever', [busy], 'rate-limited', 6],
  ['a reset and an answer', [lost('reset'), ok], 'answered', 2],
  ['two resets', [lost('reset'), lost('reset'), ok], 'lost-twice', 2],
  ['a time-out and a reset', [lost('timeout'), lost('reset'), ok], 'lost-twice', 2],
  ['a reset, a 429 and a reset', [lost('reset'), busy, lost('reset'), ok], 'lost-twice', 3],
  ['a kept connection that had ended, and an answer', [stale, ok], 'answered', 2],
  [
    'a kept connection that had ended, and two resets',
    [stale, lost('reset'), lost('reset')],
    'lost-twice',
    3,
  ],
  ['nobody there, and then somebody', [lost('unreachable'), lost('unreachable'), ok], 'answered', 3],
  ['nobody there for ever', [lost('unreachable')], 'unreachable', 3],
  ['a certificate that nobody trusts', [lost('tls'), ok], 'unreachable', 1],
])('%s', async (_, answers, outcome, attempts) => {
  expect(await sendOver(answers)).toMatchObject({ outcome, attempts })
})

test('who shows another certificate than its own, or none, may be turned away by TLS', async () => {
  const anonymous = () => requestTo('/', { certificate: 'none' })
  const { outcome } = await attempt(
    anonymous,
    rehearse(() => lost('tls')),
    plain,
  )
  expect(outcome).toBe('lost-twice')
})

test('an answer that asks for patience slows everything down as long as it says', async () => {
  const { io } = await sendOver([busy, answered(503), ok])
  expect(io.pauses).toEqual(['3', undefined])
})

test('a run that has been patient for long enough asks no further', async () => {
  expect(await sendOver([busy], plain, 2)).toMatchObject({ outcome: 'rate-limited', attempts: 2 })
})

test('a status that the case is about is an answer, and the other is not', async () => {
  const manner = { ...plain, counting: [503] }
  expect(await sendOver([answered(503), ok], manner)).toMatchObject({ outcome: 'answered', attempts: 1 })
  expect(await sendOver([busy, ok], manner)).toMatchObject({ outcome: 'answered', attempts: 2 })
})

test.each([
  ['a status that the case is about', [answered(503)], []],
  ['an answer', [answered(401)], []],
  ['a loss', [lost('reset'), ok], []],
  ['a 503 otherwise', [answered(503), ok], [undefined]],
])('%s slows nothing down, but what asks for patience does (%#)', async (_, answers, pauses) => {
  const manner = { ...plain, counting: pauses.length === 0 ? [503] : [] }
  const { io } = await sendOver(answers, manner)
  expect(io.pauses).toEqual(pauses)
})

test('what was lost is sent again on a new connection, after a pause', async () => {
  const { io } = await sendOver([lost('reset'), ok])
  expect(io.sent.map(({ newConnection }) => newConnection)).toEqual([false, true])
  expect(io.slept).toHaveLength(1)
})

test.each<[string, readonly Answer[], number, Answer['kind']]>([
  ['is answered', [answered(401), ok], 2, 'answered'],
  ['is lost once', [answered(401), lost('closed'), answered(401), ok], 4, 'answered'],
  ['is asked for patience once', [answered(401), busy, answered(401), ok], 4, 'answered'],
  [
    'is lost each time',
    [
      ...Array(3)
        .fill([answered(401), lost('closed')])
        .flat(),
      ok,
    ],
    6,
    'lost',
  ],
])('what follows on the same connection %s', async (_, answers, requests, last) => {
  const io = rehearse((_, turn) => answers[turn - 1] ?? ok)
  const { outcome, sent } = await attempt(() => requestTo('/bad', { next: control() }), io, plain)
  expect(outcome).toBe('answered')
  expect(io.sent).toHaveLength(requests)
  expect(sent.at(-1)?.next?.kind).toBe(last)
})

describe('a request that may change something', () => {
  const once = { ...plain, mayRepeat: () => false }

  test('is not sent again where it was lost', async () => {
    expect(await sendOver([lost('reset'), ok], once)).toMatchObject({
      outcome: 'lost-unrepeatable',
      attempts: 1,
    })
    expect(await sendOver([stale, ok], once)).toMatchObject({ outcome: 'lost-unrepeatable', attempts: 1 })
  })

  test('is sent again where it never left, or was put off', async () => {
    expect(await sendOver([lost('unreachable'), ok], once)).toMatchObject({
      outcome: 'answered',
      attempts: 2,
    })
    expect(await sendOver([busy, ok], once)).toMatchObject({ outcome: 'answered', attempts: 2 })
  })

  test('is sent again where our upstream proves that it did not arrive', async () => {
    const seen = new Set<string>(['id-2'])
    const manner = { ...plain, mayRepeat: ({ id }: { id: string }) => !seen.has(id) }
    expect(await sendOver([lost('reset'), ok], manner)).toMatchObject({ outcome: 'answered', attempts: 2 })
    expect(await sendOver([stale, lost('reset'), ok], manner)).toMatchObject({
      outcome: 'lost-unrepeatable',
      attempts: 2,
    })
  })
})

test('what was sent before the run was called off is kept', async () => {
  expect(await sendOver([lost('reset'), 'interrupted'])).toMatchObject({
    outcome: 'interrupted',
    attempts: 1,
  })
  expect(await sendOver(['interrupted'])).toMatchObject({ outcome: 'interrupted', attempts: 0 })
})

test('what shares a connection is sent with it, and each has its own answer', async () => {
  const script = new Map([
    ['/control', ok],
    ['/bad', answered(401)],
  ])
  const io = rehearse((request) => script.get(request.target) ?? lost('reset'))
  const make = () => requestTo('/bad', { before: control(), connection: 'pipelined', next: control() })
  const { outcome, sent } = await attempt(make, io, plain)
  expect(outcome).toBe('answered')
  expect(io.sent.map(({ target }) => target)).toEqual(['/control', '/bad', '/control'])
  expect(sent).toMatchObject([{ id: 'id-2', answer: { status: 401 }, before: ok, next: ok }])
})

test('what is lost on a shared connection is sent again with what shares it', async () => {
  const io = rehearse(({ target }, turn) => (target === '/bad' && turn < 4 ? stale : ok))
  const { outcome } = await attempt(
    () => requestTo('/bad', { before: control(), connection: 'same' }),
    io,
    plain,
  )
  expect(outcome).toBe('answered')
  expect(io.sent.map(({ target }) => target)).toEqual(['/control', '/bad', '/control', '/bad'])
})
