import { resolve } from 'node:path'
import type { FailOn, Format } from '../config/config.ts'
import { readNamed } from '../config/source.ts'
import { visible } from '../report/escape.ts'
import { mergeReports } from '../report/merge.ts'
import { parseReport, type Report } from '../report/report.ts'
import { renderTerminal } from '../report/terminal.ts'
import { writeReport } from '../report/write.ts'
import { UsageError, wantsColor, type Terminal } from './terminal.ts'

export type MergeOptions = {
  readonly out: string
  readonly format?: readonly Format[]
  readonly failOn: FailOn
  readonly quiet?: boolean
}

/** `gateproof merge`: the reports of all shards of a load run as the one report of the whole. */
export const merge = async (
  files: readonly string[],
  { out, format = ['json', 'html'], failOn, quiet }: MergeOptions,
  terminal: Terminal,
): Promise<number> => {
  const shards = files.map((file) => ({ file, report: readReport(file, terminal) }))
  const merged = mergeReports(shards, { failOn })
  if (merged.kind === 'refused')
    throw new UsageError(`these do not belong together:\n  ${merged.reasons.map(visible).join('\n  ')}`)
  const { report } = merged
  const written = await writeReport(report, { dir: resolve(terminal.cwd, out), formats: format })
  if (quiet !== true)
    terminal.out(
      renderTerminal(report, { width: terminal.columns, color: wantsColor(terminal), files: written }),
    )
  return report.exit?.code ?? 0
}

const readReport = (file: string, { cwd }: Terminal): Report => {
  const parsed = parseReport(readNamed(file, resolve(cwd, file)))
  if (parsed.kind === 'report') return parsed.report
  throw new UsageError(`${file} is no report of gateproof:\n  ${parsed.faults.join('\n  ')}`)
}
