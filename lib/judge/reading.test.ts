import { expect, test } from 'vitest'
import type { Marker } from '../config/config.ts'
import type { Expect } from '../config/expect.ts'
import type { Answered } from '../exchange/answer.ts'
import { fingerprint } from './fingerprint.ts'
import { answered, hit, lessonFrom, refusal, unwitnessed } from './fixture.ts'
import { judge } from './judge.ts'

/** How an answer is read: the first rule that holds decides, one row a rule or a borderline of one. */

const json = ['Content-Type', 'application/json'] as const
const good = answered(200, [json], '{"hello":1}')
const none = refusal(401, 'Bearer realm="x"')
const unrouted = answered(404, [json], '{"code":404}')
const backend404 = answered(404, [json], '{"from":"backend"}')
const login = answered(302, [['Location', 'https://login.example.test/']])

type Row = {
  readonly rule: string
  readonly good?: Answered
  readonly none?: Answered
  readonly accepted?: Marker
  readonly refused?: Marker
  readonly hopeless?: Answered
  readonly witnessed?: boolean
  readonly close?: boolean
  readonly expect?: Expect
  readonly answer: Answered
  readonly hits?: number
  readonly told: string
}

const rows: readonly Row[] = [
  // 1. the witness
  { rule: 'a hit is let in, whatever the status', answer: none, hits: 1, told: 'fail: reached-upstream' },
  { rule: 'a hit outweighs a 5xx', answer: answered(502), hits: 1, told: 'fail: reached-upstream' },
  {
    rule: 'a hit outweighs a marker',
    ...{ answer: good, hits: 1, refused: { status: [200] }, told: 'fail: let-in' },
  },
  {
    rule: 'no hit is no proof where the good control was not seen',
    ...{ good: unrouted, answer: unrouted, told: 'fail: let-in' },
  },
  {
    rule: 'no hit proves a refusal where it was',
    ...{ good: unrouted, answer: unrouted, witnessed: true, told: 'warn: wrong-status' },
  },
  {
    rule: 'no hit proves nothing where the answer looks let in: a cache',
    ...{ answer: good, witnessed: true, told: 'fail: let-in' },
  },
  {
    rule: 'no hit proves nothing where the answer looks let in: the backend’s 404',
    ...{ good: backend404, answer: backend404, witnessed: true, told: 'fail: let-in' },
  },
  // 2. markers
  {
    rule: 'a marker of refusals before a 2xx',
    ...{ answer: good, refused: { contains: 'hello' }, expect: 'observe', told: 'observed' },
  },
  {
    rule: 'a marker of refusals before that of acceptance',
    ...{ answer: good, accepted: { status: [200] }, refused: { contains: 'hello' } },
    ...{ expect: 'accept', told: 'fail: refused-good' },
  },
  {
    rule: 'a marker of acceptance before a 401',
    ...{ answer: none, accepted: { status: [401] }, told: 'fail: let-in' },
  },
  {
    rule: 'a refusal by a status of its own that a marker declares is no refusal otherwise',
    ...{ answer: answered(418), refused: { status: [418] }, expect: 'refuse', told: 'pass' },
  },
  // 3. known refusals
  { rule: '401 is a refusal', answer: refusal(401, 'Bearer error="invalid_token"'), told: 'pass' },
  { rule: '403 is a refusal', answer: refusal(403, 'Bearer'), told: 'warn: wrong-status' },
  { rule: 'the answer to no token is a refusal', none: login, answer: login, told: 'warn: wrong-status' },
  {
    rule: 'the answer without a route is a refusal, and none otherwise',
    ...{ answer: unrouted, expect: 'refuse', told: 'pass' },
  },
  {
    rule: 'unless the good control has the same fingerprint',
    ...{ good: refusal(403), answer: refusal(403), told: 'fail: let-in' },
  },
  {
    rule: 'never a 2xx that no marker declares, though no token is answered so',
    ...{ none: answered(200, [json], '{"error":1}'), answer: answered(200, [json], '{"error":1}') },
    told: 'fail: let-in',
  },
  // 4. let in
  { rule: 'the good fingerprint is let in', good: backend404, answer: backend404, told: 'fail: let-in' },
  { rule: 'the backend’s 405 too', good: answered(405), answer: answered(405), told: 'fail: let-in' },
  { rule: 'the backend’s 500 too', good: answered(500), answer: answered(500), told: 'fail: let-in' },
  { rule: 'any other 2xx is let in', answer: answered(206), told: 'fail: let-in' },
  { rule: '101 is let in', answer: answered(101), told: 'fail: let-in' },
  {
    rule: 'a body that was equal in two controls tells the backend’s 404 from another',
    ...{ good: backend404, answer: unrouted, expect: 'refuse', told: 'pass' },
  },
  // 5. refused otherwise
  {
    rule: 'any other 3xx is refused, with a note',
    ...{ answer: answered(307), told: 'warn: wrong-status (refused-otherwise)' },
  },
  {
    rule: 'any other 4xx is refused, with a note',
    ...{ answer: answered(431), expect: 'refuse', told: 'pass (refused-otherwise)' },
  },
  // 6. server errors
  { rule: 'a 5xx is refused, and wrong', answer: answered(500), told: 'fail: server-error' },
  {
    rule: 'a 5xx that is the answer to no token is wrong all the same',
    ...{ none: answered(500), answer: answered(500), told: 'fail: server-error' },
  },
  // What shows only at the case
  {
    rule: 'good as no token, which shows at the case',
    ...{ good: login, none: login, answer: login, told: 'inconclusive: indistinguishable' },
  },
  {
    rule: 'a 405 of anybody’s, where the backend’s answer to good tokens is a 405',
    ...{ good: answered(405), answer: answered(405), expect: 'keep-out' },
    told: 'inconclusive: indistinguishable',
  },
  {
    rule: 'a 404 that may hide the route from who lacks the scope, where the backend’s answer is that 404',
    ...{ good: unrouted, answer: unrouted, expect: 'forbid', told: 'inconclusive: indistinguishable' },
  },
  {
    rule: 'the backend’s own 404 to who lacks the scope is let in',
    ...{ good: backend404, answer: backend404, expect: 'forbid', told: 'fail: let-in' },
  },
  {
    rule: 'a 400 of any server’s to bytes that are no request, where the backend’s answer is a 400',
    ...{ good: answered(400), answer: answered(400), close: true, told: 'inconclusive: indistinguishable' },
  },
  {
    rule: 'the answer to a hopeless token tells nothing against a hit of ours',
    ...{ good: answered(400), answer: answered(400), hopeless: answered(400), witnessed: true },
    ...{ hits: 1, told: 'fail: reached-upstream' },
  },
  {
    rule: 'without a hit, where good ones are seen, what is answered as a hopeless token is refused',
    ...{ good: answered(400), answer: answered(400), hopeless: answered(400), witnessed: true },
    ...{ expect: 'refuse', told: 'pass' },
  },
  {
    rule: 'a hit tells these apart',
    ...{ good: unrouted, answer: unrouted, expect: 'forbid', hits: 1, told: 'fail: reached-upstream' },
  },
]

