import type { Waiver } from '../config/config.ts'
import type { Suite } from '../config/suite.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { Result } from './report.ts'

/** The waivers that cover a result; undefined where not every one of its mismatches is waived. */
export const waivedBy = (
  id: string,
  topic: string,
  verdict: Verdict,
  waivers: readonly Waiver[],
): Result['waived'] => {
  if (verdict.status !== 'fail' && verdict.status !== 'warn') return undefined
  const about = waivers.filter(({ on }) => ('case' in on ? on.case === id : on.topic === topic))
  const used = verdict.mismatches.map((mismatch) => about.find(({ kind }) => kind === mismatch.kind))
  if (used.some((waiver) => waiver === undefined)) return undefined
  return [...new Set(used)].flatMap((waiver) =>
    waiver === undefined
      ? []
      : [
          {
            kind: waiver.kind,
            reason: waiver.reason,
            ...(waiver.until === undefined ? {} : { until: waiver.until }),
          },
        ],
  )
}

/**
 * Waivers that no longer hold: past their day, or stale. In sentences. One is stale only where all of the case, or of
 * the topic, that `suite` holds ran, so that a run of a few cases or variants does not call for its removal.
 */
export const waiverDoubts = (
  waivers: readonly Waiver[],
  results: readonly Result[],
  today: string,
  suite?: Suite,
): readonly string[] =>
  waivers.flatMap(({ on, kind, until }) => {
    const name = 'case' in on ? on.case : on.topic
    if (until !== undefined && until < today) return [`the waiver of ${kind} for ${name} expired on ${until}`]
    const about = results.filter((result) =>
      'case' in on ? result.case === on.case : result.topic === on.topic,
    )
    const ran = about.filter(({ verdict }) => verdict.status !== 'not-applicable')
    return hasPassed(ran, kind) && (suite === undefined || isWhole(about, on, suite))
      ? [`the waiver of ${kind} for ${name} is stale: it passes now`]
      : []
  })

/** Of a topic some cases are only observed: they neither pass nor keep a waiver alive whose kind they do not show. */
const hasPassed = (results: readonly Result[], kind: string): boolean =>
  results.some(({ verdict }) => verdict.status === 'pass') &&
  results.every(
    ({ verdict }) =>
      verdict.status === 'pass' ||
      (verdict.status === 'observed' && verdict.mismatches?.some((one) => one.kind === kind) !== true),
  )

/** Whether the results are of every case, and of every variant, that the waiver is about. */
const isWhole = (results: readonly Result[], on: Waiver['on'], { requirements }: Suite): boolean =>
  requirements
    .flatMap(({ topic, cases }) =>
      cases.filter(({ id }) => ('case' in on ? id === on.case : topic === on.topic)),
    )
    .every(({ id, variants = {} }) => {
      const found = results.find((result) => result.case === id)
      return found !== undefined && (found.variants?.length ?? 0) === Object.keys(variants).length
    })
