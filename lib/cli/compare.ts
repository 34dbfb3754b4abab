import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readNamed } from '../config/source.ts'
import { gate, gateCode, type Gate } from '../report/compare/baseline.ts'
import { compareReports, type Comparison, type NamedReport } from '../report/compare/comparison.ts'
import { joinParts } from '../report/compare/join.ts'
import { renderComparisonHtml } from '../report/compare/html.ts'
import { renderComparisonMarkdown } from '../report/compare/markdown.ts'
import { renderComparisonTerminal } from '../report/compare/terminal.ts'
import { parseReport } from '../report/report.ts'
import { UsageError, wantsColor, type Terminal } from './terminal.ts'

export type CompareFormat = 'html' | 'markdown' | 'terminal'

export type CompareOptions = {
  readonly baseline?: readonly string[]
  /** In percent. */
  readonly tolerance: number
  readonly format?: CompareFormat
  readonly out?: string
}

/**
 * `gateproof compare`: reports side by side. With `--baseline`, exit 1 where a later run is worse beyond noise, and 2
 * where that cannot be told.
 */
export const compare = async (
  files: readonly string[],
  options: CompareOptions,
  terminal: Terminal,
): Promise<number> => {
  const baseline = options.baseline ?? []
  const all = [...baseline, ...files]
  if (all.length < 2) throw new UsageError('compare takes two reports or more, or one beside a --baseline')
  if (files.length === 0)
    throw new UsageError('a --baseline is to be compared with the report of a later run')
  const [before, after] = [baseline, files].map((group) =>
    joinParts(group.map((file) => readReport(file, terminal))),
  )
  const compared = compareReports([...(before ?? []), ...(after ?? [])])
  if (compared.kind === 'refused') throw new UsageError(compared.reason)
  const { comparison } = compared
  const gates =
    baseline.length === 0
      ? []
      : gate(comparison, { baselines: before?.length ?? 0, tolerance: options.tolerance / 100 })
  const written =
    options.out === undefined ? [] : await writePages(comparison, gates, { ...options, terminal })
  const { format } = options
  terminal.out(
    options.out === undefined && (format === 'html' || format === 'markdown')
      ? pages[format].render(comparison, gates)
      : renderComparisonTerminal(comparison, gates, {
          width: terminal.columns,
          color: wantsColor(terminal),
          files: written,
        }),
  )
  return gateCode(gates)
}

const readReport = (file: string, { cwd }: Terminal): NamedReport => {
  const parsed = parseReport(readNamed(file, resolve(cwd, file)))
  if (parsed.kind === 'report') return { file, report: parsed.report }
  throw new UsageError(`${file} is no report of gateproof:\n  ${parsed.faults.join('\n  ')}`)
}

const pages = {
  html: { file: 'compare.html', render: renderComparisonHtml },
  markdown: { file: 'compare.md', render: renderComparisonMarkdown },
} as const

/** Writes the page in the format that was asked for, or in both, and returns the files as the user would name them. */
const writePages = async (
  comparison: Comparison,
  gates: readonly Gate[],
  { out = '.', format, terminal }: Pick<CompareOptions, 'out' | 'format'> & { readonly terminal: Terminal },
): Promise<readonly string[]> => {
  const chosen = (['html', 'markdown'] as const).filter((each) => format === undefined || format === each)
  await mkdir(resolve(terminal.cwd, out), { recursive: true })
  for (const each of chosen)
    await writeFile(resolve(terminal.cwd, out, pages[each].file), pages[each].render(comparison, gates))
  return chosen.map((each) => join(out, pages[each].file))
}
