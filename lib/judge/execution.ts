import { mismatch } from './protocol.ts'
import type { Verdict } from './verdict.ts'
import { verdictOf } from './worst.ts'

/** The verdict where a sleep in the request was slept: a finding, whatever became of the request itself. */
export const withExecution = (verdict: Verdict, isExecuted: boolean): Verdict => {
  if (!isExecuted) return verdict
  const others = 'mismatches' in verdict ? (verdict.mismatches ?? []) : []
  return verdictOf([mismatch('executes-input', detail), ...others], verdict.notes, false)
}

const detail =
  'three times each, the answer to a sleep of 5 s and of 10 s came when that was over, or less than a second later, while good requests got theirs within a second'
