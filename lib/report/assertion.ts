import type { FailOn } from '../config/config.ts'
import { mismatchKinds } from '../judge/verdict.ts'
import { visible, visibleLines } from './escape.ts'
import { isWaived } from './findings.ts'
import type { Result } from './report.ts'
import { resultText } from './result-text.ts'
import { reasonOf } from './unlocks.ts'

/** What a test of a runner comes to that asserts one case. */
export type Assertion =
  | { readonly kind: 'passes'; readonly remark?: string }
  | { readonly kind: 'fails'; readonly message: string }
  | { readonly kind: 'skips'; readonly reason: string }

/** A result as an assertion: what could not be judged fails, since a gate that could not tell is no gate. */
export const assertionOf = (result: Result, failOn: FailOn): Assertion => {
  const { verdict } = result
  switch (verdict.status) {
    case 'pass':
    case 'observed':
      return { kind: 'passes' }
    case 'not-applicable':
      return { kind: 'skips', reason: visible(`missing ${verdict.missing.join(', ')}: ${verdict.unlock}`) }
    case 'inconclusive': {
      const { text, advice } = reasonOf(verdict.reason)
      const message = `inconclusive: ${text}${advice === '' ? '' : `; ${advice}`}`
      return { kind: 'fails', message: visibleLines(`${message}\n${resultText(result)}`) }
    }
    case 'fail':
    case 'warn': {
      const kinds = verdict.mismatches.map(({ kind }) => mismatchKinds[kind].title).join('; ')
      if (isWaived(result)) return { kind: 'passes', remark: visible(`waived: ${reasonsOf(result)}`) }
      return counts(verdict, failOn)
        ? { kind: 'fails', message: visibleLines(`${kinds}\n${resultText(result)}`) }
        : { kind: 'passes', remark: visible(`${verdict.status}: ${kinds}`) }
    }
  }
}

const reasonsOf = ({ waived = [] }: Result): string => waived.map(({ reason }) => reason).join('; ')

/** By the rules of the exit code. */
const counts = (
  verdict: Extract<Result['verdict'], { status: 'fail' | 'warn' }>,
  failOn: FailOn,
): boolean => {
  if (verdict.status === 'warn') return failOn === 'should'
  return failOn !== 'safety' || verdict.mismatches.some(({ safety }) => safety !== 'protocol')
}
