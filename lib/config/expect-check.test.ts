import { expect, test } from 'vitest'
import type { Expect } from './expect.ts'
import { checkExpect, checkFetches } from './expect-check.ts'
import type { SuiteCase } from './suite.ts'

const told = (check: (tell: (at: string, message: string) => void) => void): readonly string[] => {
  const lines: string[] = []
  check((at, message) => lines.push(`${at}: ${message}`))
  return lines
}

const ofExpect = (expected: Expect) => told((tell) => checkExpect('/expect', expected, () => undefined, tell))

test('a header is asked for by its name, with a pattern that is one', () => {
  expect(ofExpect({ is: 'refuse', header: { 'X-A': '1', 'X-B': null, 'X-C': { pattern: '^a$' } } })).toEqual(
    [],
  )
  expect(ofExpect({ is: 'refuse', header: { 'X A': '1', 'X-C': { pattern: '(' } } })).toEqual([
    '/expect/header/X A: `X A` is not the name of a header',
    '/expect/header/X-C/pattern: `(` is not a regular expression',
  ])
})

const counted: Expect = { is: 'reject', fetches: 1 }
const ofCase = (changes: Partial<SuiteCase>) =>
  told((tell) => checkFetches('/cases/0', { id: 'a', title: 'a', expect: 'reject', ...changes }, tell))

test.each<[string, Partial<SuiteCase>]>([
  ['an exclusive case of steps', { expect: counted, steps: [{ send: {} }], exclusive: true }],
  ['a step of an exclusive case', { steps: [{ send: { expect: counted } }], exclusive: true }],
  ['a step beside a change of the key set', { steps: [{ keySet: {} }, { send: { expect: counted } }] }],
  [
    'a variant with such steps',
    { exclusive: true, variants: { one: { steps: [{ send: {} }], expect: counted } } },
  ],
  ['a case without them', { deviation: {} }],
])('fetches may be counted in %s', (_, one) => {
  expect(ofCase(one)).toEqual([])
})

test.each<[string, Partial<SuiteCase>, string]>([
  ['a case of one request', { expect: counted, exclusive: true }, '/cases/0'],
  ['a case of steps that others run beside', { steps: [{ send: { expect: counted } }] }, '/cases/0'],
  ['a variant of one request', { expect: counted, variants: { one: {} } }, '/cases/0/variants/one'],
])('fetches may not be counted in %s', (_, one, at) => {
  expect(ofCase(one)).toEqual([
    `${at}: \`fetches\` are counted in a case that is alone: one of \`steps\` that is \`exclusive\` or changes the key set`,
  ])
})
