import { expect, it } from 'vitest'
import {
  cleanReport,
  hostileReport,
  loadReport,
  partialReport,
  richReport,
} from '../../test/fixtures/report.ts'
import { attributesOf, elementsOf, faultsInJunit } from '../../test/fixtures/junit-grammar.ts'
import { renderJunit } from './junit.ts'

const everyReport = [richReport, cleanReport, partialReport, loadReport, hostileReport]
const numberOf = (attributes: ReadonlyMap<string, string>, name: string) =>
  Number(attributes.get(name) ?? '0')

it('renders the suites as they were last agreed', async () => {
  await expect(renderJunit(richReport)).toMatchFileSnapshot('__snapshots__/junit.xml')
})

it('keeps to the grammar that CI servers read', () => {
  for (const report of everyReport) expect(faultsInJunit(renderJunit(report))).toEqual([])
})

it('counts on each suite what is in it', () => {
  for (const report of everyReport) {
    const [root] = elementsOf(renderJunit(report))
    if (root === undefined) throw new Error('no root')
    for (const scope of [root, ...root.children]) {
      const cases =
        scope.name === 'testsuites' ? scope.children.flatMap((suite) => suite.children) : scope.children
      const count = (name: string) =>
        cases.filter((each) => each.children.some((child) => child.name === name)).length
      const told = attributesOf(scope)
      expect(numberOf(told, 'tests')).toBe(cases.length)
      expect(numberOf(told, 'failures')).toBe(count('failure'))
      expect(numberOf(told, 'errors')).toBe(count('error'))
      if (scope.name === 'testsuite') expect(numberOf(told, 'skipped')).toBe(count('skipped'))
    }
  }
})

it('tells a finding as a failure, doubt as an error, and what did not apply or is waived as skipped', () => {
  const [root] = elementsOf(renderJunit(richReport))
  const told = new Map(
    (root?.children ?? []).flatMap((suite) =>
      suite.children.map(
        (each) => [attributesOf(each).get('name')?.split(':')[0], each.children[0]] as const,
      ),
    ),
  )
  expect(told.get('aud-prefix')?.name).toBe('failure')
  expect(told.get('scope-missing')?.name).toBe('failure')
  expect(told.get('sig-flipped-bit')?.name).toBe('error')
  expect(told.get('jwks-withdrawn-key')?.name).toBe('skipped')
  expect(told.get('time-leeway')).toBeUndefined()
  const waived = told.get('alg-lowercase')
  expect(waived?.name).toBe('skipped')
  expect(waived && attributesOf(waived).get('message')).toBe(
    'waived: accepted risk, ticket 123 (until 2027-03-31)',
  )
})
