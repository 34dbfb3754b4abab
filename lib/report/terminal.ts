import Table from 'cli-table3'
import { mismatchKinds } from '../judge/verdict.ts'
import { describeExpected, describeObserved, safetyTitles, statusMarks, statusOrder } from './describe.ts'
import { findingsOf, isWaived, resultsOf, type Finding } from './findings.ts'
import { formatDuration } from './numbers.ts'
import { counted, outcomeOf } from './outcome.ts'
import type { Report } from './report.ts'
import { loadParts } from './terminal-load.ts'
import { unlocksOf } from './unlocks.ts'
import { fit, indented, type Ink, type Style } from './wrap.ts'

export type TerminalOptions = {
  /** Columns of the terminal, or 80 where there is none. */
  readonly width: number
  /** Without it, no control character is written. */
  readonly color: boolean
  /** Paths of the files that were written. */
  readonly files?: readonly string[]
}

const inks: Readonly<Record<Ink, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 }
const findingsShown = 20
const unlocksShown = 6
const widest = 120
const narrowest = 60

/** Renders the summary that a command ends with: at most `width` columns, one screen for a clean run. */
export const renderTerminal = (report: Report, options: TerminalOptions): string => {
  const style = terminalStyle(options)
  const parts = [
    verdictPart(report, style),
    ...(report.conformance === undefined ? [] : [countsPart(report, style)]),
    findingsPart(findingsOf(report), style),
    unlocksPart(report, style),
    ...(report.load === undefined ? [] : loadParts(report.load, outcomeOf(report).exit.reasons, style)),
    filesPart(options.files ?? [], style),
  ]
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`
}

/** How a terminal of these options is written to. */
export const terminalStyle = (options: TerminalOptions): Style => {
  const width = Math.max(narrowest, Math.min(options.width, widest))
  const paint: Style['paint'] = (ink, text) => (options.color ? `\u001b[${inks[ink]}m${text}\u001b[0m` : text)
  return { width, paint, table: (head, rows) => drawTable(head, rows, { width, paint }) }
}

const tones = {
  good: { glyph: '✓', ink: 'green' },
  bad: { glyph: '✕', ink: 'red' },
  unsure: { glyph: '?', ink: 'yellow' },
} as const

const verdictPart = (report: Report, { width, paint }: Style): readonly string[] => {
  const outcome = outcomeOf(report)
  const tone = tones[outcome.tone]
  const judged =
    report.conformance === undefined && outcome.planned === 0
      ? ''
      : `Judged ${outcome.judged} of ${counted(outcome.planned, 'case')}. `
  const took = formatDuration(Date.parse(report.finished) - Date.parse(report.started))
  const grounds = outcome.grounds.length === 0 ? [] : [`${outcome.grounds.join(', ')}.`]
  return [
    paint(
      'dim',
      fit(`gateproof ${report.tool.version} · ${report.target.name} · ${report.target.url}`, width),
    ),
    '',
    paint(tone.ink, paint('bold', `${tone.glyph} ${outcome.headline}`)),
    ...[
      ...grounds,
      `${judged}Took ${took}. Exit ${outcome.exit.code}: ${outcome.exit.meaning}.`,
      ...outcome.exit.reasons.map((reason) => `· ${reason}`),
    ].flatMap((line) => indented(line, 2, width)),
  ]
}

const countsPart = (report: Report, { width }: Style): readonly string[] => {
  const summary = report.conformance?.summary
  if (summary === undefined) return []
  const counts = statusOrder.flatMap((status) => {
    const count = summary[status === 'not-applicable' ? 'notApplicable' : status]
    return count === 0 ? [] : [`${count} ${statusMarks[status].word}`]
  })
  const waived = summary.waived === 0 ? [] : [`${summary.waived} waived`]
  return indented([...counts, ...waived].join(' · '), 2, width)
}

const findingsPart = (findings: readonly Finding[], style: Style): readonly string[] => {
  if (findings.length === 0) return []
  const shown = findings.slice(0, findingsShown).flatMap((finding) => findingLines(finding, style))
  const rest = findings.length - findingsShown
  return [
    style.paint('bold', 'Findings'),
    ...shown,
    ...(rest > 0 ? [`  … and ${counted(rest, 'finding')} more, in the report.`] : []),
  ]
}

const findingLines = ({ result, status, safety, mismatches }: Finding, style: Style): readonly string[] => {
  const { glyph, word } = statusMarks[status]
  const kinds = mismatches.map((each) => mismatchKinds[each.kind].title).join('; ')
  const ink = status === 'fail' ? 'red' : 'yellow'
  const head = `${result.case}  ${safetyTitles[safety].toLowerCase()}, ${result.severity}`
  return [
    `  ${style.paint(ink, `${glyph} ${word}`)}  ${style.paint('bold', fit(head, style.width - 10))}`,
    ...indented(`${result.title}. ${kinds}.`, 10, style.width),
    ...indented(`expected ${describeExpected(result.expected)}`, 10, style.width),
    ...indented(`came ${describeObserved(result.observed)}`, 10, style.width),
  ]
}

const unlocksPart = (report: Report, style: Style): readonly string[] => {
  const waived = resultsOf(report).filter(isWaived)
  const unlocks = unlocksOf(report)
  if (unlocks.length === 0 && waived.length === 0) return []
  const lines = unlocks.slice(0, unlocksShown).map(({ status, cause, advice, cases }) => {
    const what = status === 'inconclusive' ? cause : `missing ${cause}`
    return `${counted(cases.length, 'case')}: ${advice === '' ? what : `${what} – ${advice}`}`
  })
  const rest = unlocks.length - unlocksShown
  const last = [
    ...(rest > 0 ? [`… and ${counted(rest, 'more cause')}`] : []),
    ...(waived.length > 0 ? [`waived: ${waived.map((each) => each.case).join(', ')}`] : []),
  ]
  return [
    style.paint('bold', unlocks.length === 0 ? 'Waived' : 'What would unlock the rest'),
    ...[...lines, ...last].flatMap((line) => indented(line, 2, style.width)),
  ]
}

const filesPart = (files: readonly string[], { paint }: Style): readonly string[] =>
  files.length === 0 ? [] : [paint('bold', 'Written'), ...files.map((file) => `  ${fit(file, 4096)}`)]

const bare = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: ' ',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
} as const

const drawTable = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { width, paint }: Omit<Style, 'table'>,
): readonly string[] => {
  const others = head
    .slice(1)
    .map((_, at) => Math.max(...[head, ...rows].map((row) => (row[at + 1] ?? '').length)) + 2)
    .reduce((sum, columns) => sum + columns, 0)
  const first = Math.max(8, width - others - 6)
  const drawn = new Table({
    chars: bare,
    style: { head: [], border: [], compact: true },
    head: head.map((cell) => paint('dim', cell)),
    colAligns: head.map((_, at) => (at === 0 ? 'left' : 'right')),
  })
  drawn.push(...rows.map(([name = '', ...cells]) => [fit(name, first), ...cells]))
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
}
