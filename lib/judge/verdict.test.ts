import { expect, test } from 'vitest'
import type { Level } from '../config/suite.ts'
import { mismatchKinds, type MismatchKind, type Safety } from './verdict.ts'

/** How each kind counts: `case` where the case says how grave it is. */
const rules: Readonly<Record<MismatchKind, readonly [Safety, Level | 'case']>> = {
  'let-in': ['fails-open', 'case'],
  'reached-upstream': ['fails-open', 'case'],
  leaks: ['fails-open', 'case'],
  fetched: ['fails-open', 'case'],
  'executes-input': ['fails-open', 'must'],
  'misleads-upstream': ['fails-open', 'case'],
  'exposes-credential': ['fails-open', 'case'],
  'refused-good': ['fails-closed', 'case'],
  'not-once': ['fails-closed', 'case'],
  crashes: ['fails-closed', 'case'],
  hangs: ['fails-closed', 'case'],
  'server-error': ['protocol', 'must'],
  'no-challenge': ['protocol', 'must'],
  'wrong-status': ['protocol', 'should'],
  'wrong-error': ['protocol', 'should'],
  'error-without-credentials': ['protocol', 'should'],
  lenient: ['protocol', 'should'],
  inconsistent: ['protocol', 'should'],
  'fetches-too-often': ['protocol', 'case'],
  'out-of-proportion': ['protocol', 'case'],
  'malformed-answer': ['protocol', 'case'],
}

test.each(Object.entries(mismatchKinds))('%s counts as it is written', (kind, info) => {
  const level = 'level' in info ? info.level : 'case'
  expect([info.safety, level]).toEqual(Object.entries(rules).find(([name]) => name === kind)?.[1])
})

test.each(Object.entries(mismatchKinds))('%s has words for people', (_, { title, text }) => {
  expect(title).toMatch(/^[A-Z].*[^.]$/)
  expect(text).toMatch(/^[A-Z].*\.$/)
})
