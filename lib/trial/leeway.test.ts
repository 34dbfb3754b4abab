import { describe, expect, it } from 'vitest'
import type { Send } from '../config/steps.ts'
import type { Answer } from '../exchange/answer.ts'
import { requestTo } from '../exchange/fixture.ts'
import { answered, lessonFrom, lost, refusal } from '../judge/fixture.ts'
import { controlSetting, rehearse } from './fixture.ts'
import type { Setting } from './conduct.ts'
import { latestSeconds, playLeeway } from './leeway.ts'

const yes = answered(200, [], 'hello')
const no = refusal(401, 'Bearer error="invalid_token"')
const lesson = lessonFrom({ good: yes, none: no, unrouted: answered(404) })

type Gateway = {
  readonly declared?: number
  readonly margin?: number
  /** What becomes of a token so long after its end. */
  readonly answer: (seconds: number, turn: number) => Answer
  /** What becomes of the good requests between them. */
  readonly good?: (turn: number) => Answer
}

const workshopOf = ({ declared, margin = 5 }: Gateway) =>
  ({
    config: { policy: declared === undefined ? {} : { clockSkewSeconds: declared } },
    marginSeconds: () => margin,
  }) as unknown as Setting['tools']['workshop']

const play = async (gateway: Gateway) => {
  const io = rehearse((_, turn) => gateway.good?.(turn) ?? yes)
  const asked: (readonly [seconds: number, expected: Send['expect']])[] = []
  const all = await playLeeway({
    name: '1',
    setting: {
      ...controlSetting(io, lesson),
      features: new Set(),
      signal: new AbortController().signal,
      tools: { workshop: workshopOf(gateway) } as unknown as Setting['tools'],
      onDone: () => undefined,
    },
    send: ({ deviation, expect: expected = 'reject' }, step) => {
      const seconds = Number(/^1-(\d+)s-after$/.exec(step)?.[1])
      expect(deviation?.claims?.exp).toEqual({ $now: -seconds })
      asked.push([seconds, expected])
      const answer = gateway.answer(seconds, asked.length)
      return Promise.resolve({
        sent: [{ request: requestTo('/'), id: step, answer }],
        notes: [],
        ...(answer.kind === 'lost' ? { reason: 'lost' } : {}),
        step: { name: step, expect: expected, route: 'protected', counting: [] },
      })
    },
  })
  return {
    asked,
    controls: io.sent.length,
    measured: all.flatMap(({ measured }) => measured?.leeway ?? []),
    reasons: all.flatMap(({ reason }) => reason ?? []),
  }
}

const leeway = (most: number) => (seconds: number) => (seconds < most ? yes : no)

describe('the leeway', () => {
  it.each([
    [0, 'none, or less than 2 s after a token’s end'],
    [60, 'between 57 s and 62 s after a token’s end'],
    [1800, 'between 600 s and 3600 s after a token’s end'],
    [Infinity, '86400 s after a token’s end and longer'],
  ])('of %d seconds is told in words', async (most, words) => {
    const { measured, reasons } = await play({ answer: leeway(most) })
    expect(measured).toEqual([words])
    expect(reasons).toEqual([])
  })

  it('that is not declared is only observed within five minutes, and no more than that is right beyond', async () => {
    const { asked } = await play({ answer: leeway(1800) })
    expect(asked.map(([seconds]) => seconds)).toEqual([305, 600, 3600, 600, 600, 3600, 3600])
    expect(new Set(asked.map(([, expected]) => expected))).toEqual(new Set(['reject']))
    const within = (await play({ answer: leeway(60) })).asked.filter(([seconds]) => seconds < 305)
    expect(new Set(within.map(([, expected]) => expected))).toEqual(new Set(['observe']))
  })

  it('that is declared is held to, and either side of it is right within', async () => {
    const { asked, measured } = await play({ declared: 60, answer: leeway(120) })
    expect(measured).toEqual(['between 117 s and 122 s after a token’s end'])
    for (const [seconds, expected] of asked)
      expect(expected).toEqual(seconds >= 65 ? 'reject' : ['accept', 'reject'])
    expect(asked.slice(0, 2)).toEqual([
      [65, 'reject'],
      [305, 'reject'],
    ])
  })

  it('leaves as much room as the clocks need', () => {
    expect(latestSeconds(workshopOf({ answer: () => yes }))).toBe(305)
    expect(latestSeconds(workshopOf({ answer: () => yes, margin: 30 }))).toBe(330)
    expect(latestSeconds(workshopOf({ answer: () => yes, declared: 0 }))).toBe(5)
  })

  it('is not told as one where the answers change', async () => {
    const { measured } = await play({ answer: (_, turn) => (turn === 2 ? yes : no) })
    expect(measured).toEqual(['not the same each time: up to 152 s after a token’s end, and less'])
  })
})

describe('each refusal', () => {
  it('is followed by a good request', async () => {
    const { asked, controls } = await play({ answer: leeway(60) })
    expect(controls).toBe(asked.filter(([seconds]) => seconds >= 60).length)
  })

  it('of somebody who is locked out tells nothing, and ends the search', async () => {
    const { reasons, measured, asked } = await play({
      answer: leeway(60),
      good: (turn) => (turn < 2 ? yes : no),
    })
    expect(reasons).toEqual(['locked-out'])
    expect(measured).toEqual([])
    expect(asked).toHaveLength(2)
  })
})

it.each([lost('reset'), answered(503)])('ends the search where no answer counts (%#)', async (answer) => {
  const { measured, asked } = await play({ answer: (seconds) => (seconds < 305 ? answer : no) })
  expect(measured).toEqual([])
  expect(asked).toHaveLength(2)
})
