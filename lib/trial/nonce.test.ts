import { describe, expect, test } from 'vitest'
import { requestTo } from '../exchange/fixture.ts'
import { answered, refusal } from '../judge/fixture.ts'
import { attempt, plain } from './attempt.ts'
import { rehearse } from './fixture.ts'
import { asksForNonce, tellingNonces } from './nonce.ts'
import { answersOf } from './teach.ts'

const challenge = ['WWW-Authenticate', 'Bearer realm="x", DPoP error="use_dpop_nonce", algs="ES256"'] as const
const demand = answered(401, [challenge, ['DPoP-Nonce', 'n-2']])
const proven = requestTo('/', { takesNonce: true })

describe('an answer asks for a nonce', () => {
  test('by its error code and by giving one', () => {
    expect(asksForNonce(demand)).toBe(true)
  })

  test.each([
    ['without giving one', answered(401, [challenge])],
    ['with another error', refusal(401, 'DPoP error="invalid_token"')],
    ['with another status', answered(400, [challenge, ['DPoP-Nonce', 'n-2']])],
  ])('and does not %s', (_, answer) => {
    expect(asksForNonce(answer)).toBe(false)
  })
})

describe('a demand for a nonce', () => {
  test('is met once, and is no answer', async () => {
    const io = rehearse((_, turn) => (turn === 1 ? demand : answered(200)))
    const { sent, outcome } = await attempt(() => proven, io, plain)
    expect(outcome).toBe('answered')
    expect(sent.map(({ superseded }) => superseded)).toEqual([true, undefined])
    expect(answersOf(sent).map(({ status }) => status)).toEqual([200])
  })

  test('is the answer where it comes again', async () => {
    const { sent } = await attempt(
      () => proven,
      rehearse(() => demand),
      plain,
    )
    expect(sent).toHaveLength(2)
    expect(answersOf(sent).map(({ status }) => status)).toEqual([401])
  })

  test('is the answer to a request whose proof could have no other', async () => {
    const { sent } = await attempt(
      () => requestTo('/'),
      rehearse(() => demand),
      plain,
    )
    expect(sent).toHaveLength(1)
  })
})

test('every nonce that comes back is told, unless it is none', async () => {
  const told: string[] = []
  const answers = [answered(200, [['dpop-nonce', 'n-1']]), demand, answered(200, [['DPoP-Nonce', 'a "b"']])]
  const io = tellingNonces(
    rehearse((_, turn) => answers[turn - 1] ?? answered(200)),
    (nonce) => told.push(nonce),
  )
  for (let turn = 0; turn < 4; turn++)
    await io.send(requestTo('/'), { attemptId: String(turn), newConnection: false })
  expect(told).toEqual(['n-1', 'n-2'])
})
