import { describe, expect, test } from 'vitest'
import type { Verdict } from '../judge/verdict.ts'
import { mismatch } from '../judge/protocol.ts'
import { conclude, type Ending } from './conclude.ts'
import type { Load, Result } from './report.ts'

const resultOf = (id: string, verdict: Verdict, more: Partial<Result> = {}): Result => ({
  case: id,
  requirement: 'alg.none',
  topic: 'alg',
  title: id,
  level: 'must',
  severity: 'major',
  spec: { document: 'RFC 7519', section: '6' },
  digest: 'a digest',
  verdict,
  ...more,
})

const pass: Verdict = { status: 'pass', notes: [] }
const unsure: Verdict = { status: 'inconclusive', reason: 'locked-out', notes: [] }
const absent: Verdict = { status: 'not-applicable', missing: ['tls'], unlock: '', notes: [] }
const open: Verdict = { status: 'fail', mismatches: [mismatch('let-in', '')], notes: [] }
const warning: Verdict = { status: 'warn', mismatches: [mismatch('wrong-status', '')], notes: [] }

const good = resultOf('good', pass)
const gate: Ending['gate'] = { failOn: 'must', maxInconclusive: 0, require: [] }
const ending = (results: readonly Result[], changes: Partial<Ending> = {}) =>
  conclude({ results, interrupted: false, doubts: [], gate, ...changes })

test('a run that passed has no reason to tell', () => {
  expect(ending([good, resultOf('other', absent)])).toEqual({ code: 0, reasons: [] })
})

test('a finding counts unless it is waived', () => {
  expect(ending([good, resultOf('bad', open)]).code).toBe(1)
  const waived = [{ kind: 'let-in', reason: 'accepted' }]
  expect(ending([good, resultOf('bad', open, { waived })]).code).toBe(0)
  expect(ending([good, resultOf('odd', warning)]).code).toBe(0)
  expect(ending([good, resultOf('odd', warning)], { gate: { ...gate, failOn: 'should' } }).code).toBe(1)
})

describe('more cases in doubt than are allowed', () => {
  const doubtful = [good, resultOf('a', unsure), resultOf('b', unsure)]

  test('are told, with their number', () => {
    expect(ending(doubtful)).toEqual({
      code: 2,
      reasons: ['2 cases are inconclusive, more than cases.maxInconclusive (0)'],
    })
  })

  test('do not count within the bound', () => {
    expect(ending(doubtful, { gate: { ...gate, maxInconclusive: 2 } }).code).toBe(0)
  })

  test('do not outweigh a finding', () => {
    expect(ending([...doubtful, resultOf('bad', open)]).code).toBe(1)
  })
})

describe('what is required', () => {
  const requiring = (...names: readonly string[]) => ({ gate: { ...gate, require: names } })
  const results = [
    good,
    resultOf('unlucky', absent, { topic: 'pop', requirement: 'pop.dpop' }),
    resultOf('partly', pass, {
      variants: [
        { name: 'ran', verdict: pass },
        { name: 'did-not', verdict: absent },
      ],
    }),
  ]

  test.each(['alg', 'alg.none', 'good', 'partly', 'partly/ran'])('%s has a verdict', (name) => {
    expect(ending(results, requiring(name)).code).toBe(0)
  })

  test.each(['pop', 'pop.dpop', 'unlucky', 'partly/did-not', 'jwe'])('%s has none', (name) => {
    expect(ending(results, requiring(name))).toEqual({
      code: 2,
      reasons: [`cases.require names ${name}, and it came to no verdict`],
    })
  })
})

test('a run that judged its controls alone could not tell', () => {
  const control = resultOf('control', pass, { topic: 'controls' })
  const couldNotTell = { code: 2, reasons: ['nothing was judged beyond the controls'] }
  expect(ending([control, resultOf('a', absent)])).toEqual(couldNotTell)
  expect(ending([control])).toEqual(couldNotTell)
})

test('a greater trouble is told alone', () => {
  const { code, reasons } = ending([resultOf('a', unsure)], { doubts: ['nobody listens'] })
  expect(code).toBe(2)
  expect(reasons).toEqual(['nobody listens'])
})

describe('a threshold', () => {
  const load: Load = {
    phases: [],
    results: [],
    thresholds: [{ expression: 'p99 < 50ms', value: 60, ok: false }],
    valid: true,
    invalid: [],
  }

  test('that was crossed is exit 1', () => {
    expect(ending([], { load })).toEqual({ code: 1, reasons: [] })
  })

  test('is neither held nor crossed by a measurement that is not valid', () => {
    expect(ending([], { load: { ...load, valid: false, invalid: ['too few samples'] } })).toEqual({
      code: 2,
      reasons: ['too few samples'],
    })
  })

  test('over nothing measured is not met, and nobody can tell', () => {
    const thresholds = [{ expression: 'p99 < 50ms', value: null, ok: false }]
    expect(ending([], { load: { ...load, thresholds } })).toEqual({
      code: 2,
      reasons: ['no sample for p99 < 50ms'],
    })
  })
})

test('an interruption outweighs all', () => {
  expect(ending([resultOf('bad', open)], { interrupted: true })).toMatchObject({
    code: 130,
    reasons: ['interrupted'],
  })
})
