import type { Waiver } from '../config/config.ts'
import type { LoadCaseRun } from '../load/cases/run.ts'
import type { LoadCaseOutcome } from '../load/cases/settle.ts'
import { byTopic } from './findings.ts'
import { emptyLoad, phasePart, validationPart } from './load-part.ts'
import { headOf } from './result-head.ts'
import type { Redact } from './redact.ts'
import type { Load, Result } from './report.ts'
import { waivedBy } from './waivers.ts'

export type LoadResultsOptions = {
  readonly waivers: readonly Waiver[]
  readonly redact: Redact
  readonly run: NonNullable<Load['run']>
  /** Why nothing could be judged, in sentences; empty where it could. */
  readonly doubts: readonly string[]
}

/** The load part of a report of load cases: their results, and the phases that they took. */
export const loadCasesPart = (
  { outcomes, validation }: LoadCaseRun,
  { waivers, redact, run, doubts }: LoadResultsOptions,
): Load => {
  const phases = outcomes.flatMap((one) => one.phases.map((phase) => phasePart(phase, redact)))
  const empty = emptyLoad({ model: 'closed', connections: 0 }, doubts)
  return {
    phases: phases.length === 0 ? empty.phases : phases,
    results: outcomes.map((one) => resultOf(one, waivers, redact)).toSorted(byTopic),
    ...(validation === undefined ? {} : { validation: validationPart(validation) }),
    run,
    thresholds: [],
    valid: doubts.length === 0,
    invalid: [...doubts],
  }
}

const resultOf = (
  { planned, verdict, measured }: LoadCaseOutcome,
  waivers: readonly Waiver[],
  redact: Redact,
): Result => {
  const { requirement, case: one } = planned
  const waived = waivedBy(one.id, requirement.topic, verdict, waivers)
  return {
    ...headOf(planned),
    verdict: 'reason' in verdict ? { ...verdict, reason: redact(verdict.reason) } : verdict,
    ...(Object.keys(measured).length === 0
      ? {}
      : { observed: { status: null, challenge: null, reachedUpstream: null, ms: null, measured } }),
    ...(waived === undefined ? {} : { waived }),
  }
}
