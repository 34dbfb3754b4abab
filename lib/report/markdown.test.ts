import { expect, it } from 'vitest'
import {
  cleanReport,
  hostileReport,
  largeReport,
  loadReport,
  richReport,
} from '../../test/fixtures/report.ts'
import { renderMarkdown } from './markdown.ts'

it('renders the summary as it was last agreed', async () => {
  await expect(renderMarkdown(richReport)).toMatchFileSnapshot('__snapshots__/summary.md')
  await expect(renderMarkdown(loadReport)).toMatchFileSnapshot('__snapshots__/summary-load.md')
})

it('says the verdict, what was judged and what the exit code means first', () => {
  const [heading, , sentence] = renderMarkdown(cleanReport).split('\n')
  expect(heading).toBe('## ✅ gateproof: conformant')
  expect(sentence).toContain('Judged 6 of 6 cases. Exit 0: conformant, thresholds held.')
})

it('lets nothing of a stranger act', () => {
  const text = renderMarkdown(hostileReport)
  const outsideCode = text.replaceAll(/(`+)[^\n]*?[^`]\1(?!`)/g, '')
  expect(outsideCode).not.toMatch(/<(?!\/?sub>)|@admin|(?<!\\)\[link|javascript:[^\n]*\)(?<!\\\))/)
  expect(text.replaceAll('\n', '')).not.toMatch(/\p{C}/u)
})

it('keeps every table row whole', () => {
  for (const report of [richReport, hostileReport]) {
    const tables = renderMarkdown(report)
      .split('\n\n')
      .filter((part) => part.startsWith('|'))
    for (const table of tables) {
      const cells = table.split('\n').map((row) => row.split(/(?<!\\)\|/).length)
      expect(new Set(cells).size).toBe(1)
    }
  }
})

it('stays short enough for a comment, however much is wrong', () => {
  const text = renderMarkdown(largeReport(600))
  expect(text.length).toBeLessThan(20_000)
  expect(text).toMatch(/… and \d+ findings more, in the report\./)
})
