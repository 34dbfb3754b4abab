import { severities, topics } from '../config/suite.ts'
import type { Mismatch, Safety } from '../judge/verdict.ts'
import type { Report, Result } from './report.ts'

/** A result that fails or warns and that no waiver covers. */
export type Finding = {
  readonly result: Result
  readonly status: 'fail' | 'warn'
  /** The worst of the mismatches. */
  readonly safety: Safety
  /** Never empty, the worst first. */
  readonly mismatches: readonly Mismatch[]
}

const safeties = ['fails-open', 'fails-closed', 'protocol'] as const satisfies readonly Safety[]

const mismatchesOf = (result: Result): readonly Mismatch[] => {
  const { verdict } = result
  return verdict.status === 'fail' || verdict.status === 'warn'
    ? verdict.mismatches.toSorted((a, b) => safeties.indexOf(a.safety) - safeties.indexOf(b.safety))
    : []
}

/** Whether every mismatch of a failing or warning result is waived: a waiver must not hide what comes later. */
export const isWaived = (result: Result): boolean => {
  const kinds = new Set<string>(result.waived?.map((waiver) => waiver.kind))
  const mismatches = mismatchesOf(result)
  return mismatches.length > 0 && mismatches.every((mismatch) => kinds.has(mismatch.kind))
}

/** Sorts results by topic, in the order of the suites, then by id. */
export const byTopic = (a: Result, b: Result): number =>
  topics.indexOf(a.topic) - topics.indexOf(b.topic) || compareText(a.case, b.case)

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** All results, of the conformance run and of the load cases. */
export const resultsOf = (report: Report): readonly Result[] =>
  [...(report.conformance?.results ?? []), ...(report.load?.results ?? [])].toSorted(byTopic)

const rank = (finding: Finding): number =>
  (finding.status === 'fail' ? 0 : 1000) +
  safeties.indexOf(finding.safety) * 100 +
  severities.indexOf(finding.result.severity)

/** What is wrong with the gateway, the most dangerous first: fails before warns, fails-open before all. */
export const findingsOf = (report: Report): readonly Finding[] =>
  resultsOf(report)
    .flatMap((result) => findingOf(result))
    .toSorted((a, b) => rank(a) - rank(b))

const findingOf = (result: Result): readonly Finding[] => {
  const mismatches = mismatchesOf(result)
  const { status } = result.verdict
  const [worst] = mismatches
  if (worst === undefined || (status !== 'fail' && status !== 'warn') || isWaived(result)) return []
  return [{ result, status, safety: worst.safety, mismatches }]
}
