import { findingsOf, isWaived, resultsOf } from './findings.ts'
import type { Report, Result } from './report.ts'

/** A report's verdict at a glance: what every renderer says first. */
export type Outcome = {
  readonly tone: 'good' | 'bad' | 'unsure'
  readonly headline: string
  /** What the headline rests on, in half a dozen words each. */
  readonly grounds: readonly string[]
  readonly exit: { readonly code: number; readonly meaning: string; readonly reasons: readonly string[] }
  readonly judged: number
  readonly planned: number
}

const exitMeanings: Readonly<Record<number, string>> = {
  0: 'conformant, thresholds held',
  1: 'the gateway falls short',
  2: 'could not tell',
  64: 'bad usage or configuration',
  70: 'a bug of gateproof',
  130: 'interrupted: this report is partial',
}

/** How many requests under load were judged otherwise than they had to be. */
export const misjudgedOf = (report: Report): { readonly accepts: number; readonly refusals: number } => {
  const classes = report.load?.phases.flatMap((phase) => phase.classes) ?? []
  return {
    accepts: classes.reduce((sum, each) => sum + each.falseAccepts, 0),
    refusals: classes.reduce((sum, each) => sum + each.falseRefusals, 0),
  }
}

/** `1 case`, `2 cases`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`

/** Reads the verdict off a report. Where it names no exit code, the default gate (`--fail-on must`) decides. */
export const outcomeOf = (report: Report): Outcome => {
  const code = report.exit?.code ?? defaultExit(report)
  const results = resultsOf(report)
  const judged = results.filter(isJudged).length
  return {
    tone: code === 0 ? 'good' : code === 1 ? 'bad' : 'unsure',
    headline: headlineOf(code, report),
    grounds: groundsOf(report),
    exit: { code, meaning: exitMeanings[code] ?? 'unknown', reasons: report.exit?.reasons ?? [] },
    judged,
    planned: results.length,
  }
}

const isJudged = (result: { readonly verdict: { readonly status: string } }): boolean =>
  result.verdict.status !== 'inconclusive' && result.verdict.status !== 'not-applicable'

const defaultExit = (report: Report): number => {
  const results = resultsOf(report)
  const { accepts, refusals } = misjudgedOf(report)
  const failed = results.some((result) => result.verdict.status === 'fail' && !isWaived(result))
  // As `conclude` has it: what was not measured soundly is not crossed.
  const crossed =
    report.load?.valid === true && report.load.thresholds.some(({ ok, value }) => !ok && value !== null)
  const unmeasured = report.load?.thresholds.some(({ value }) => value === null) === true
  if (!report.complete) return 130
  if (failed || crossed || accepts + refusals > 0) return 1
  const nothing = report.conformance !== undefined && !results.some(isJudged)
  const doubtful = results.some((result) => result.verdict.status === 'inconclusive')
  return nothing || doubtful || report.load?.valid === false || unmeasured ? 2 : 0
}

const headlineOf = (code: number, report: Report): string => {
  if (!report.complete) return 'Interrupted: a partial report'
  if (code === 0) return report.conformance === undefined ? 'The gateway held under load' : 'Conformant'
  if (code === 1)
    return report.conformance === undefined ? 'The gateway fell short under load' : 'Not conformant'
  return 'Could not tell'
}

const groundsOf = (report: Report): readonly string[] => {
  const findings = findingsOf(report)
  const fails = (safety: string) =>
    findings.filter((finding) => finding.status === 'fail' && finding.safety === safety).length
  const { accepts, refusals } = misjudgedOf(report)
  const crossed = report.load?.thresholds.filter((threshold) => !threshold.ok).length ?? 0
  const warns = findings.filter((finding) => finding.status === 'warn').length
  return [
    ...clause(fails('fails-open'), 'case fails open', 'cases fail open'),
    ...clause(fails('fails-closed'), 'case fails closed', 'cases fail closed'),
    ...clause(fails('protocol'), 'case breaks the protocol', 'cases break the protocol'),
    ...clause(warns, 'warning'),
    ...clause(accepts, 'bad request let in under load', 'bad requests let in under load'),
    ...clause(refusals, 'good request refused under load', 'good requests refused under load'),
    ...clause(crossed, 'threshold not met', 'thresholds not met'),
    ...(report.load?.valid === false ? ['the load measurement is not valid'] : []),
    ...clause(
      resultsOf(report).filter(isRefusedOtherwise).length,
      'case not refused by the token check, as it seems, but by a router, a firewall or a login page',
      'cases not refused by the token check, as it seems, but by a router, a firewall or a login page',
    ),
  ]
}

/** In whole or in part: a firewall, a login page, or the server itself before it looked at the token. */
const isRefusedOtherwise = ({ verdict, variants }: Result): boolean =>
  [verdict, ...(variants ?? []).map((one) => one.verdict)].some(({ notes }) =>
    notes.includes('refused-otherwise'),
  )

const clause = (count: number, one: string, many = `${one}s`): readonly string[] =>
  count === 0 ? [] : [counted(count, one, many)]