const judged = (row: Row): string => {
  const lesson = lessonFrom(
    { good: row.good ?? good, none: row.none ?? none, unrouted },
    {
      witnessed: row.witnessed ?? false,
      ...(row.accepted === undefined ? {} : { accepted: row.accepted }),
      ...(row.refused === undefined ? {} : { refused: row.refused }),
      ...(row.hopeless === undefined ? {} : { hopeless: fingerprint(row.hopeless, true) }),
    },
  )
  const verdict = judge(
    { expect: row.expect ?? 'reject', level: 'must', topic: 'alg', close: row.close ?? false, form: false },
    { attempts: [{ answer: row.answer, hits: Array.from({ length: row.hits ?? 0 }, () => hit) }], notes: [] },
    {
      lesson,
      features: new Set(),
      style: {},
      checks: { scheme: 'Bearer', secrets: [], canaries: [], good, method: 'GET', hits: [], ...unwitnessed },
    },
  )
  const found = 'mismatches' in verdict ? (verdict.mismatches ?? []).map(({ kind }) => kind) : []
  const why = verdict.status === 'inconclusive' ? [verdict.reason] : found
  const notes = verdict.notes.filter((note) => note !== 'style').map((note) => ` (${note})`)
  return [verdict.status, ...(why.length === 0 ? [] : [`: ${why.join(', ')}`]), ...notes].join('')
}

test.each(rows.map((row) => [row.rule, row] as const))('%s', (_, row) => {
  expect(judged(row)).toBe(row.told)
})
