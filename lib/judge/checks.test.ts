import { describe, expect, test } from 'vitest'
import type { Answered } from '../exchange/answer.ts'
import { checkKinds, checks, isCheckName, type CheckContext, type CheckName } from './checks.ts'
import type { connectionChecks } from './connection-checks.ts'
import { answered, hit, refusal, unwitnessed } from './fixture.ts'
import type { metadataChecks } from './metadata-checks.ts'
import type { upstreamChecks } from './upstream-checks.ts'

const cors = ['Access-Control-Allow-Origin', '*'] as const
const token = 'aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbb.cccccccccccccccc'

const context: CheckContext = {
  scheme: 'Bearer',
  secrets: [token],
  canaries: ['gateproof-canary'],
  good: answered(200, [cors], 'what the upstream says'),
  method: 'GET',
  hits: [],
  ...unwitnessed,
}

const invalid = 'Bearer realm="x", error="invalid_token"'
const cached = (value: string) => answered(401, [['Cache-Control', value]])
const page = (text: string) => answered(401, [['Content-Type', 'text/html']], text)

/** One answer for which each check holds, and one for which it does not. */
const table: Record<
  Exclude<
    CheckName,
    'method-kept' | keyof typeof upstreamChecks | keyof typeof connectionChecks | keyof typeof metadataChecks
  >,
  readonly [holds: Answered, holdsNot: Answered]
> = {
  'challenge-present': [refusal(401, 'Basic'), refusal(401)],
  'challenge-scheme': [refusal(401, 'Basic, bearer'), refusal(401, 'Basic realm="x"')],
  'challenge-has-param': [refusal(401, 'Bearer realm="x"'), refusal(401, 'Bearer')],
  'challenge-parses': [refusal(401, invalid), refusal(401, 'Bearer realm="x" error="y"')],
  'challenge-no-repetition': [refusal(401, invalid), refusal(401, 'Bearer scope="a", scope="b"')],
  'challenge-algs': [refusal(401, 'Bearer, DPoP algs="ES256"'), refusal(401, 'Bearer algs="ES256", DPoP')],
  'nonce-given': [answered(401, [['DPoP-Nonce', 'n']]), refusal(401, 'DPoP error="use_dpop_nonce"')],
  'error-known': [refusal(401, invalid), refusal(401, 'Bearer error="token_expired"')],
  'error-charset': [
    refusal(401, 'Bearer error_description="it expired"'),
    refusal(401, 'Bearer error_description="it\xa0expired"'),
  ],
  'no-error': [refusal(401, 'Bearer realm="x"'), refusal(401, invalid)],
  'error-invalid-token': [refusal(401, invalid), refusal(401, 'Bearer realm="x"')],
  'error-insufficient-scope': [refusal(403, 'Bearer error="insufficient_scope"'), refusal(403, invalid)],
  'error-invalid-request': [
    refusal(400, 'Bearer error="invalid_request"'),
    refusal(400, 'Bearer error="invalid_token"'),
  ],
  'scope-named': [refusal(403, 'Bearer scope="orders.read"'), refusal(403, 'Bearer realm="x"')],
  'not-redirected': [refusal(401), answered(302)],
  'not-server-error': [refusal(401), answered(502)],
  'not-stored': [cached('no-store'), cached('max-age=60')],
  'private-or-varies': [
    answered(200, [
      ['Cache-Control', 'public, max-age=60'],
      ['Vary', 'Accept, Authorization'],
    ]),
    answered(200, [['Cache-Control', 'public, max-age=60']]),
  ],
  'query-answer-private': [cached('private'), answered(200)],
  'no-token-echo': [page('no'), page(`you sent ${token}`)],
  'no-canary-echo': [page('no'), answered(401, [['X-User', 'gateproof-canary']])],
  'no-secret-leak': [page('denied'), page('Error: no\n    at verify (/srv/gateway/verify.js:10:5)\n')],
  'no-upstream-body': [page('denied'), answered(401, [], 'what the upstream says')],
  'no-injected-header': [refusal(401), answered(401, [['x-injected', '1']])],
  'no-reflected-host': [
    refusal(401, 'Bearer realm="evil\\""'),
    refusal(401, 'Bearer realm="https://evil"x.test"'),
  ],
  'body-declared': [page('denied'), answered(401, [], 'denied')],
  'no-reflected-markup': [page('&lt;gateproof&gt;'), page('no /<gateproof>')],
  'refused-in-grpc': [answered(200, [['grpc-status', '16']]), answered(200, [['grpc-status', '0']])],
  'has-date': [answered(401, [['Date', 'Wed, 25 Nov 2026 04:18:00 GMT']]), answered(401)],
  'no-evaluated-template': [page('{{7331*7919}}'), page('58054189')],
  'cors-as-good': [answered(401, [cors]), answered(401)],
  'not-echoed': [answered(405, [], token), answered(200, [], `TRACE / ${token}`)],
}

