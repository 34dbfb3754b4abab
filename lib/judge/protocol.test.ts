import { describe, expect, test } from 'vitest'
import type { Word } from '../config/expect.ts'
import type { Answered } from '../exchange/answer.ts'
import { answered, refusal } from './fixture.ts'
import { protocolMismatches, sameSpeech, speechOf } from './protocol.ts'

const kinds = (answer: Answered, word: Word, scheme = 'Bearer') =>
  protocolMismatches(answer, word, scheme).map(({ kind, level }) => `${kind} (${level})`)

const invalid = refusal(401, 'Bearer realm="x", error="invalid_token"')
const bare = refusal(401, 'Bearer realm="x"')
const scope = refusal(403, 'Bearer error="insufficient_scope"')

test.each<[Word, string, Answered, readonly string[]]>([
  ['challenge', 'a bare 401', bare, []],
  ['challenge', 'a 401 with a scheme alone', refusal(401, 'Bearer'), []],
  ['challenge', 'an error code', invalid, ['error-without-credentials (should)']],
  ['challenge', 'no challenge', refusal(401), ['no-challenge (must)']],
  ['challenge', 'a challenge of another scheme', refusal(401, 'Basic realm="x"'), ['no-challenge (must)']],
  ['challenge', 'a 403', refusal(403), ['wrong-status (should)']],
  ['challenge', 'a 302', answered(302), ['wrong-status (should)']],
  ['challenge', 'a 500', answered(500), ['server-error (must)']],
  ['reject', 'invalid_token', invalid, []],
  ['reject', 'invalid_token in any letter case of scheme', refusal(401, 'bearer error=invalid_token'), []],
  ['reject', 'no error code', bare, ['wrong-error (should)']],
  ['reject', 'another error code', refusal(401, 'Bearer error="invalid_request"'), ['wrong-error (should)']],
  ['reject', 'no challenge', refusal(401), ['no-challenge (must)']],
  ['reject', 'a bare 403', refusal(403), ['wrong-status (should)']],
  [
    'reject',
    'a 400 with its error',
    refusal(400, 'Bearer error="invalid_request"'),
    ['wrong-status (should)'],
  ],
  ['reject', 'a 501', answered(501), ['server-error (must)']],
  ['forbid', 'insufficient_scope', scope, []],
  ['forbid', 'a 403 without a challenge', refusal(403), ['wrong-error (should)']],
  ['forbid', 'a 401', invalid, ['wrong-status (should)']],
  ['bad-request', 'a 400 with its error', refusal(400, 'Bearer error="invalid_request"'), []],
  ['bad-request', 'a 400 without one', refusal(400), ['wrong-error (should)']],
  ['bad-request', 'a 401 with any error', invalid, []],
  ['bad-request', 'a 401 without a challenge', refusal(401), ['no-challenge (must)']],
  ['bad-request', 'a 403', refusal(403), ['wrong-status (should)']],
  ['refuse', 'any 4xx', answered(431), []],
  ['refuse', 'a 302', answered(302), ['wrong-status (should)']],
  ['refuse', 'a 200 that a marker makes a refusal', answered(200), ['wrong-status (should)']],
  ['refuse', 'a 502', answered(502), ['server-error (must)']],
  ['keep-out', 'a 404', answered(404), []],
  ['keep-out', 'a 301', answered(301), []],
  ['keep-out', 'a 501', answered(501), []],
  ['keep-out', 'a 500', answered(500), ['server-error (must)']],
])('%s, answered with %s', (word, _, answer, wanted) => {
  expect(kinds(answer, word)).toEqual(wanted)
})

test('the challenge is that of the scheme which the target is configured for', () => {
  expect(kinds(refusal(401, 'DPoP error="invalid_token"'), 'reject', 'DPoP')).toEqual([])
  expect(kinds(invalid, 'reject', 'DPoP')).toEqual(['no-challenge (must)'])
})

test('what the gateway sent is escaped in a detail', () => {
  const [one] = protocolMismatches(refusal(401, 'Bearer error="\x1b[31m<script>"'), 'reject', 'Bearer')
  expect(one?.detail).toBe('error="\\u001b[31m<script>" instead of invalid_token')
})

describe('the speech of a refusal', () => {
  test('is its status, its scheme and its error code', () => {
    expect(speechOf(invalid, 'Bearer')).toEqual({ status: 401, scheme: 'bearer', error: 'invalid_token' })
    expect(speechOf(refusal(403), 'Bearer')).toEqual({ status: 403, scheme: undefined, error: undefined })
    expect(speechOf(refusal(401, 'Basic, Bearer error="x"'), 'Bearer')).toMatchObject({ scheme: 'bearer' })
    expect(speechOf(refusal(401, 'Basic realm="x"'), 'Bearer')).toMatchObject({ scheme: 'basic' })
  })

  test('is the same in other words', () => {
    const other = refusal(401, 'BEARER error=invalid_token error_description="expired"')
    expect(sameSpeech(speechOf(invalid, 'Bearer'), speechOf(other, 'Bearer'))).toBe(true)
    expect(sameSpeech(speechOf(invalid, 'Bearer'), speechOf(bare, 'Bearer'))).toBe(false)
  })
})
