import { describe, expect, test } from 'vitest'
import { exitCode, type RunFacts } from './exit.ts'
import { mismatch } from './protocol.ts'

const calm: RunFacts = {
  interrupted: false,
  findings: [],
  misjudgedUnderLoad: 0,
  thresholdsCrossed: 0,
  doubts: [],
}

const open = { status: 'fail', mismatches: [mismatch('let-in', '')] } as const
const closed = { status: 'fail', mismatches: [mismatch('refused-good', '')] } as const
const protocol = { status: 'fail', mismatches: [mismatch('no-challenge', '')] } as const
const both = { status: 'fail', mismatches: [mismatch('no-challenge', ''), mismatch('leaks', '')] } as const
const warning = { status: 'warn', mismatches: [mismatch('wrong-status', '')] } as const

test('a run without findings and doubts is conformant', () => {
  expect(exitCode(calm, 'must')).toBe(0)
  expect(exitCode(calm, 'should')).toBe(0)
})

test.each([
  ['fails open', open, [1, 1, 1]],
  ['fails closed', closed, [1, 1, 1]],
  ['breaks the protocol', protocol, [0, 1, 1]],
  ['breaks the protocol and fails open', both, [1, 1, 1]],
  ['is a warning', warning, [0, 0, 1]],
] as const)('what %s counts by --fail-on safety, must, should', (_, finding, wanted) => {
  const facts = { ...calm, findings: [finding] }
  expect((['safety', 'must', 'should'] as const).map((level) => exitCode(facts, level))).toEqual(wanted)
})

describe('the first that holds decides', () => {
  const doubts = ['3 cases are inconclusive']

  test('a finding before a doubt', () => {
    expect(exitCode({ ...calm, findings: [open], doubts }, 'must')).toBe(1)
    expect(exitCode({ ...calm, findings: [warning], doubts }, 'must')).toBe(2)
  })

  test('what load misjudged and thresholds before a doubt', () => {
    expect(exitCode({ ...calm, misjudgedUnderLoad: 1, doubts }, 'safety')).toBe(1)
    expect(exitCode({ ...calm, thresholdsCrossed: 1, doubts }, 'must')).toBe(1)
    expect(exitCode({ ...calm, doubts }, 'must')).toBe(2)
  })

  test('an interruption before all', () => {
    expect(exitCode({ ...calm, interrupted: true, findings: [open], doubts }, 'must')).toBe(130)
  })
})
