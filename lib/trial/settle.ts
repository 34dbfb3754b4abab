import type { Level } from '../config/suite.ts'
import type { Answered } from '../exchange/answer.ts'
import type { CheckContext } from '../judge/checks.ts'
import { judge, outcomeOf, worst, wordsOf, type Bench, type Claim, type Trial } from '../judge/judge.ts'
import { equal } from '../judge/fingerprint.ts'
import type { Lesson } from '../judge/side.ts'
import { mismatch } from '../judge/protocol.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { FeatureInfo } from '../config/suite.ts'
import type { PlannedCase, PlannedVariant } from '../plan/plan.ts'
import type { Sent } from './attempt.ts'
import type { Job } from './job.ts'
import type { Unfit } from './prepare.ts'
import type { Exchanges } from './trial.ts'
import type { Witness } from './witness.ts'

/** All that a run brought to light, for the judge. */
export type Findings = {
  readonly exchanges: ReadonlyMap<Job, readonly Exchanges[]>
  readonly unfit: ReadonlyMap<PlannedVariant, Unfit>
  readonly lessons: ReadonlyMap<Job['route'], { readonly lesson: Lesson; readonly good: Answered }>
  readonly style: Bench['style']
  readonly witness: Witness
  readonly features: ReadonlySet<string>
  readonly info: Readonly<Record<string, FeatureInfo>>
  readonly scheme: string
  /** Why nothing at all could be judged. */
  readonly overall?: string
}

/** A variant with its verdict and all its exchanges. */
export type JudgedVariant = {
  readonly variant: PlannedVariant
  readonly verdict: Verdict
  readonly sent: readonly Sent[]
}

/** A case with its verdict, the worst of its variants. */
export type JudgedCase = {
  readonly planned: PlannedCase
  readonly verdict: Verdict
  readonly variants: readonly JudgedVariant[]
}

/** Judges every planned case on what was found. */
export const settle = (planned: readonly PlannedCase[], findings: Findings): readonly JudgedCase[] => {
  const jobs = new Map([...findings.exchanges.keys()].map((job) => [job.variant, job]))
  return planned.map((one) => {
    const variants = one.variants.map((variant) => settleVariant(one, variant, jobs.get(variant), findings))
    const verdict = worst(variants.map((variant) => variant.verdict))
    return { planned: one, verdict: consistent(one, variants, verdict, findings), variants }
  })
}

const settleVariant = (
  planned: PlannedCase,
  variant: PlannedVariant,
  job: Job | undefined,
  findings: Findings,
): JudgedVariant => {
  const absent = absence(variant, job, findings)
  if (absent !== undefined) return { variant, verdict: absent, sent: [] }
  const exchanges = job === undefined ? [] : (findings.exchanges.get(job) ?? [])
  const sent = exchanges.flatMap((one) => one.sent)
  if (job === undefined || exchanges.length === 0)
    return { variant, verdict: inconclusive(findings.overall ?? 'interrupted'), sent }
  const taught = findings.lessons.get(job.route)
  if (taught === undefined)
    return { variant, verdict: inconclusive(findings.overall ?? 'control-refused'), sent }
  const bench = benchFor(taught, sent, findings)
  const claim = claimOf(planned, variant)
  return {
    variant,
    verdict: worst(exchanges.map((one) => judge(claim, trialOf(one, claim, findings.witness), bench))),
    sent,
  }
}

const absence = (variant: PlannedVariant, job: Job | undefined, findings: Findings): Verdict | undefined => {
  if (variant.missing.length > 0) return notApplicable(variant.missing, findings.info)
  const unfit = findings.unfit.get(variant)
  if (unfit !== undefined) return { ...notApplicable([unfit.missing], findings.info), notes: [unfit.detail] }
  const lesson = job === undefined ? undefined : findings.lessons.get(job.route)?.lesson
  const keepsOut = wordsOf(variant.expect, findings.features).includes('keep-out')
  return keepsOut && lesson !== undefined && !isDistinct(lesson)
    ? notApplicable(['distinct-answer'], findings.info)
    : undefined
}

