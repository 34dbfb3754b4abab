import { expect, it } from 'vitest'
import type { ExpectedHeader } from '../config/expect.ts'
import { answered } from './fixture.ts'
import { headerMismatches } from './header-checks.ts'

const answer = answered(401, [
  ['Cache-Control', 'no-store'],
  ['Vary', 'Origin'],
  ['vary', 'Authorization'],
  ['X-Odd', 'a\u0007"b'],
])

const said = (name: string, wanted: ExpectedHeader) =>
  headerMismatches({ [name]: wanted }, answer, 'should').map(({ detail }) => detail)

it.each<[string, ExpectedHeader]>([
  ['cache-control', 'no-store'],
  ['Vary', 'Origin, Authorization'],
  ['VARY', { pattern: '(^|, )Authorization(,|$)' }],
  ['Location', null],
])('the header %s is %j', (name, wanted) => {
  expect(said(name, wanted)).toEqual([])
})

it.each<[string, ExpectedHeader, string]>([
  ['Cache-Control', 'no-cache', 'the header Cache-Control is "no-store" instead of "no-cache"'],
  ['Location', '/', 'no header Location'],
  ['Location', { pattern: '.' }, 'no header Location'],
  ['Vary', null, 'the header Vary, which should not be there, is "Origin, Authorization"'],
  [
    'Vary',
    { pattern: '^Accept' },
    'the header Vary is "Origin, Authorization", which does not match "^Accept"',
  ],
  ['X-Odd', 'ab', 'the header X-Odd is "a\\u0007\\u0022b" instead of "ab"'],
])('that the header %s is not %j is told', (name, wanted, detail) => {
  expect(said(name, wanted)).toEqual([detail])
})

it('is a malformed answer of the level of the case', () => {
  expect(headerMismatches({ Location: '/', Vary: null }, answer, 'may')).toMatchObject([
    { kind: 'malformed-answer', safety: 'protocol', level: 'may' },
    { kind: 'malformed-answer', safety: 'protocol', level: 'may' },
  ])
})
