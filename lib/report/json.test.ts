import { expect, it } from 'vitest'
import { topics } from '../config/suite.ts'
import { richReport } from '../../test/fixtures/report.ts'
import { renderJson } from './json.ts'
import type { Report } from './report.ts'

const { conformance } = richReport

it('renders the report as it was last agreed', async () => {
  await expect(renderJson(richReport)).toMatchFileSnapshot('__snapshots__/report.json')
})

it('is the same whatever the order of results and members', () => {
  if (conformance === undefined) throw new Error('the fixture has no conformance part')
  const { version, target, ...rest } = richReport
  const shuffled = {
    ...rest,
    conformance: { ...conformance, results: conformance.results.toReversed() },
    target,
    version,
  }
  expect(renderJson(shuffled)).toBe(renderJson(richReport))
})

it('sorts results by topic and id', () => {
  const { conformance: part } = JSON.parse(renderJson(richReport)) as Report
  const keys = (part?.results ?? []).map((each) => [topics.indexOf(each.topic), each.case] as const)
  expect(keys).toEqual(keys.toSorted(([a, x], [b, y]) => a - b || (x < y ? -1 : 1)))
})

it('leaves the members of a token in the order in which it was forged', () => {
  expect(renderJson(richReport)).toMatch(/"claims": \{\s+"iss": [^\n]+\s+"aud": [^\n]+\s+"sub":/)
})

it('has nothing in it that a terminal obeys', () => {
  expect(renderJson(richReport).replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
})
