import { mismatch } from './protocol.ts'
import type { Mismatch, Note, Verdict } from './verdict.ts'

/** The verdict that mismatches come to: the highest of their levels decides. */
export const verdictOf = (
  mismatches: readonly Mismatch[],
  notes: readonly Note[],
  observed: boolean,
): Verdict => {
  if (mismatches.some(({ level }) => level === 'must')) return { status: 'fail', mismatches, notes }
  if (mismatches.some(({ level }) => level === 'should')) return { status: 'warn', mismatches, notes }
  if (mismatches.length > 0) return { status: 'observed', mismatches, notes }
  return observed ? { status: 'observed', notes } : { status: 'pass', notes }
}

const order = ['fail', 'inconclusive', 'warn', 'observed', 'pass'] as const

/** The verdict on a case: the worst of its variants, leaving out those that do not apply. */
export const worst = (verdicts: readonly Verdict[]): Verdict => {
  for (const status of order) {
    const found = verdicts.filter((verdict) => verdict.status === status)
    const [first] = found
    if (first === undefined) continue
    const notes = [...new Set(found.flatMap((verdict) => verdict.notes))]
    const rest = verdicts.filter((verdict) => verdict.status !== status)
    const mismatches = uniqueMismatches([...found, ...rest])
    if (first.status === 'fail' || first.status === 'warn') return { ...first, mismatches, notes }
    return first.status === 'observed' && mismatches.length > 0
      ? { ...first, mismatches, notes }
      : { ...first, notes }
  }
  const absent = verdicts.flatMap((verdict) => (verdict.status === 'not-applicable' ? [verdict] : []))
  return {
    status: 'not-applicable',
    missing: [...new Set(absent.flatMap(({ missing }) => missing))],
    unlock: [...new Set(absent.map(({ unlock }) => unlock))].join('; '),
    notes: [...new Set(absent.flatMap(({ notes }) => notes))],
  }
}

const uniqueMismatches = (verdicts: readonly Verdict[]): readonly Mismatch[] => {
  const byKind = new Map<string, Mismatch>()
  for (const verdict of verdicts)
    if ('mismatches' in verdict)
      for (const one of verdict.mismatches ?? []) if (!byKind.has(one.kind)) byKind.set(one.kind, one)
  return [...byKind.values()]
}

/** The verdict on a case whose variants, or whose repetitions, must all come to the same side, and do not. */
export const withInconsistent = (verdict: Verdict, among: 'variants' | 'repeat'): Verdict => {
  if (verdict.status === 'inconclusive' || verdict.status === 'not-applicable') return verdict
  const found = 'mismatches' in verdict ? (verdict.mismatches ?? []) : []
  const detail =
    among === 'variants'
      ? 'some variants were let in and others refused'
      : 'the same request was let in at one time and refused at another'
  const added = mismatch('inconsistent', detail)
  return verdictOf([...found, added], verdict.notes, false)
}
