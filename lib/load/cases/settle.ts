import type { FeatureInfo } from '../../config/suite.ts'
import { worst, verdictOf } from '../../judge/worst.ts'
import type { Verdict } from '../../judge/verdict.ts'
import type { PlannedCase } from '../../plan/plan.ts'
import { withEvidence } from '../evidence.ts'
import { summarizeLoad, type PhaseSummary } from '../summary.ts'
import type { Fired, Unjudged } from './bench.ts'
import type { Found } from './found.ts'

/** A load case with its verdict, and what was fired for it. */
export type LoadCaseOutcome = {
  readonly planned: PlannedCase
  readonly verdict: Verdict
  readonly measured: Found['measured']
  readonly phases: readonly PhaseSummary[]
}

type Info = Readonly<Record<string, FeatureInfo>>

/** The verdict that findings come to. */
export const judgedOutcome = (
  planned: PlannedCase,
  { mismatches, notes, measured }: Found,
  fired: readonly Fired[],
): LoadCaseOutcome => ({
  planned,
  verdict: verdictOf(mismatches, notes, planned.case.expect === 'observe'),
  measured,
  phases: fired.map(summarize),
})

/** A case that came to no verdict. */
export const unjudgedOutcome = (
  planned: PlannedCase,
  why: Unjudged['why'],
  info: Info,
  fired: readonly Fired[] = [],
): LoadCaseOutcome => ({
  planned,
  verdict:
    'missing' in why
      ? notApplicable(why.missing, info)
      : { status: 'inconclusive', reason: why.reason, notes: [] },
  measured: {},
  phases: fired.map(summarize),
})

/** A case that this target, or what the user gave, has not all for; undefined where it has. */
export const inapplicable = (planned: PlannedCase, info: Info): LoadCaseOutcome | undefined =>
  planned.variants.some(({ missing }) => missing.length === 0)
    ? undefined
    : {
        planned,
        verdict: worst(planned.variants.map(({ missing }) => notApplicable(missing, info))),
        measured: {},
        phases: [],
      }

const notApplicable = (missing: readonly string[], info: Info): Verdict => ({
  status: 'not-applicable',
  missing,
  unlock: missing.map((name) => info[name]?.unlock ?? `declare \`${name}\``).join('; '),
  notes: [],
})

/** The doubts of a phase are for the checks to have: what is only counted may be counted by a generator that is late. */
const summarize = ({ result, classes }: Fired): PhaseSummary => {
  const summary = withEvidence(summarizeLoad({ phases: [result] }, [], { loopDelayP99Ms: Infinity }), classes)
  const [phase] = summary.phases
  if (phase === undefined) throw new Error('a phase has no summary')
  return phase
}
