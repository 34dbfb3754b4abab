import type { Status } from '../../judge/verdict.ts'
import { safetyTitles, statusMarks } from '../describe.ts'
import { findingsOf, isWaived } from '../findings.ts'
import { outcomeOf } from '../outcome.ts'
import type { Report, Result } from '../report.ts'

/** What a cell of the matrix shows; `absent` where a report does not hold the case. */
export type CellStatus = Status | 'waived' | 'absent'

export const cellStatus = (result: Result | undefined): CellStatus => {
  if (result === undefined) return 'absent'
  return isWaived(result) ? 'waived' : result.verdict.status
}

/** Sign and word, so that no cell rests on its colour. */
export const cellMark = (status: CellStatus): { readonly glyph: string; readonly word: string } => {
  if (status === 'waived') return { glyph: '∼', word: 'waived' }
  return status === 'absent' ? { glyph: '·', word: 'not run' } : statusMarks[status]
}

/** What a cell says in text: the verdict, how far it endangers, and the status that came. */
export const cellText = (result: Result | undefined): string => {
  const status = cellStatus(result)
  const { glyph, word } = cellMark(status)
  const dangers = result === undefined ? [] : dangersOf(result)
  const came = result?.observed === undefined ? [] : [cameShortly(result)]
  return [`${glyph} ${word}`, ...dangers, ...came].join(', ')
}

/** `fails open` and the like, for what fails or warns. */
export const dangersOf = ({ verdict }: Result): readonly string[] =>
  verdict.status === 'fail' || verdict.status === 'warn'
    ? [...new Set(verdict.mismatches.map(({ safety }) => safetyTitles[safety].toLowerCase()))]
    : []

/** The status that came, without what the gateway wrote. */
export const cameShortly = ({ observed }: Result): string => {
  if (observed === undefined) return 'nothing sent'
  return observed.status === null ? 'no answer' : String(observed.status)
}

/** One report in a line of figures. */
export type Glance = {
  readonly verdict: string
  readonly judged: string
  readonly failsOpen: number
  readonly failsClosed: number
  readonly protocol: number
  readonly warns: number
}

const verdictWords: Readonly<Record<number, string>> = {
  0: 'conformant',
  1: 'not conformant',
  2: 'could not tell',
  130: 'interrupted',
}

export const glanceOf = (report: Report): Glance => {
  const findings = findingsOf(report)
  const { exit, judged, planned } = outcomeOf(report)
  const failing = (safety: string): number =>
    findings.filter((each) => each.status === 'fail' && each.safety === safety).length
  return {
    verdict: verdictWords[exit.code] ?? 'could not tell',
    judged: report.conformance === undefined ? 'load alone' : `${judged} of ${planned}`,
    failsOpen: failing('fails-open'),
    failsClosed: failing('fails-closed'),
    protocol: failing('protocol'),
    warns: findings.filter(({ status }) => status === 'warn').length,
  }
}

/** The columns of the figures. */
export const glanceHeads = ['report', 'verdict', 'judged', 'open', 'closed', 'protocol', 'warns'] as const

/** The figures as texts, in the order of {@link glanceHeads} after the first. */
export const glanceCells = (report: Report): readonly string[] => {
  const { verdict, judged, failsOpen, failsClosed, protocol, warns } = glanceOf(report)
  return [verdict, judged, ...[failsOpen, failsClosed, protocol, warns].map(String)]
}
