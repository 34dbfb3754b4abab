import { describe, expect, it } from 'vitest'
import { hostile, result } from '../../../test/fixtures/report-parts.ts'
import { results } from '../../../test/fixtures/results.ts'
import { cleanReport, hostileReport, partialReport, richReport } from '../../../test/fixtures/report.ts'
import type { Report } from '../report.ts'
import { gate } from './baseline.ts'
import { comparisonOf } from './fixture.ts'
import { renderComparisonHtml } from './html.ts'
import { renderComparisonMarkdown } from './markdown.ts'
import { renderComparisonTerminal } from './terminal.ts'

const named = (name: string) => ({ ...richReport, target: { ...richReport.target, name } })
/** Where the others fail a case by a bad audience, this one holds; much it did not run. */
const clean: Report = {
  ...cleanReport,
  target: { name: 'a clean one', url: 'https://gw.example.test/clean' },
  conformance: {
    ...cleanReport.conformance!,
    results: [
      ...cleanReport.conformance!.results,
      ...results
        .filter(({ case: id }) => ['aud-prefix', 'scope-missing'].includes(id))
        .map((each) => result({ ...each, verdict: { status: 'pass', notes: [] } })),
    ],
  },
}
/** Two gateways that differ, one of which judged less, and a run that was interrupted. */
const mixed = comparisonOf(named('one'), clean, { ...partialReport, target: { ...named('three').target } })
const strange = comparisonOf(hostileReport, { ...named(`${hostile} two`), load: richReport.load! })
const gates = gate(mixed, { baselines: 1, tolerance: 0.1 })
const strangeGates = gate(strange, { baselines: 1, tolerance: 0.1 })

const plain = { width: 80, color: false } as const

/** The style is the report's, and agreed with it. */
const withoutStyle = (page: string): string =>
  page.replace(/<style>.*?<\/style>/s, '').replace(/sha256-[\w+/]+=/, 'sha256-…')

it('renders a comparison as it was last agreed', async () => {
  await expect(withoutStyle(renderComparisonHtml(mixed, gates))).toMatchFileSnapshot(
    '__snapshots__/compare.html',
  )
  await expect(renderComparisonMarkdown(mixed, gates)).toMatchFileSnapshot('__snapshots__/compare.md')
  await expect(renderComparisonTerminal(mixed, gates, plain)).toMatchFileSnapshot('__snapshots__/compare.txt')
})

describe('the page', () => {
  const pages = [renderComparisonHtml(mixed, []), renderComparisonHtml(strange, strangeGates)]
  const tagsOf = (page: string): readonly string[] =>
    page.replace(/<style>.*?<\/style>/gs, '<style></style>').match(/<[a-z!/][^>]*>/gi) ?? []

  it('tells differences before what is judged by some, and load before what is alike', () => {
    const [page = ''] = pages
    const order = ['differences', 'partly', 'gaps', 'load', 'alike'].map((id) => page.indexOf(`id="${id}"`))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
    expect(order.every((at) => at > 0)).toBe(true)
  })

  it('loads nothing, runs nothing and links to itself alone', () => {
    for (const page of pages) {
      const policy = /Content-Security-Policy" content="([^"]+)"/.exec(page)?.[1]?.replaceAll('&#39;', "'")
      expect(policy).toMatch(
        /^default-src 'none'; style-src 'sha256-[^;]+'; base-uri 'none'; form-action 'none'$/,
      )
      expect(
        tagsOf(page).filter((tag) => /^<(script|link|img|iframe|object)|\son\w+=|style=/i.test(tag)),
      ).toEqual([])
      const addresses = [...page.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, address = '']) => address)
      expect(addresses.filter((address) => !/^#[\w-]+$/.test(address))).toEqual([])
      expect(page.replaceAll(/[\n\t]/g, '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    }
    expect(pages[1]).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  })

  it('closes what it opens, and has no id twice', () => {
    for (const page of pages) {
      const open: string[] = []
      for (const tag of tagsOf(page)) {
        const name = /^<\/?([\w!]+)/.exec(tag)?.[1] ?? ''
        if (tag.startsWith('</')) expect(open.pop()).toBe(name)
        else if (!/^<(!doctype|meta|br)/.test(tag)) open.push(name)
      }
      expect(open).toEqual([])
      const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => id)
      expect(new Set(ids).size).toBe(ids.length)
      const anchors = [...page.matchAll(/\shref="#([^"]+)"/g)].map(([, id = '']) => id)
      expect(anchors.filter((id) => !ids.includes(id))).toEqual([])
    }
  })

  it('gives every row a cell for each report', () => {
    for (const page of pages) {
      const [columns] = [...page.matchAll(/<table class="matrix">[^]*?<\/thead>/g)].map(
        ([head]) => head.match(/<th scope="col"/g)?.length ?? 0,
      )
      for (const [row] of page.matchAll(/<tr class="case-row">[^]*?<\/tr>/g))
        expect((row.match(/<t[hd][ >]/g) ?? []).length).toBe(columns)
    }
  })
})

describe('the summary in Markdown', () => {
  it('lets nothing of a stranger act, and keeps every table row whole', () => {
    for (const text of [
      renderComparisonMarkdown(strange, strangeGates),
      renderComparisonMarkdown(mixed, []),
    ]) {
      const outsideCode = text.replaceAll(/(`+)[^\n]*?[^`]\1(?!`)/g, '')
      expect(outsideCode).not.toMatch(/<|@admin|(?<!\\)\[link|javascript:[^\n]*\)(?<!\\\))/)
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u)
      for (const table of text
        .trim()
        .split('\n\n')
        .filter((part) => part.startsWith('|')))
        expect(new Set(table.split('\n').map((row) => row.split(/(?<!\\)\|/).length)).size).toBe(1)
    }
  })
})

describe('the summary on a terminal', () => {
  it.each([60, 80, 120])('fits %d columns, and writes no control character without colour', (width) => {
    for (const text of [
      renderComparisonTerminal(mixed, gates, { width, color: false, files: ['reports/compare.html'] }),
      renderComparisonTerminal(strange, strangeGates, { width, color: false }),
    ]) {
      expect(Math.max(...text.split('\n').map((line) => Array.from(line).length))).toBeLessThanOrEqual(width)
      expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u)
    }
  })

  it('ends a gate with its exit code', () => {
    expect(renderComparisonTerminal(mixed, gates, plain)).toMatch(/Exit 2: could not tell/)
  })
})
