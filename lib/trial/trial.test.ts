import { describe, expect, test } from 'vitest'
import type { Answer } from '../exchange/answer.ts'
import { answered, lost } from '../judge/fixture.ts'
import { plain, type Sent } from './attempt.ts'
import { bad, control, rehearse } from './fixture.ts'
import { exchangeTrial } from './trial.ts'

const yes = answered(200)
const no = answered(401)

type Script = {
  /** What becomes of the bad request, in turn. */
  readonly bad: (turn: number) => Answer | 'interrupted'
  readonly control?: (turn: number) => Answer | 'interrupted'
  readonly closes?: boolean
  readonly mayRepeat?: (lost: Sent) => boolean
}

const trial = async (script: Script) => {
  const turns = { bad: 0, control: 0 }
  const io = rehearse(({ target }) =>
    target === '/bad' ? script.bad(++turns.bad) : (script.control?.(++turns.control) ?? yes),
  )
  const beside = {
    make: control,
    isThrough: (sent: readonly Sent[]) =>
      sent.some(({ answer }) => answer.kind === 'answered' && answer.status === 200),
  }
  const { sent, ...rest } = await exchangeTrial(bad, beside, io, {
    ...plain,
    mayRepeat: script.mayRepeat ?? (() => true),
    closes: script.closes ?? false,
  })
  return {
    ...rest,
    attempts: sent.length,
    controls: io.sent.filter(({ target }) => target === '/control').length,
  }
}

const always = (answer: Answer) => () => answer

test('an answer is the end of it', async () => {
  expect(await trial({ bad: always(no) })).toEqual({ attempts: 1, controls: 0, notes: [] })
})

test('one that only met a connection which had been closed meanwhile has none', async () => {
  const stale = { ...lost('closed'), reused: true } as const
  expect(await trial({ bad: (turn) => (turn === 1 ? stale : no) })).toMatchObject({ attempts: 2, notes: [] })
})

test('one that is lost once and then answered has a note', async () => {
  expect(await trial({ bad: (turn) => (turn === 1 ? lost('reset') : no) })).toEqual({
    attempts: 2,
    controls: 0,
    notes: ['lost-once'],
  })
})

describe('one that is answered by 503', () => {
  const unavailable = answered(503)

  test('each time, while its control gets through, has no answer, and nobody waits any longer', async () => {
    const all = { bad: always(unavailable) }
    expect(await trial(all)).toEqual({ attempts: 5, controls: 3, notes: [], reason: 'unavailable' })
  })

  test('as its control is, meets an overload', async () => {
    const all = { bad: always(unavailable), control: always(unavailable) }
    expect(await trial(all)).toMatchObject({ controls: 1, reason: 'rate-limited' })
  })

  test('for a while only is answered later', async () => {
    const late = await trial({ bad: (turn) => (turn <= 3 ? unavailable : no) })
    expect(late).toMatchObject({ notes: [] })
    expect(late).not.toHaveProperty('reason')
  })

  test('is told from one that is asked for patience by 429', async () => {
    expect(await trial({ bad: always(answered(429)) })).toMatchObject({ controls: 0, reason: 'rate-limited' })
  })
})

describe('one that is lost twice is repeated six times beside its control', () => {
  test.each([
    ['reset', 'crashes'],
    ['closed', 'crashes'],
    ['timeout', 'hangs'],
  ] as const)('%s all along, the gateway %s', async (loss, proven) => {
    expect(await trial({ bad: always(lost(loss)) })).toEqual({ attempts: 8, controls: 6, notes: [], proven })
  })

  test('lost in half of them it breaks, and in fewer the network did it', async () => {
    const inFirst = (count: number) => (turn: number) => (turn <= 2 + count ? lost('reset') : no)
    expect(await trial({ bad: inFirst(3) })).toMatchObject({ proven: 'crashes', attempts: 8 })
    const two = await trial({ bad: inFirst(2) })
    expect(two).toEqual({ attempts: 8, controls: 6, notes: ['lost-once'] })
  })

  test('is told by what most of its losses were', async () => {
    const mixed = (turn: number) => lost(turn % 3 === 0 ? 'timeout' : 'reset')
    expect(await trial({ bad: mixed })).toMatchObject({ proven: 'crashes' })
  })

  test('tells nothing where a control is lost as well', async () => {
    const losing = (turn: number) => (turn === 4 ? lost('reset') : yes)
    expect(await trial({ bad: always(lost('reset')), control: losing })).toMatchObject({
      reason: 'control-lost',
      controls: 4,
    })
  })

  test('has not crashed where it answers with what is no HTTP', async () => {
    expect(await trial({ bad: always(lost('malformed')) })).toMatchObject({ reason: 'malformed-answer' })
  })

  test('is not repeated where it may change something and may have arrived', async () => {
    expect(await trial({ bad: always(lost('reset')), mayRepeat: () => false })).toMatchObject({
      reason: 'lost',
      attempts: 1,
    })
    const arrivesThird = ({ id }: Sent) => id !== 'id-3'
    expect(await trial({ bad: always(lost('reset')), mayRepeat: arrivesThird })).toMatchObject({
      reason: 'lost',
      attempts: 3,
    })
  })
})

describe('bytes that are no request', () => {
  test('may be answered by closing, if the next control gets through', async () => {
    expect(await trial({ bad: always(lost('closed')), closes: true })).toEqual({
      attempts: 2,
      controls: 1,
      notes: ['closed'],
    })
  })

  test.each<[Answer, string]>([
    [no, 'control-refused'],
    [lost('reset'), 'control-lost'],
    [lost('unreachable'), 'control-lost'],
  ])('but not where it does not', async (answer, reason) => {
    expect(await trial({ bad: always(lost('closed')), closes: true, control: always(answer) })).toMatchObject(
      {
        reason,
      },
    )
  })

  test('may not be left without an answer', async () => {
    expect(await trial({ bad: always(lost('timeout')), closes: true })).toMatchObject({ proven: 'hangs' })
  })
})

test.each([1, 2, 3, 6])('called off at request %i, it says so', async (at) => {
  const result = await trial({ bad: (turn) => (turn === at ? 'interrupted' : lost('reset')) })
  expect(result).toMatchObject({ reason: 'interrupted', attempts: at - 1 })
})

test('who is turned away by TLS for want of a certificate is refused, where controls get through', async () => {
  const io = rehearse(({ certificate }) => (certificate === 'none' ? lost('tls') : yes))
  const beside = { make: control, isThrough: () => true }
  const { notes, reason } = await exchangeTrial(() => ({ ...bad(), certificate: 'none' }), beside, io, {
    ...plain,
    closes: true,
  })
  expect({ notes, reason }).toEqual({ notes: ['closed'], reason: undefined })
})
