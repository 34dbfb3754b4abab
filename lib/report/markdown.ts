import { mismatchKinds } from '../judge/verdict.ts'
import { describeExpected, describeObserved, safetyTitles, statusOrder } from './describe.ts'
import { codeMarkdown, escapeMarkdown } from './escape.ts'
import { findingsOf, isWaived, resultsOf, type Finding } from './findings.ts'
import { formatMicros, formatMs, formatRate } from './numbers.ts'
import { counted, outcomeOf } from './outcome.ts'
import { proseParts } from './prose.ts'
import type { Load, Report, Result } from './report.ts'
import { unlocksOf } from './unlocks.ts'

/** So many findings are listed: services cut a comment that is too long, and not always at a row's end. */
const findingsShown = 25
const unlocksShown = 8
const longest = 160

/** Renders the summary for a pull request, in GitHub-flavoured Markdown; a stranger's text can't act in it. */
export const renderMarkdown = (report: Report): string =>
  [
    verdictPart(report),
    ...(report.conformance === undefined ? [] : [countsPart(report)]),
    ...findingsPart(findingsOf(report)),
    ...waivedPart(resultsOf(report).filter(isWaived)),
    ...unlocksPart(report),
    ...(report.load === undefined ? [] : [loadPart(report.load)]),
    footer(report),
  ].join('\n\n') + '\n'

const signs = { good: '✅', bad: '❌', unsure: '❔' } as const

const verdictPart = (report: Report): string => {
  const outcome = outcomeOf(report)
  const grounds = outcome.grounds.length === 0 ? '' : `: ${outcome.grounds.join(', ')}`
  const judged =
    report.conformance === undefined
      ? ''
      : ` Judged ${outcome.judged} of ${counted(outcome.planned, 'case')}.`
  return [
    `## ${signs[outcome.tone]} gateproof: ${outcome.headline.toLowerCase()}`,
    '',
    `${codeMarkdown(cut(report.target.name))} at ${codeMarkdown(cut(report.target.url))}${grounds}.${judged} ` +
      `Exit ${outcome.exit.code}: ${outcome.exit.meaning}.`,
    ...outcome.exit.reasons.map((reason) => `\n- ${escapeMarkdown(cut(reason))}`),
  ].join('\n')
}

const countsPart = (report: Report): string => {
  const summary = report.conformance?.summary
  const values = statusOrder.map((status) =>
    summary === undefined ? 0 : summary[status === 'not-applicable' ? 'notApplicable' : status],
  )
  return table(
    [...statusOrder.map((status) => status.replace('-', ' ')), 'waived'],
    [[...values, summary?.waived ?? 0].map(String)],
    'right',
  )
}

const findingsPart = (findings: readonly Finding[]): readonly string[] => {
  if (findings.length === 0) return []
  const rows = findings
    .slice(0, findingsShown)
    .map(({ result, status, safety, mismatches }) => [
      `**${status}** · ${safetyTitles[safety].toLowerCase()}`,
      `${codeMarkdown(result.case)} ${escapeMarkdown(cut(result.title))}`,
      mismatches.map((each) => mismatchKinds[each.kind].title).join('; '),
      escapeMarkdown(describeExpected(result.expected)),
      codeMarkdown(cut(describeObserved(result.observed))),
      escapeMarkdown(`${result.spec.document} §${result.spec.section}`),
    ])
  const rest = findings.length - rows.length
  return [
    '### Findings',
    table(['', 'case', 'what is wrong', 'expected', 'came', 'standard'], rows) +
      (rest === 0 ? '' : `\n\n… and ${counted(rest, 'finding')} more, in the report.`),
  ]
}

const waivedPart = (waived: readonly Result[]): readonly string[] =>
  waived.length === 0
    ? []
    : [
        '### Waived',
        waived
          .map((result) => {
            const reasons = (result.waived ?? []).map(
              ({ reason, until }) => `${reason}${until === undefined ? '' : ` (until ${until})`}`,
            )
            return `- ${codeMarkdown(result.case)}: ${escapeMarkdown(cut(reasons.join('; ')))}`
          })
          .join('\n'),
      ]

const unlocksPart = (report: Report): readonly string[] => {
  const unlocks = unlocksOf(report)
  if (unlocks.length === 0) return []
  const lines = unlocks.slice(0, unlocksShown).map(({ status, cause, advice, cases }) => {
    const what = status === 'inconclusive' ? cause : `missing ${cause}`
    return `- ${counted(cases.length, 'case')}: ${proseMarkdown(advice === '' ? what : `${what} – ${advice}`)}`
  })
  const rest = unlocks.length - lines.length
  return [
    '### Not judged',
    [...lines, ...(rest === 0 ? [] : [`- … and ${counted(rest, 'more cause')}`])].join('\n'),
  ]
}

const proseMarkdown = (sentence: string): string =>
  proseParts(cut(sentence))
    .map(({ kind, text }) => (kind === 'code' ? codeMarkdown(text) : escapeMarkdown(text)))
    .join('')

const loadPart = (load: Load): string => {
  const rows = load.phases.flatMap((phase) =>
    phase.classes.map((each) => [
      escapeMarkdown(phase.name),
      codeMarkdown(each.case),
      each.requests.toLocaleString('en-US'),
      formatMs(each.latencyMs.p50),
      formatMs(each.latencyMs.p99),
      each.misjudged === 0 ? '0' : `**${each.misjudged}**`,
    ]),
  )
  const rates = load.phases.map(
    (phase) => `${escapeMarkdown(phase.name)}: ${formatRate(phase.perSecond)} (${phase.model} model)`,
  )
  const thresholds = load.thresholds.map(
    ({ expression, value, ok }) =>
      `- ${ok ? '✅' : '❌'} ${codeMarkdown(expression)}: ${value ?? 'no sample'}`,
  )
  const invalid = load.valid ? [] : [`**Not valid:** ${load.invalid.map(escapeMarkdown).join('; ')}.`]
  return [
    '### Load',
    [...rates].join(' · '),
    ...invalid,
    table(['phase', 'class', 'requests', 'p50', 'p99', 'misjudged'], rows),
    ...(load.ceiling === undefined ? [] : [ceilingSentence(load.ceiling)]),
    ...(load.validation === undefined ? [] : [validationTable(load.validation)]),
    ...(thresholds.length === 0 ? [] : [thresholds.join('\n')]),
  ].join('\n\n')
}

const ceilingSentence = ({ highest }: NonNullable<Load['ceiling']>): string =>
  highest === null
    ? 'The thresholds held at no rate that was tried.'
    : `The thresholds held up to **${formatRate(highest)}**.`

const validationTable = ({ valid, differences }: NonNullable<Load['validation']>): string =>
  valid
    ? table(
        ['what costs more', 'difference', '95 % interval'],
        differences.map(({ name, median, low, high, significant }) => [
          escapeMarkdown(name),
          `${formatMicros(median, 'signed')}${significant ? '' : ' (noise)'}`,
          `${formatMicros(low, 'signed')} … ${formatMicros(high, 'signed')}`,
        ]),
      )
    : 'What validation costs was not measured validly.'

const footer = (report: Report): string =>
  `<sub>gateproof ${escapeMarkdown(report.tool.version)} · ${report.started} · all evidence is in report.html and report.json</sub>`

const cut = (text: string): string => {
  const characters = Array.from(text)
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`
}

const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: 'left' | 'right' = 'left',
): string =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => (align === 'left' ? ' --- ' : ' ---: ')).join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')
