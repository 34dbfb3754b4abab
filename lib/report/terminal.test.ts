import { expect, it } from 'vitest'
import {
  cleanReport,
  hostileReport,
  loadReport,
  partialReport,
  richReport,
} from '../../test/fixtures/report.ts'
import { renderTerminal } from './terminal.ts'

const plain = { width: 80, color: false } as const
/** What `color: true` adds. */
const withoutColor = (text: string): string =>
  ['0', '1', '2', '31', '32', '33'].reduce((rest, ink) => rest.replaceAll(`\u001b[${ink}m`, ''), text)

const everyReport = [richReport, cleanReport, loadReport, partialReport, hostileReport]

it('renders the summary as it was last agreed', async () => {
  const files = ['reports/report.json', 'reports/report.html']
  await expect(renderTerminal(richReport, { ...plain, files })).toMatchFileSnapshot(
    '__snapshots__/terminal.txt',
  )
  await expect(renderTerminal(loadReport, plain)).toMatchFileSnapshot('__snapshots__/terminal-load.txt')
})

it('tells once why a measurement is not valid', () => {
  const reasons = loadReport.load?.invalid ?? []
  const told = renderTerminal({ ...loadReport, exit: { code: 2, reasons } }, { width: 200, color: false })
  expect(reasons.length).toBeGreaterThan(1)
  for (const reason of reasons) expect(told.split(reason)).toHaveLength(2)
  expect(told).toContain('? The measurement is not valid, for the reasons above')
})

it.each([80, 100, 120, 200])('fits %d columns', (width) => {
  const lines = everyReport.flatMap((report) => renderTerminal(report, { width, color: false }).split('\n'))
  expect(Math.max(...lines.map((line) => Array.from(line).length))).toBeLessThanOrEqual(width)
})

it('uses a wide terminal', () => {
  const longest = (width: number) =>
    Math.max(
      ...renderTerminal(richReport, { width, color: false })
        .split('\n')
        .map((line) => line.length),
    )
  expect(longest(120)).toBeGreaterThan(longest(80))
})

it('takes one screen for a clean run', () => {
  expect(renderTerminal(cleanReport, { ...plain, files: ['a', 'b'] }).split('\n').length).toBeLessThanOrEqual(
    24,
  )
})

it('writes no control character without colour, and a stranger’s never', () => {
  for (const report of everyReport) {
    expect(renderTerminal(report, plain).replaceAll('\n', '')).not.toMatch(/\p{C}/u)
    const colored = renderTerminal(report, { width: 80, color: true })
    expect(colored).toContain('\u001b[1m')
    expect(withoutColor(colored).replaceAll('\n', '')).not.toMatch(/\p{C}/u)
  }
})

it('looks the same with colour and without', () => {
  const colored = renderTerminal(richReport, { width: 80, color: true })
  expect(withoutColor(colored)).toBe(renderTerminal(richReport, plain))
})

it('always says how much was judged and what would unlock the rest', () => {
  const text = renderTerminal(richReport, plain)
  expect(text).toContain('Judged 12 of 16 cases.')
  expect(text).toContain('missing upstream – own the upstream: set `serve.upstream`')
})
