import { describe, expect, test } from 'vitest'
import type { Expect } from '../config/expect.ts'
import type { Answered } from '../exchange/answer.ts'
import { answered, lessonFrom, refusal, unwitnessed } from './fixture.ts'
import { isUnfamiliar } from './front.ts'
import { judge, type Bench } from './judge.ts'

const bare = refusal(401, 'Bearer realm="x"')
const lesson = lessonFrom({ good: answered(200), none: bare, unrouted: answered(404) })
const style: Bench['style'] = {
  challenge: { status: 401, scheme: 'bearer', error: undefined },
  reject: { status: 401, scheme: 'bearer', error: 'invalid_token' },
}
/** Of a gateway that challenges nobody. */
const silent: Bench['style'] = { reject: { status: 401, scheme: undefined, error: undefined } }
const page = answered(403, [['Content-Type', 'text/html']], 'Forbidden')

describe('a 403 without a challenge', () => {
  test('where every refusal had one is a firewall’s, as far as anybody can tell', () => {
    expect(isUnfamiliar(page, lesson, style)).toBe(true)
  })

  test.each([
    ['as to no token', lessonFrom({ good: answered(200), none: page }), style],
    ['as on a path without a route', lessonFrom({ good: answered(200), none: bare, unrouted: page }), style],
    [
      'as for too little scope',
      lesson,
      { ...style, forbid: { status: 403, scheme: undefined, error: undefined } },
    ],
    ['where nobody was challenged', lesson, silent],
    ['where nothing is known', lesson, {}],
    ['that the route declares', { ...lesson, refused: { status: [403] } }, style],
  ])('%s is the gateway’s own', (_, taught, known) => {
    expect(isUnfamiliar(page, taught, known)).toBe(false)
  })
})

test.each([
  ['a 403 with a challenge', refusal(403, 'Bearer error="insufficient_scope"')],
  ['a 401 without one', refusal(401)],
])('%s speaks of tokens', (_, answer) => {
  expect(isUnfamiliar(answer, lesson, style)).toBe(false)
})

/** The verdict on a bad token, in a few words. */
const verdict = (expect: Expect, answer: Answered, { topic = 'alg', known = style } = {}): string => {
  const claim = { expect, level: 'must', topic, close: false, form: false } as const
  const good = answered(200)
  const facts = { scheme: 'Bearer', secrets: [], canaries: [], good, method: 'GET', hits: [], ...unwitnessed }
  const bench = { lesson, features: new Set<string>(), style: known, checks: facts }
  const told = judge(claim, { attempts: [{ answer, hits: [] }], notes: [] }, bench)
  const kinds = 'mismatches' in told ? (told.mismatches ?? []).map(({ kind }) => kind) : []
  return [told.status, ...kinds, ...told.notes.map((note) => `(${note})`)].join(', ')
}

describe('a firewall’s 403', () => {
  test('is told as such, and is not how the gateway refuses', () => {
    for (const word of ['challenge', 'reject', 'forbid', 'bad-request', 'refuse', 'keep-out'] as const)
      expect(verdict(word, page)).toBe('pass, (refused-otherwise)')
    expect(verdict({ is: 'refuse', status: [401] }, page)).toBe('pass, (refused-otherwise)')
  })

  test('keeps out whom it must not, and hides nothing where answers are judged', () => {
    expect(verdict('accept', page)).toBe('fail, refused-good, (refused-otherwise)')
    expect(verdict('reject', page, { topic: 'responses' })).toBe('warn, wrong-status, (refused-otherwise)')
  })

  test('is the gateway’s own where it has a challenge, or nobody is challenged', () => {
    expect(verdict('reject', refusal(403, 'Bearer error="insufficient_scope"'))).toBe('warn, wrong-status')
    expect(verdict('reject', page, { known: silent })).toBe('warn, wrong-status')
  })
})
