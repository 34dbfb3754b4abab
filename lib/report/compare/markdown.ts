import { codeMarkdown, escapeMarkdown } from '../escape.ts'
import { groupBy } from '../group.ts'
import { counted } from '../outcome.ts'
import { topicTitles } from '../topics.ts'
import type { Gate } from './baseline.ts'
import { cellText, glanceCells, glanceHeads } from './cell.ts'
import { byKind, changeMarks } from './change.ts'
import type { Comparison, Contestant, Row } from './comparison.ts'
import { whyNot } from './conformance-changes.ts'
import { agreementOf } from './difference.ts'
import { loadTables } from './load-table.ts'

const longest = 160

/** Renders a comparison in GitHub-flavoured Markdown; a stranger’s text can't act in it. */
export const renderComparisonMarkdown = (comparison: Comparison, gates: readonly Gate[]): string => {
  const { contestants, rows } = comparison
  const of = (agreement: string): readonly Row[] => rows.filter((row) => agreementOf(row) === agreement)
  return (
    [
      `## ${counted(contestants.length, 'report')} compared`,
      ...gates.flatMap(gatePart),
      table(
        glanceHeads,
        contestants.map(({ name, report }) => [text(name), ...glanceCells(report).map(text)]),
      ),
      ...matrixPart('Differences', of('differs'), contestants),
      ...matrixPart('Judged by some alone', of('partly'), contestants),
      ...gapsPart(comparison),
      ...loadPart(contestants),
      ...matrixPart('The same everywhere', of('alike'), contestants),
      ...lonelyPart(comparison),
    ].join('\n\n') + '\n'
  )
}

const signs = { 0: '✅', 1: '❌', 2: '❔' } as const
const meanings = {
  0: 'no worse than the baseline',
  1: 'worse than the baseline',
  2: 'could not tell',
} as const

const gatePart = ({ name, code, changes }: Gate): readonly string[] => [
  `### ${signs[code]} ${text(name)}: ${meanings[code]}`,
  ...(changes.length === 0
    ? []
    : [
        table(
          ['', 'what', 'before and now'],
          changes
            .toSorted(byKind)
            .map(({ kind, what, detail }) => [changeMarks[kind].word, codeText(what), text(detail)]),
        ),
      ]),
  `Exit ${code}.`,
]

const matrixPart = (
  title: string,
  rows: readonly Row[],
  contestants: readonly Contestant[],
): readonly string[] =>
  rows.length === 0
    ? []
    : [
        `### ${title} (${rows.length})`,
        ...[...groupBy(rows, ({ model }) => model.topic)].flatMap(([topic, members]) => [
          `#### ${topicTitles[topic]}`,
          table(
            ['case', ...contestants.map(({ name }) => text(name))],
            members.map(({ model, cells }) => [
              `${codeMarkdown(model.case)} ${text(model.title)}`,
              ...cells.map((cell) => text(cellText(cell))),
            ]),
          ),
        ]),
      ]

const gapsPart = ({ gaps }: Comparison): readonly string[] =>
  gaps.length === 0
    ? []
    : [
        `### Judged before, and not now (${gaps.length})`,
        table(
          ['case', 'before', 'now', 'why not'],
          gaps.map(({ result, before, now, verdict }) => [
            codeMarkdown(result.case),
            `${text(before)}: ${result.verdict.status}`,
            text(now),
            text(whyNot(verdict)),
          ]),
        ),
      ]

const loadPart = (contestants: readonly Contestant[]): readonly string[] => {
  const tables = loadTables(contestants)
  return tables.length === 0
    ? []
    : [
        '### Under load',
        ...tables.flatMap(({ title, note, heads, rows }) => [
          `#### ${text(title)}`,
          text(note),
          table(
            heads,
            rows.map((row) => row.map(text)),
          ),
        ]),
      ]
}

const lonelyPart = ({ lonely }: Comparison): readonly string[] =>
  lonely.length === 0
    ? []
    : [
        `### Not comparable (${lonely.length})`,
        table(
          ['case', 'in', 'verdict', 'why'],
          lonely.map(({ result, name, changed }) => [
            codeMarkdown(result.case),
            text(name),
            result.verdict.status,
            changed ? 'it sends or expects something else elsewhere' : 'no other report holds it',
          ]),
        ),
      ]

const text = (unsafe: string): string => escapeMarkdown(cut(unsafe))
const codeText = (unsafe: string): string => codeMarkdown(cut(unsafe))

const cut = (unsafe: string): string => {
  const characters = Array.from(unsafe)
  return characters.length <= longest ? unsafe : `${characters.slice(0, longest - 1).join('')}…`
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => ' --- ').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