describe('each check', () => {
  test.each(Object.entries(table))('%s holds for one answer and not for the other', (name, [yes, no]) => {
    if (!isCheckName(name)) throw new Error(name)
    expect(checks[name](yes, context)).toBeUndefined()
    expect(checks[name](no, context)).toMatch(/\w/)
  })
})

test.each([
  [
    'Expires in the future',
    [
      ['Date', 'Wed, 25 Nov 2026 04:18:00 GMT'],
      ['Expires', 'Thu, 26 Nov 2026 04:18:00 GMT'],
    ],
    'stored',
  ],
  [
    'Expires in the past',
    [
      ['Date', 'Wed, 25 Nov 2026 04:18:00 GMT'],
      ['Expires', '0'],
    ],
    'fresh',
  ],
  ['no-store beside max-age', [['Cache-Control', 'max-age=60, no-store']], 'fresh'],
  ['max-age=0', [['Cache-Control', 'max-age=0']], 'fresh'],
] as const)('an answer with %s may be %s by a cache', (_, headers, wanted) => {
  expect(checks['not-stored'](answered(401, headers)) === undefined ? 'fresh' : 'stored').toBe(wanted)
})

test.each([
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMII'],
  ['a Java exception', 'io.jsonwebtoken: java.lang.NullPointerException'],
  ['a Python traceback', 'Traceback (most recent call last):\n'],
  ['a Go panic', 'panic: runtime error: index out of range\n\ngoroutine 1 [running]:'],
  ['what the signature should have been', 'Invalid signature, expected signature abc'],
  [
    'the signature that was expected',
    'Invalid signature. Expected 8Qh5lJ5gSaQylkSdaCIDBoOqKzhoJ0Nutkkap8RgB1Y= got x',
  ],
])('%s in an answer is a leak', (_, text) => {
  expect(checks['no-secret-leak'](page(text))).toBeDefined()
})

test('what the upstream got under another method is told', () => {
  const kept = (...methods: readonly string[]) =>
    checks['method-kept'](answered(200), { ...context, hits: methods.map((method) => ({ ...hit, method })) })
  expect(kept('GET')).toBeUndefined()
  expect(kept()).toBeUndefined()
  expect(kept('GET', 'DELETE')).toBe('the upstream got "DELETE"')
})

test.each([
  ['public, max-age=60', 'shared'],
  ['s-maxage=60', 'shared'],
  ['max-age=60, must-revalidate', 'shared'],
  ['private, max-age=60, must-revalidate', 'private'],
  ['max-age=0, must-revalidate', 'private'],
  ['max-age=60', 'private'],
])('an answer to a token with Cache-Control: %s is %s', (value, wanted) => {
  const said = checks['private-or-varies'](answered(200, [['Cache-Control', value]]))
  expect(said === undefined ? 'private' : 'shared').toBe(wanted)
})

test('a text of a few letters is no secret that could stand in an answer by chance', () => {
  expect(checks['no-token-echo'](page('a.b.c'), { ...context, secrets: ['a.b.c'] })).toBeUndefined()
})

test('what a check quotes is escaped', () => {
  expect(checks['error-known'](refusal(401, 'Bearer error="\x07\xe9"'), context)).toBe(
    'the error code "\\u0007\\u00e9" is not registered',
  )
})

test('a hostile body of the most that is kept is looked through in no time', () => {
  for (const text of [
    '\n'.repeat(2048),
    ` at x${':'.repeat(2000)}`,
    'java.'.repeat(400),
    ' at x'.repeat(400),
  ])
    expect(checks['no-secret-leak'](page(text))).toBeUndefined()
})

test('what has a kind of its own is a check, and a name of every object is none', () => {
  expect(isCheckName('toString')).toBe(false)
  expect(Object.keys(checkKinds).every(isCheckName)).toBe(true)
})
