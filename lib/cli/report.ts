import { resolve } from 'node:path'
import type { Format } from '../config/config.ts'
import { readNamed } from '../config/source.ts'
import { parseReport } from '../report/report.ts'
import { renderTerminal } from '../report/terminal.ts'
import { renderers } from '../report/write.ts'
import { UsageError, wantsColor, type Terminal } from './terminal.ts'

/** `gateproof report`: renders a report file in another format on stdout. */
export const report = (
  file: string,
  { format }: { readonly format: Format | 'terminal' },
  terminal: Terminal,
): number => {
  const parsed = parseReport(readNamed(file, resolve(terminal.cwd, file)))
  if (parsed.kind === 'faulty')
    throw new UsageError(`${file} is no report of gateproof:\n  ${parsed.faults.join('\n  ')}`)
  terminal.out(
    format === 'terminal'
      ? renderTerminal(parsed.report, { width: terminal.columns, color: wantsColor(terminal) })
      : renderers[format].render(parsed.report),
  )
  return 0
}
