import { counted } from '../outcome.ts'
import { terminalStyle, type TerminalOptions } from '../terminal.ts'
import { fit, indented, type Ink, type Style } from '../wrap.ts'
import type { Gate } from './baseline.ts'
import { cellStatus, cellText, glanceCells, glanceHeads } from './cell.ts'
import { byKind, changeMarks, type Change } from './change.ts'
import type { Comparison, Row } from './comparison.ts'
import { whyNot } from './conformance-changes.ts'
import { agreementOf } from './difference.ts'
import { loadTables, type Figures } from './load-table.ts'

const differencesShown = 20
const gapsShown = 10
const changesShown = 20

/** Renders the summary of a comparison, in at most `width` columns; `gates` where there is a baseline. */
export const renderComparisonTerminal = (
  comparison: Comparison,
  gates: readonly Gate[],
  options: TerminalOptions,
): string => {
  const style = terminalStyle(options)
  const parts = [
    ...gates.map((gate) => gatePart(gate, style)),
    glancePart(comparison, style),
    countsPart(comparison, style),
    differencesPart(comparison, style),
    gapsPart(comparison, style),
    ...loadTables(comparison.contestants).map((figures) => figuresPart(figures, style)),
    (options.files ?? []).length === 0
      ? []
      : [style.paint('bold', 'Written'), ...(options.files ?? []).map((file) => `  ${fit(file, 4096)}`)],
  ]
  return `${parts
    .filter((part) => part.length > 0)
    .map((part) => part.join('\n'))
    .join('\n\n')}\n`
}

const verdicts = {
  0: { glyph: '✓', text: 'no worse than the baseline', ink: 'green' },
  1: { glyph: '✕', text: 'worse than the baseline', ink: 'red' },
  2: { glyph: '?', text: 'could not tell', ink: 'yellow' },
} as const

const changeInks: Readonly<Record<Change['kind'], Ink>> = {
  worse: 'red',
  unsure: 'yellow',
  better: 'green',
  held: 'green',
}

const gatePart = ({ name, code, changes }: Gate, { paint, width }: Style): readonly string[] => {
  const { glyph, text, ink } = verdicts[code]
  const told = changes.toSorted(byKind)
  const rest = told.length - changesShown
  return [
    paint(ink, paint('bold', fit(`${glyph} ${name}: ${text}`, width))),
    ...told.slice(0, changesShown).flatMap(({ kind, what, detail }) => {
      const mark = changeMarks[kind]
      return [
        `  ${paint(changeInks[kind], `${mark.glyph} ${mark.word}`)}  ${paint('bold', fit(what, width - 20))}`,
        ...indented(detail, 6, width),
      ]
    }),
    ...(rest > 0 ? [`  … and ${rest} more`] : []),
    ...indented(`Exit ${code}: ${text}.`, 2, width),
  ]
}

const glancePart = ({ contestants }: Comparison, style: Style): readonly string[] => {
  const figures = contestants.map(({ name, report }) => [name, ...glanceCells(report)])
  return [
    style.paint('bold', fit(`${counted(contestants.length, 'report')} compared`, style.width)),
    ...(style.width < tableFits
      ? figures.flatMap((cells) => labelled(glanceHeads, cells, style.width))
      : style.table(glanceHeads, figures)),
  ]
}

/** Columns below which the figures of a report stand in lines of their own. */
const tableFits = 80

const countsPart = ({ rows, lonely }: Comparison, { width }: Style): readonly string[] => {
  if (rows.length === 0 && lonely.length === 0) return []
  const of = (agreement: string): number => rows.filter((row) => agreementOf(row) === agreement).length
  const alone = lonely.length === 0 ? '' : `, ${lonely.length} not comparable`
  return indented(
    `${counted(rows.length, 'case')} in common: ${of('differs')} judged differently, ` +
      `${of('partly')} judged by some alone, ${of('alike')} alike${alone}.`,
    2,
    width,
  )
}

const differencesPart = (comparison: Comparison, style: Style): readonly string[] => {
  const differing = comparison.rows.filter((row) => agreementOf(row) === 'differs').toSorted(byDanger)
  if (differing.length === 0) return []
  const rest = differing.length - differencesShown
  return [
    style.paint('bold', 'Differences'),
    ...differing.slice(0, differencesShown).flatMap((row) => differenceLines(row, comparison, style)),
    ...(rest > 0 ? [`  … and ${counted(rest, 'more case')}; --format html or markdown shows all.`] : []),
  ]
}

/** Where only some can be shown, those that somebody fails come first. */
const byDanger = (one: Row, other: Row): number => dangerOf(other) - dangerOf(one)

const dangerOf = ({ cells }: Row): number =>
  Math.max(...cells.map((cell) => ['warn', 'fail'].indexOf(cellStatus(cell)) + 1))

/** Reports that say the same share a line. */
const differenceLines = ({ model, cells }: Row, comparison: Comparison, style: Style): readonly string[] => {
  const groups = new Map<string, string[]>()
  for (const [column, { name }] of comparison.contestants.entries()) {
    const text = cellText(cells[column])
    groups.set(text, [...(groups.get(text) ?? []), name])
  }
  return [
    `  ${style.paint('bold', fit(model.case, style.width - 2))}`,
    ...indented(model.title, 6, style.width),
    ...[...groups].flatMap(([text, names]) => indented(`${text}: ${names.join(', ')}`, 6, style.width)),
  ]
}

const gapsPart = ({ gaps }: Comparison, { paint, width }: Style): readonly string[] => {
  if (gaps.length === 0) return []
  const rest = gaps.length - gapsShown
  return [
    paint('bold', 'Judged before, and not now'),
    ...gaps
      .slice(0, gapsShown)
      .flatMap(({ result, before, now, verdict }) =>
        indented(
          `${result.case}: ${result.verdict.status} in ${before}; in ${now}: ${whyNot(verdict)}`,
          2,
          width,
        ),
      ),
    ...(rest > 0 ? [`  … and ${counted(rest, 'more case')}`] : []),
  ]
}

const figuresPart = ({ title, note, heads, rows }: Figures, { paint, width }: Style): readonly string[] => [
  paint('bold', fit(title, width)),
  ...indented(note, 2, width),
  ...rows.flatMap((row) => labelled(heads, row, width)),
]

/** A row as a line of its own, each figure after the head of its column. */
const labelled = (
  heads: readonly string[],
  [name = '', ...figures]: readonly string[],
  width: number,
): readonly string[] => [
  ...indented(name, 2, width),
  ...indented(figures.map((figure, at) => `${heads[at + 1] ?? ''} ${figure}`).join(' · '), 6, width),
]
