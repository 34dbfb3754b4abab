import { expect, it } from 'vitest'
import { richReport } from '../../../test/fixtures/report.ts'
import type { Report } from '../report.ts'
import { judged, loadOf, pass, reportOf } from './fixture.ts'
import { joinParts } from './join.ts'

const load = richReport.load ?? { phases: [], results: [], thresholds: [], valid: true, invalid: [] }
const cases = (name: string): Report => reportOf(name, [judged('aud-wrong', pass)])
const joined = (...reports: readonly Report[]) =>
  joinParts(reports.map((report, at) => ({ file: `${at}.json`, report })))

it('makes one of what test and load wrote of a target, in either order, at the place of the first', () => {
  const all = joined(loadOf('a', load), cases('b'), cases('a'), loadOf('b', load))
  expect(all.map(({ file, report }) => [file, report.target.name])).toEqual([
    ['2.json + 0.json', 'a'],
    ['1.json + 3.json', 'b'],
  ])
  expect(all.every(({ report }) => report.conformance !== undefined && report.load === load)).toBe(true)
})

it('is partial where one of the parts is', () => {
  const [one] = joined(cases('a'), { ...loadOf('a', load), complete: false })
  expect(one?.report.complete).toBe(false)
})

it.each<[string, readonly Report[]]>([
  ['two of the same kind', [cases('a'), cases('a')]],
  ['three of one target', [cases('a'), loadOf('a', load), loadOf('a', load)]],
  ['two targets', [cases('a'), loadOf('b', load)]],
  [
    'the same name at another address',
    [cases('a'), { ...loadOf('a', load), target: { name: 'a', url: 'http://127.0.0.2/' } }],
  ],
  ['a whole and a part', [{ ...cases('a'), load }, loadOf('a', load)]],
])('leaves alone: %s', (_, reports) => {
  expect(joined(...reports).map(({ report }) => report)).toEqual(reports)
})
