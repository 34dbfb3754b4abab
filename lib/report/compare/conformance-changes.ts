import { mismatchKinds } from '../../judge/verdict.ts'
import { isWaived } from '../findings.ts'
import type { Result } from '../report.ts'
import { reasonOf } from '../unlocks.ts'
import type { Change } from './change.ts'
import { isJudged, type Comparison, type Contestant, type Gap } from './comparison.ts'
import { kindsOf } from './difference.ts'

/** What became of the first contestant's verdicts in a later run, case by case; what stayed as it was is left out. */
export const conformanceChanges = (comparison: Comparison, now: Contestant): readonly Change[] => {
  const column = comparison.contestants.indexOf(now)
  const base = comparison.contestants[0]?.name ?? ''
  return [
    ...comparison.rows.flatMap(({ cells: [before, ...later] }) => caseChange(before, later[column - 1])),
    ...comparison.gaps.filter((gap) => gap.now === now.name && gap.before === base).map(gapChange),
    ...comparison.lonely
      .filter(({ name, result }) => name === now.name && isFailing(result))
      .map(({ result }) => ({
        kind: 'unsure' as const,
        what: result.case,
        detail: 'it fails, and the baseline does not hold the same case',
      })),
  ]
}

const caseChange = (before: Result | undefined, now: Result | undefined): readonly Change[] => {
  if (before === undefined || now === undefined || !isJudged(now)) return []
  const what = now.case
  if (!isFailing(now)) {
    if (!isFailing(before)) return []
    return [{ kind: 'better', what, detail: `failed, ${isWaived(now) ? 'is waived' : wordOf(now)} now` }]
  }
  if (!isJudged(before))
    return [{ kind: 'unsure', what, detail: 'it fails, and the baseline could not judge it' }]
  const fresh = [...failures(now)].filter((failure) => !failures(before).has(failure))
  if (fresh.length === 0) return []
  return [{ kind: 'worse', what, detail: `${wordOf(before)} before; now ${fresh.map(phrase).join('; ')}` }]
}

const isFailing = (result: Result): boolean => result.verdict.status === 'fail' && !isWaived(result)

const wordOf = ({ verdict }: Result): string => verdict.status

/** What a failing result fails by, variant by variant: a bypass beside an old wrong status is a new failure. */
const failures = (result: Result): ReadonlySet<string> => {
  const parts = result.variants ?? [{ name: '', verdict: result.verdict }]
  const failing = parts.filter(({ verdict }) => verdict.status === 'fail')
  const own = failing.flatMap(({ name, verdict }) => kindsOf(verdict).map((kind) => `${kind} ${name}`.trim()))
  // A case may fail by what its variants are together.
  return new Set(own.length === 0 ? kindsOf(result.verdict) : own)
}

const phrase = (failure: string): string => {
  const [kind = '', ...name] = failure.split(' ')
  const title = isKind(kind) ? mismatchKinds[kind].title : kind
  return name.length === 0 ? title : `${title} (${name.join(' ')})`
}

const isKind = (kind: string): kind is keyof typeof mismatchKinds => Object.hasOwn(mismatchKinds, kind)

const gapChange = ({ result, verdict }: Gap): Change => ({
  kind: 'unsure',
  what: result.case,
  detail: `${wordOf(result)} before, and not judged now: ${whyNot(verdict)}`,
})

/** Why a case has no verdict, in a few words. */
export const whyNot = (verdict: Result['verdict'] | undefined): string => {
  if (verdict === undefined) return 'it was not run'
  if (verdict.status === 'inconclusive') return reasonOf(verdict.reason).text
  return verdict.status === 'not-applicable' ? `missing ${verdict.missing.join(', ')}` : verdict.status
}
