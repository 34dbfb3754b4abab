import { expect, it } from 'vitest'
import { load as wholeLoad } from '../../../test/fixtures/load.ts'
import type { Load } from '../report.ts'
import { comparisonOf, loadFrom, loadOf } from './fixture.ts'
import { loadTables } from './load-table.ts'

const over = (http: '1.1' | '2'): Load => {
  if (wholeLoad.run === undefined) throw new Error('the fixture says nothing of its run')
  return { ...loadFrom({ median: 500, requests: 5000, seed: 1 }), run: { ...wholeLoad.run, http } }
}
const tableOf = (...loads: readonly Load[]) =>
  loadTables(comparisonOf(...loads.map((load, at) => loadOf(`gateway ${at}`, load))).contestants)[0]

it('puts runs side by side that had the same load', () => {
  expect(tableOf(over('1.1'), over('1.1'))).toMatchObject({
    note: 'closed model, 10 connections. In brackets: the 99 % interval.',
  })
})

it('says so where one run was over HTTP/1.1 and another over HTTP/2', () => {
  const table = tableOf(over('1.1'), over('2'))
  expect(table?.note).toMatch(/^Not the same load on each/)
  expect(table?.rows.map(([, load]) => load)).toEqual([
    'closed model, 10 connections',
    'closed model, 10 connections over HTTP/2',
  ])
})
