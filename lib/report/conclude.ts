import type { FailOn } from '../config/config.ts'
import { exitCode } from '../judge/exit.ts'
import type { Load, Result } from './report.ts'

/** What a command's exit code depends on. */
export type Ending = {
  readonly results: readonly Result[]
  readonly load?: Load
  readonly interrupted: boolean
  /** Why the run could not tell, as far as it knows by itself. */
  readonly doubts: readonly string[]
  readonly gate: {
    readonly failOn: FailOn
    readonly maxInconclusive: number
    readonly require: readonly string[]
  }
}

/** The exit code, and in sentences why it is not 0. */
export const conclude = ({
  results,
  load,
  interrupted,
  doubts,
  gate,
}: Ending): { code: 0 | 1 | 2 | 130; reasons: readonly string[] } => {
  const findings = results.flatMap(({ verdict, waived }) =>
    waived === undefined && (verdict.status === 'fail' || verdict.status === 'warn')
      ? [{ status: verdict.status, mismatches: verdict.mismatches }]
      : [],
  )
  const misjudged = (load?.phases ?? [])
    .flatMap(({ classes }) => classes)
    .reduce((sum, each) => sum + each.misjudged, 0)
  // What was not measured soundly neither holds nor is crossed.
  const crossed = load?.valid === true ? load.thresholds.filter(({ ok, value }) => !ok && value !== null) : []
  // What follows from a greater trouble need not be told beside it.
  const gateTrouble = doubts.length > 0 || interrupted ? [] : gateDoubts(results, gate)
  const unsure = [...doubts, ...gateTrouble, ...loadDoubts(load)]
  const code = exitCode(
    {
      interrupted,
      findings,
      misjudgedUnderLoad: misjudged,
      thresholdsCrossed: crossed.length,
      doubts: unsure,
    },
    gate.failOn,
  )
  return { code, reasons: code === 0 ? [] : [...(interrupted ? ['interrupted'] : []), ...unsure] }
}

const gateDoubts = (
  results: readonly Result[],
  { maxInconclusive, require }: Ending['gate'],
): readonly string[] => {
  if (results.length === 0) return []
  const inconclusive = results.filter(({ verdict }) => verdict.status === 'inconclusive').length
  const judged = results.filter(({ topic, verdict }) => topic !== 'controls' && isVerdict(verdict))
  const unjudged = require.filter((name) => !hasVerdict(results, name))
  return [
    ...(inconclusive > maxInconclusive
      ? [
          `${inconclusive} ${inconclusive === 1 ? 'case is' : 'cases are'} inconclusive, more than cases.maxInconclusive (${maxInconclusive})`,
        ]
      : []),
    ...unjudged.map((name) => `cases.require names ${name}, and it came to no verdict`),
    ...(judged.length === 0 ? ['nothing was judged beyond the controls'] : []),
  ]
}

/** A topic has its verdict where one of its cases has; a case or variant where it has one itself. */
const hasVerdict = (results: readonly Result[], name: string): boolean =>
  results.some(
    ({ case: id, topic, requirement, verdict, variants }) =>
      ([id, topic, requirement].includes(name) && isVerdict(verdict)) ||
      variants?.some((variant) => `${id}/${variant.name}` === name && isVerdict(variant.verdict)) === true,
  )

const isVerdict = ({ status }: Result['verdict']): boolean =>
  status !== 'inconclusive' && status !== 'not-applicable'

const loadDoubts = (load: Load | undefined): readonly string[] => {
  if (load === undefined) return []
  const empty = load.thresholds
    .filter(({ value }) => value === null)
    .map(({ expression }) => `no sample for ${expression}`)
  return [...(load.valid ? [] : load.invalid), ...empty]
}
