import { describe, expect, it } from 'vitest'
import type { Report } from '../report.ts'
import { compareReports } from './comparison.ts'
import { agreementOf } from './difference.ts'
import {
  comparisonOf,
  fail,
  inconclusive,
  judged,
  loadFrom,
  loadOf,
  missing,
  pass,
  reportOf,
} from './fixture.ts'

const ids = (rows: readonly { readonly model: { readonly case: string } }[]) =>
  rows.map(({ model }) => model.case)

describe('joining reports', () => {
  it('puts what has the same digest into one row, whatever it is called', () => {
    const { rows, lonely } = comparisonOf(
      reportOf('one', [judged('aud-old-name', pass, { digest: 'same-digest' })]),
      reportOf('two', [judged('aud-new-name', fail('let-in'), { digest: 'same-digest' })]),
    )
    expect(rows.map(({ cells }) => cells.map((cell) => cell?.case))).toEqual([
      ['aud-old-name', 'aud-new-name'],
    ])
    expect(lonely).toEqual([])
  })

  it('keeps cases apart that send the same, by their ids', () => {
    const twins = [
      judged('aud-a', pass, { digest: 'twins-of' }),
      judged('aud-b', pass, { digest: 'twins-of' }),
    ]
    expect(ids(comparisonOf(reportOf('one', twins), reportOf('two', twins)).rows)).toEqual(['aud-a', 'aud-b'])
  })

  it('lists what only one has, and what has changed, as not comparable', () => {
    const { rows, lonely, gaps } = comparisonOf(
      reportOf('one', [judged('aud-a', pass), judged('aud-b', pass, { digest: 'before-it' })]),
      reportOf('two', [
        judged('aud-a', pass),
        judged('aud-b', pass, { digest: 'changed-it' }),
        judged('aud-c', pass),
      ]),
    )
    expect(ids(rows)).toEqual(['aud-a'])
    expect(lonely.map(({ result, name, changed }) => [result.case, name, changed])).toEqual([
      ['aud-b', 'one', true],
      ['aud-b', 'two', true],
      ['aud-c', 'two', false],
    ])
    expect(gaps).toEqual([])
  })

  it('shows what was judged before and is not now: not applicable, inconclusive or not run', () => {
    const { gaps } = comparisonOf(
      reportOf(
        'one',
        ['aud-a', 'aud-b', 'aud-c', 'aud-d'].map((id) => judged(id, pass)),
      ),
      reportOf('two', [judged('aud-a', missing), judged('aud-b', inconclusive), judged('aud-d', pass)]),
    )
    expect(gaps.map(({ result, verdict }) => [result.case, verdict?.status])).toEqual([
      ['aud-a', 'not-applicable'],
      ['aud-b', 'inconclusive'],
      ['aud-c', undefined],
    ])
  })

  it('does not call it a gap where only the earlier report could not judge', () => {
    const { gaps } = comparisonOf(
      reportOf('one', [judged('aud-a', missing)]),
      reportOf('two', [judged('aud-a', pass)]),
    )
    expect(gaps).toEqual([])
  })

  it('tells two runs of one target apart by their files', () => {
    const report = reportOf('staging', [judged('aud-a', pass)])
    expect(comparisonOf(report, report, reportOf('other', [])).contestants.map(({ name }) => name)).toEqual([
      'a.json (staging)',
      'b.json (staging)',
      'other',
    ])
  })

  it('joins loads where there are no cases', () => {
    const load = loadFrom({ median: 500, requests: 1000, seed: 1 })
    expect(comparisonOf(loadOf('one', load), loadOf('two', load)).rows).toEqual([])
  })
})

describe('refusing reports', () => {
  const named = (...reports: readonly Report[]) =>
    compareReports(reports.map((report, at) => ({ file: `${at}.json`, report })))

  it('that have no case in common, and names their suites', () => {
    const compared = named(reportOf('one', [judged('aud-a', pass)]), reportOf('two', [judged('aud-b', pass)]))
    expect(compared).toMatchObject({ kind: 'refused' })
    expect(compared.kind === 'refused' && compared.reason).toMatch(
      /one is of suite 1\.0\.0, digest 5f2b9c7d0e1a/,
    )
  })

  it('whose suites are written in different major versions of the case language', () => {
    const one = reportOf('one', [judged('aud-a', pass)])
    const two = reportOf('two', [judged('aud-a', pass)])
    if (two.conformance === undefined) throw new Error('no conformance part')
    const next = {
      ...two,
      conformance: { ...two.conformance, suite: { version: '2.0', digest: '12345678' } },
    }
    expect(named(one, next)).toMatchObject({ kind: 'refused' })
  })

  it('of which one has only cases and the other only load', () => {
    const load = loadFrom({ median: 500, requests: 1000, seed: 1 })
    expect(named(reportOf('one', [judged('aud-a', pass)]), loadOf('two', load))).toMatchObject({
      kind: 'refused',
    })
  })
})

describe('agreement', () => {
  const observed = (status: number) =>
    judged(
      'aud-a',
      { status: 'observed', notes: [] },
      {
        observed: { status, challenge: null, reachedUpstream: null, ms: 1 },
      },
    )
  const variants = (...verdicts: readonly (typeof pass)[]) =>
    judged('aud-a', pass, { variants: verdicts.map((verdict, at) => ({ name: `v${at}`, verdict })) })

  it.each([
    ['the same verdicts', judged('aud-a', pass), judged('aud-a', pass), 'alike'],
    ['pass and fail', judged('aud-a', pass), judged('aud-a', fail('let-in')), 'differs'],
    ['another kind', judged('aud-a', fail('let-in')), judged('aud-a', fail('wrong-status')), 'differs'],
    ['another variant', variants(pass, fail('let-in')), variants(fail('let-in'), pass), 'differs'],
    ['a variant that does not apply', variants(pass, missing), variants(pass, pass), 'differs'],
    ['another observed status', observed(200), observed(401), 'differs'],
    ['the same observed status', observed(200), observed(200), 'alike'],
    ['one that is not judged', judged('aud-a', pass), judged('aud-a', inconclusive), 'partly'],
    ['two that are not judged alike', judged('aud-a', missing), judged('aud-a', missing), 'alike'],
    ['one that is absent', judged('aud-a', pass), undefined, 'partly'],
  ] as const)('of %s', (_, one, two, agreement) => {
    expect(agreementOf({ model: one, cells: [one, two] })).toBe(agreement)
  })
})
