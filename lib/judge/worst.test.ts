import { describe, expect, test } from 'vitest'
import { mismatch } from './protocol.ts'
import type { Verdict } from './verdict.ts'
import { withInconsistent, worst } from './worst.ts'

const pass: Verdict = { status: 'pass', notes: [] }
const observed: Verdict = { status: 'observed', notes: [] }
const warn: Verdict = { status: 'warn', mismatches: [mismatch('wrong-status', 'first')], notes: ['style'] }
const open = { ...mismatch('let-in', 'open'), level: 'must' as const }
const fail: Verdict = { status: 'fail', mismatches: [open], notes: [] }
const unsure: Verdict = { status: 'inconclusive', reason: 'locked-out', notes: [] }
const absent = (missing: string): Verdict => ({
  status: 'not-applicable',
  missing: [missing],
  unlock: `give ${missing}`,
  notes: [],
})

test.each([
  [[pass, observed, warn, unsure, fail], 'fail'],
  [[pass, observed, warn, unsure], 'inconclusive'],
  [[pass, observed, warn], 'warn'],
  [[pass, observed], 'observed'],
  [[pass, absent('tls')], 'pass'],
  [[absent('tls'), absent('jwt')], 'not-applicable'],
] as const)('the verdict on a case is the worst of its variants (%#)', (verdicts, status) => {
  expect(worst(verdicts).status).toBe(status)
  expect(worst(verdicts.toReversed()).status).toBe(status)
})

test('a failing case holds every kind of mismatch of its variants once, those that fail it first', () => {
  const again: Verdict = { status: 'fail', mismatches: [mismatch('wrong-status', 'second')], notes: [] }
  expect(worst([warn, fail, again])).toMatchObject({
    mismatches: [
      { kind: 'let-in', detail: 'open' },
      { kind: 'wrong-status', detail: 'second' },
    ],
  })
})

test('what is only observed keeps the mismatches of its variants', () => {
  const may: Verdict = {
    status: 'observed',
    mismatches: [{ ...mismatch('let-in', ''), level: 'may' }],
    notes: [],
  }
  expect(worst([observed, may])).toMatchObject({ status: 'observed', mismatches: [{ kind: 'let-in' }] })
})

test('a case of which nothing applies lacks what any variant lacks, and says what would unlock each', () => {
  expect(worst([absent('tls'), absent('jwt'), absent('tls')])).toEqual({
    status: 'not-applicable',
    missing: ['tls', 'jwt'],
    unlock: 'give tls; give jwt',
    notes: [],
  })
})

describe('variants that come to different sides', () => {
  test('are a warning of their own', () => {
    expect(withInconsistent(pass, 'variants')).toMatchObject({
      status: 'warn',
      mismatches: [{ kind: 'inconsistent' }],
    })
  })

  test('are told beside what fails', () => {
    expect(withInconsistent(fail, 'repeat')).toMatchObject({
      status: 'fail',
      mismatches: [{ kind: 'let-in' }, { kind: 'inconsistent' }],
    })
  })

  test('tell nothing where no verdict was possible', () => {
    expect(withInconsistent(unsure, 'repeat')).toBe(unsure)
  })
})
