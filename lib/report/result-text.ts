import { describeExpected, describeObserved } from './describe.ts'
import type { Result } from './report.ts'

/** What is wrong, what was expected and what came, a line each; unescaped: it quotes the gateway. */
export const resultText = (result: Result): string => {
  const { verdict } = result
  const details =
    verdict.status === 'fail' || verdict.status === 'warn'
      ? verdict.mismatches.map(
          (mismatch) => `${mismatch.kind} (${mismatch.safety}, ${mismatch.level}): ${mismatch.detail}`,
        )
      : []
  return [
    ...details,
    `expected: ${describeExpected(result.expected)}`,
    `observed: ${describeObserved(result.observed)}`,
    `standard: ${result.spec.document}, section ${result.spec.section}`,
    ...verdict.notes.map((note) => `note: ${note}`),
  ].join('\n')
}
