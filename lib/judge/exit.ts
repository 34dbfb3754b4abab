import type { FailOn } from '../config/config.ts'
import type { Mismatch } from './verdict.ts'

/** What a run came to, in the few facts that decide its exit code. */
export type RunFacts = {
  readonly interrupted: boolean
  /** The mismatches of each `fail` and `warn` that no waiver covers. */
  readonly findings: readonly { readonly status: 'fail' | 'warn'; readonly mismatches: readonly Mismatch[] }[]
  readonly misjudgedUnderLoad: number
  readonly thresholdsCrossed: number
  /** Why the run could not tell: unreachable, a control refused, stale waivers… Empty where it could. */
  readonly doubts: readonly string[]
}

/** The exit code; the first that holds (0, 1, 2 or 130: the others never get as far as a run). */
export const exitCode = (facts: RunFacts, failOn: FailOn): 0 | 1 | 2 | 130 => {
  if (facts.interrupted) return 130
  const counted = facts.findings.some(({ status, mismatches }) => {
    if (status === 'warn') return failOn === 'should'
    return failOn !== 'safety' || mismatches.some(({ safety }) => safety !== 'protocol')
  })
  if (counted || facts.misjudgedUnderLoad > 0 || facts.thresholdsCrossed > 0) return 1
  return facts.doubts.length > 0 ? 2 : 0
}
