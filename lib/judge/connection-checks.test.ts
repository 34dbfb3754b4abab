import { expect, test } from 'vitest'
import type { Answer } from '../exchange/answer.ts'
import { connectionChecks } from './connection-checks.ts'
import { answered, hit, lost, refusal } from './fixture.ts'

const closing = answered(401, [['Connection', 'keep-alive, Close']])

test.each<[string, Answer | undefined, boolean]>([
  ['is let in', answered(200), true],
  ['was never sent', undefined, true],
  ['is refused', answered(401), false],
  ['has no answer', lost('closed'), false],
  ['is only asked for patience', answered(429), true],
])('a connection survives a refusal where the good request behind it %s: %s', (_, next, holds) => {
  expect(connectionChecks['connection-survives'](refusal(401), { next }) === undefined).toBe(holds)
})

test('whoever says that he closes a connection may close it', () => {
  expect(connectionChecks['connection-survives'](closing, { next: lost('closed') })).toBeUndefined()
})

test('any answer is one too many where the connection had to be closed', () => {
  expect(connectionChecks['connection-closed'](refusal(401))).toBe(
    'answered 401 on a connection that had to be closed',
  )
})

const hitWith = (...names: readonly string[]) => ({
  hits: [{ ...hit, headers: names.map((name) => [name, 'x'] as const) }],
})

test('an offer of another protocol is for the gateway alone', () => {
  const check = connectionChecks['upgrade-not-forwarded']
  expect(check(answered(200), hitWith('Host', 'Connection'))).toBeUndefined()
  expect(check(answered(200), { hits: [] })).toBeUndefined()
  expect(check(answered(200), hitWith('Host', 'HTTP2-Settings'))).toBe(
    'the upstream got the client’s "HTTP2-Settings"',
  )
})

test('what is passed on has one length', () => {
  const check = connectionChecks['one-length-forwarded']
  expect(check(answered(200), hitWith('Transfer-Encoding'))).toBeUndefined()
  expect(check(answered(200), hitWith('content-length', 'Transfer-Encoding'))).toBeDefined()
})

test.each<[string, readonly (readonly [string, string])[], string | undefined]>([
  ['the same', [['Date', 'Thu, 01 Jan 1970 00:00:00 GMT']], undefined],
  ['a little ahead', [['Date', 'Thu, 01 Jan 1970 00:00:30 GMT']], undefined],
  ['far ahead', [['Date', 'Thu, 01 Jan 1970 00:02:00 GMT']], 'its clock is 120 s ahead'],
  ['far behind', [['Date', 'Wed, 31 Dec 1969 23:58:00 GMT']], 'its clock is 120 s behind'],
  ['no date', [['Date', 'tomorrow']], undefined],
  [
    'what a cache remembers',
    [
      ['Date', 'Thu, 01 Jan 1970 00:02:00 GMT'],
      ['Age', '1'],
    ],
    undefined,
  ],
  ['nowhere', [], undefined],
])('a clock that is %s', (_, headers, said) => {
  expect(connectionChecks['clock-near'](answered(401, headers))).toBe(said)
})