/** Whether a good answer differs from that of a path without a route; where the upstream is ours, its hits tell. */
const isDistinct = ({ good, unrouted, witnessed }: Lesson): boolean =>
  witnessed || unrouted === undefined || !equal(good, unrouted)

const notApplicable = (missing: readonly string[], info: Findings['info']): Verdict => ({
  status: 'not-applicable',
  missing,
  unlock: missing.map((name) => info[name]?.unlock ?? `declare \`${name}\``).join('; '),
  notes: [],
})

const inconclusive = (reason: string): Verdict => ({ status: 'inconclusive', reason, notes: [] })

const claimOf = ({ requirement, level }: PlannedCase, { expect, form, close }: PlannedVariant): Claim => ({
  expect,
  level,
  topic: requirement.topic,
  close,
  form,
})

/** Answers that only ask for patience are no evidence, unless the case is about them. */
const trialOf = ({ sent, proven, reason, notes }: Exchanges, { expect }: Claim, witness: Witness): Trial => {
  const busyCounts =
    typeof expect === 'object' &&
    'status' in expect &&
    expect.status.some((code) => code === 429 || code === 503)
  const counting = sent.filter(
    ({ answer }) => busyCounts || answer.kind === 'lost' || (answer.status !== 429 && answer.status !== 503),
  )
  const attempts = counting.map((one) => ({ answer: one.answer, hits: witness.hitsFor(one) }))
  // What reached the upstream counts whatever became of the answer.
  const hit = sent.some((one) => witness.hitsFor(one).length > 0)
  return {
    attempts,
    notes,
    ...(proven === undefined ? {} : { proven }),
    ...(reason === undefined || hit ? {} : { reason }),
  }
}

const benchFor = (
  { lesson, good }: { lesson: Lesson; good: Answered },
  sent: readonly Sent[],
  findings: Findings,
): Bench => ({
  lesson,
  features: findings.features,
  style: findings.style,
  checks: checksFor(good, sent, findings.scheme),
})

const checksFor = (good: Answered, sent: readonly Sent[], scheme: string): CheckContext => ({
  scheme,
  good,
  secrets: sent.flatMap(({ request }) => request.secrets),
  canaries: ['gateproof-canary'],
})

/** Adds the mismatch of a case whose variants must all come to the same side and do not. */
const consistent = (
  { case: one }: PlannedCase,
  variants: readonly JudgedVariant[],
  verdict: Verdict,
  findings: Findings,
): Verdict => {
  const { expect } = one
  if (typeof expect === 'string' || Array.isArray(expect) || expect.consistent === undefined) return verdict
  const sides = new Set(variants.flatMap((variant) => sideOf(variant, findings)))
  if (sides.size < 2 || verdict.status === 'fail' || verdict.status === 'inconclusive') return verdict
  const level: Level = one.level ?? 'should'
  const added = { ...mismatch('inconsistent', 'some variants were let in and others refused'), level }
  const mismatches = [...('mismatches' in verdict ? (verdict.mismatches ?? []) : []), added]
  return {
    status: level === 'must' ? 'fail' : level === 'should' ? 'warn' : 'observed',
    mismatches,
    notes: verdict.notes,
  }
}

const sideOf = ({ sent, verdict }: JudgedVariant, findings: Findings): string[] => {
  const [lesson] = findings.lessons.values()
  if (verdict.status === 'not-applicable' || lesson === undefined || sent.length === 0) return []
  const attempts = sent.map((one) => ({ answer: one.answer, hits: findings.witness.hitsFor(one) }))
  const outcome = outcomeOf({ attempts, notes: [] }, { close: true }, lesson.lesson)
  return outcome === undefined ? [] : [outcome.side]
}
