import { expect, it } from 'vitest'
import { cleanReport, loadReport, partialReport, richReport } from '../../test/fixtures/report.ts'
import { findingsOf, isWaived, resultsOf } from './findings.ts'
import { outcomeOf } from './outcome.ts'
import type { Report } from './report.ts'
import { unlocksOf } from './unlocks.ts'

it('tells what fails open first, then what fails closed, then the protocol, then warnings', () => {
  expect(findingsOf(richReport).map(({ status, safety }) => `${status} ${safety}`)).toEqual([
    'fail fails-open',
    'fail fails-open',
    'fail fails-closed',
    'fail protocol',
    'warn protocol',
  ])
})

it('takes a result for waived only where every mismatch is', () => {
  const waived = resultsOf(richReport).filter(isWaived)
  expect(waived.map((result) => result.case)).toEqual(['alg-lowercase'])
  const worse = waived.map((result) => ({
    ...result,
    verdict: {
      status: 'fail' as const,
      mismatches: [
        { kind: 'wrong-status' as const, safety: 'protocol' as const, level: 'must' as const, detail: '' },
        { kind: 'let-in' as const, safety: 'fails-open' as const, level: 'must' as const, detail: '' },
      ],
      notes: [],
    },
  }))
  expect(worse.map(isWaived)).toEqual([false])
})

it.each([
  ['a report with findings', richReport, 1, 'bad', 'Not conformant'],
  ['a clean report', cleanReport, 0, 'good', 'Conformant'],
  ['an interrupted run', partialReport, 130, 'unsure', 'Interrupted: a partial report'],
  ['a measurement that is not valid', loadReport, 2, 'unsure', 'Could not tell'],
] as const)(
  'reads the verdict of %s off the report, with its exit code and without',
  (_, report, code, tone, headline) => {
    const { exit, ...silent } = report
    expect(outcomeOf(report)).toMatchObject({ tone, headline, exit: { code, reasons: exit?.reasons } })
    expect(outcomeOf(silent)).toMatchObject({ tone, headline, exit: { code } })
  },
)

it('cannot tell where a case is inconclusive', () => {
  const { exit, load, conformance, ...rest } = richReport
  if (exit === undefined || load === undefined || conformance === undefined)
    throw new Error('the fixture lacks a part')
  const results = conformance.results.filter(({ verdict }) => verdict.status !== 'fail')
  const doubtful: Report = { ...rest, conformance: { ...conformance, results } }
  expect(outcomeOf(doubtful).exit.code).toBe(2)
})

it('counts as judged what came to a verdict', () => {
  expect(outcomeOf(richReport)).toMatchObject({ judged: 12, planned: 16 })
})

it('says by cause what would unlock the rest, the most cases first', () => {
  expect(unlocksOf(richReport).map(({ status, cause, cases }) => [status, cause, cases.length])).toEqual([
    ['not-applicable', 'upstream', 2],
    ['inconclusive', 'good tokens were refused after bad ones', 1],
    ['not-applicable', 'key-set', 1],
  ])
})
