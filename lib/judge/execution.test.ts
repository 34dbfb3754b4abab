import { expect, test } from 'vitest'
import { withExecution } from './execution.ts'
import type { Verdict } from './verdict.ts'

const pass: Verdict = { status: 'pass', notes: ['style'] }

test('nothing was executed: the verdict stands', () => {
  expect(withExecution(pass, false)).toBe(pass)
})

test.each<[Verdict, readonly string[]]>([
  [pass, ['executes-input']],
  [{ status: 'inconclusive', reason: 'token-expired', notes: [] }, ['executes-input']],
  [{ status: 'observed', notes: [] }, ['executes-input']],
  [
    {
      status: 'warn',
      mismatches: [{ kind: 'wrong-status', safety: 'protocol', level: 'should', detail: '' }],
      notes: [],
    },
    ['executes-input', 'wrong-status'],
  ],
])('what is executed fails open, whatever else was found: %j', (verdict, kinds) => {
  const told = withExecution(verdict, true)
  expect(told).toMatchObject({ status: 'fail', notes: verdict.notes })
  expect(told).toMatchObject({ mismatches: kinds.map((kind) => ({ kind })) })
  expect(told).toMatchObject({
    mismatches: [{ safety: 'fails-open', level: 'must' }, ...kinds.slice(1).map(() => ({}))],
  })
})
