import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { reworded } from './front.ts'
import { without } from './front.ts'
import { play, verdictOn, withStatus, type Played, type StageOptions } from './stage.ts'

/** Some of each sort of case, but of those about style: an odd gateway may well fall short of them. */
const some = ['controls', 'alg', 'audience', 'scope', 'time']
const few = ['alg-none', 'aud-missing', 'scope-missing', 'time-exp-past', 'path-trailing-slash']
const many = [...some, 'credential', 'issuer', 'path', 'encoding']

const hour = 3_600_000

/** What an odd but sound gateway must not get. */
const complaints = (played: Played) => ({
  told: withStatus(played, 'fail', 'warn', 'inconclusive'),
  trouble: played.run.trouble,
  code: played.code,
})
const none = { told: [], trouble: undefined, code: 0 }

describe('an odd but sound gateway has no failure, no warning and nothing in doubt', () => {
  test.each<[string, Partial<StageOptions>]>([
    ['that is as the standards have it', { include: many }],
    ['that is slow', { odd: { delayMs: 50 }, include: few }],
    ['with a rate limit', { odd: { rateLimit: { perSecond: 20, retryAfterSeconds: 2 } } }],
    [
      'with a rate limit that it says nothing of',
      { odd: { rateLimit: { perSecond: 20, retryAfterSeconds: 2 } }, front: { change: silentLimit } },
    ],
    ['that resets every eleventh request', { odd: { resetEvery: 11 } }],
    ['whose backend answers 404', { odd: { backendStatus: 404 }, include: many }],
    ['whose backend answers 500', { odd: { backendStatus: 500 } }],
    ['that ends the connection after a refusal', { odd: { closesAfterRefusal: true } }],
    ['that ends the connection after every answer', { front: { change: closing } }],
    [
      'that has no Date',
      { front: { change: (answer) => ({ ...answer, headers: without(answer.headers, 'date') }) } },
    ],
    ['that locks out for a moment', { odd: { lockOut: { after: 60, seconds: 4 } } }],
    ['whose good answers never end', { front: { endless: true }, target: { timeoutMs: 150 }, include: few }],
    ['with our own upstream', { witness: true, include: many }],
    [
      'with our own upstream, whose headers it does not all pass on',
      { witness: true, odd: { stripsHeaders: ['x-gateproof-id'] } },
    ],
  ])('%s', async (_, options) => {
    expect(complaints(await play({ include: some, ...options }))).toEqual(none)
  })
})

describe('of an odd but sound gateway nothing is told but its clock', () => {
  test.each<[string, Partial<StageOptions>]>([
    ['whose clock is an hour ahead', { gatewayAheadMs: hour }],
    ['whose clock is an hour behind', { gatewayAheadMs: -hour }],
    ['behind a proxy whose clock is an hour off', { front: { change: misdated } }],
  ])('%s', async (_, options) => {
    expect(complaints(await play({ include: some, ...options }))).toEqual({
      ...none,
      told: ['ctl-clock-offset'],
    })
  })
})

test('what a firewall stops is told as stopped, and is no finding', async () => {
  const isLong = ({ headers }: IncomingMessage) => (headers.authorization ?? '').length > 3000
  const page = { status: 403, headers: ['Content-Type', 'text/html'], body: Buffer.from('Forbidden') }
  const played = await play({
    front: { fate: (request) => (isLong(request) ? page : 'pass') },
    include: ['encoding', 'audience'],
  })
  expect(complaints(played)).toEqual(none)
  for (const id of ['enc-oversize-8k', 'enc-oversize-16k'])
    expect(verdictOn(played, id)).toMatchObject({ notes: ['refused-otherwise'] })
  expect(verdictOn(played, 'aud-wrong')).toEqual({ status: 'pass', notes: [] })
})

function silentLimit(answer: Parameters<typeof reworded>[0]) {
  return answer.status === 429 ? { ...answer, headers: without(answer.headers, 'retry-after') } : answer
}

function closing(answer: Parameters<typeof reworded>[0]) {
  return { ...answer, headers: [...answer.headers, 'Connection', 'close'] }
}

function misdated(answer: Parameters<typeof reworded>[0]) {
  const date = new Date(Date.now() + hour).toUTCString()
  return { ...answer, headers: [...without(answer.headers, 'date'), 'Date', date] }
}
