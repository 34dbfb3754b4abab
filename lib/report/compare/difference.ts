import type { Result } from '../report.ts'
import { isJudged, type Row } from './comparison.ts'

/** How far reports agree on a case: judged otherwise, judged by some alone, or all alike. */
export type Agreement = 'differs' | 'partly' | 'alike'

/** Compares the verdicts of a row, down to the kinds of mismatch and to the variants. */
export const agreementOf = ({ cells }: Row): Agreement => {
  const judged = new Set(
    cells.flatMap((cell) => (cell !== undefined && isJudged(cell) ? [signatureOf(cell)] : [])),
  )
  if (judged.size > 1) return 'differs'
  if (judged.size === 1) return cells.every(isJudged) ? 'alike' : 'partly'
  return new Set(cells.map((cell) => cell?.verdict.status)).size === 1 ? 'alike' : 'partly'
}

/** What must be equal for two results to say the same; what is only observed is compared by its status. */
const signatureOf = (result: Result): string =>
  JSON.stringify([
    partOf(result),
    (result.variants ?? [])
      .filter(({ verdict }) => verdict.status !== 'not-applicable')
      .map((variant) => [variant.name, ...partOf(variant)]),
  ])

const partOf = ({ verdict, observed }: Pick<Result, 'verdict' | 'observed'>): readonly unknown[] => [
  verdict.status,
  kindsOf(verdict),
  verdict.status === 'observed' ? [observed?.status, observed?.measured] : [],
]

/** The kinds of mismatch of a verdict, each once, in alphabetical order. */
export const kindsOf = (verdict: Result['verdict']): readonly string[] =>
  'mismatches' in verdict ? [...new Set((verdict.mismatches ?? []).map(({ kind }) => kind))].toSorted() : []
