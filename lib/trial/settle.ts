import type { Expect, FeatureInfo } from '../config/suite.ts'
import type { Answer, Answered } from '../exchange/answer.ts'
import type { CheckContext } from '../judge/checks.ts'
import { judge, outcomeOf, type Bench, type Claim, type Trial } from '../judge/judge.ts'
import { wordsOf } from '../judge/rule.ts'
import { withInconsistent, worst } from '../judge/worst.ts'
import type { Side } from '../judge/side.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { PlannedCase, PlannedVariant } from '../plan/plan.ts'
import type { Sent } from './attempt.ts'
import { isBusy } from './io.ts'
import type { Job } from './job.ts'
import type { Unfit } from './prepare.ts'
import type { Learned } from './teach.ts'
import type { Exchanges } from './trial.ts'
import type { Witness } from './witness.ts'

/** All that a run brought to light, for the judge. */
export type Findings = {
  readonly exchanges: ReadonlyMap<Job, readonly Exchanges[]>
  readonly unfit: ReadonlyMap<PlannedVariant, Unfit>
  readonly lessons: ReadonlyMap<Job['route'], Learned>
  readonly style: Bench['style']
  readonly witness: Witness
  readonly features: ReadonlySet<string>
  readonly info: Readonly<Record<string, FeatureInfo>>
  readonly scheme: string
  /** Why what was not sent could not be judged. */
  readonly overall?: string
}

/** A variant with its verdict and all its exchanges. */
export type JudgedVariant = {
  readonly variant: PlannedVariant
  readonly verdict: Verdict
  readonly sent: readonly Sent[]
  /** The attempt whose answer the verdict is about; undefined where none was answered. */
  readonly decisive?: Sent
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
  const sidesOf = (one: PlannedCase): readonly Side[] =>
    one.variants.flatMap((variant) => sideOf(jobs.get(variant), findings))
  return planned.map((one) => {
    const variants = one.variants.map((variant) => {
      const model = modelOf(variant.expect)
      const other = planned.find((candidate) => candidate.case.id === model)
      const expect = model === undefined ? variant.expect : alike(variant.expect, other && sidesOf(other))
      return settleVariant(one, variant, { expect, job: jobs.get(variant), findings })
    })
    const verdict = worst(variants.map((variant) => variant.verdict))
    const isAlike = !asksConsistency(one.case.expect) || new Set(sidesOf(one)).size < 2
    return { planned: one, verdict: isAlike ? verdict : withInconsistent(verdict), variants }
  })
}

/** The case whose side a variant has to come to; the baseline is let in. */
const modelOf = (expect: Expect): string | undefined =>
  typeof expect === 'object' && 'same' in expect && expect.same !== 'baseline' ? expect.same : undefined

const alike = (expect: Expect, sides: readonly Side[] | undefined): Expect | undefined => {
  const [side] = sides ?? []
  if (typeof expect !== 'object' || Array.isArray(expect)) return expect
  if (side === undefined || side === 'unknown') return undefined
  return { ...expect, is: side === 'let-in' ? 'accept' : 'refuse' }
}

const asksConsistency = (expect: Expect): boolean => typeof expect === 'object' && 'consistent' in expect

const sideOf = (job: Job | undefined, { exchanges, lessons, witness }: Findings): readonly Side[] => {
  const lesson = job === undefined ? undefined : lessons.get(job.route)?.lesson
  if (job === undefined || lesson === undefined) return []
  const sent = (exchanges.get(job) ?? []).flatMap((one) => one.sent)
  const attempts = sent.map((one) => ({ answer: one.answer, hits: witness.hitsFor(one) }))
  const outcome = outcomeOf({ attempts, notes: [] }, { close: true }, lesson)
  return outcome === undefined ? [] : [outcome.side]
}

/** What a variant is judged by; `expect` is its own, or what the case came to whose side it must share, if to any. */
type Evidence = {
  readonly expect: Expect | undefined
  readonly job: Job | undefined
  readonly findings: Findings
}

const settleVariant = (
  planned: PlannedCase,
  variant: PlannedVariant,
  { expect, job, findings }: Evidence,
): JudgedVariant => {
  const absent = absence(variant, job, findings)
  if (absent !== undefined) return { variant, verdict: absent, sent: [] }
  const exchanges = job === undefined ? [] : (findings.exchanges.get(job) ?? [])
  const sent = exchanges.flatMap((one) => one.sent)
  const taught = job === undefined ? undefined : findings.lessons.get(job.route)
  if (taught === undefined || exchanges.length === 0) {
    const [reason] = exchanges.flatMap((one) => one.reason ?? [])
    return { variant, verdict: inconclusive(reason ?? findings.overall ?? 'interrupted'), sent }
  }
  if (expect === undefined) return { variant, verdict: inconclusive('no-baseline'), sent }
  const bench = benchFor(taught, sent, findings)
  const claim = { ...claimOf(planned, variant), expect }
  const judged = exchanges.map((one) => {
    const trial = trialOf(one, claim, findings.witness)
    return { verdict: judge(claim, trial, bench), answer: outcomeOf(trial, claim, bench.lesson)?.answer }
  })
  const verdict = worst(judged.map((one) => one.verdict))
  const shown = judged.find((one) => one.verdict.status === verdict.status)?.answer
  const decisive = sent.find(({ answer }) => answer === shown)
  return { variant, verdict, sent, ...(decisive === undefined ? {} : { decisive }) }
}

const absence = (variant: PlannedVariant, job: Job | undefined, findings: Findings): Verdict | undefined => {
  if (variant.missing.length > 0) return notApplicable(variant.missing, findings.info)
  const unfit = findings.unfit.get(variant)
  if (unfit !== undefined) return { ...notApplicable([unfit.missing], findings.info), notes: [unfit.detail] }
  const taught = job === undefined ? undefined : findings.lessons.get(job.route)
  const words = wordsOf(variant.expect, findings.features)
  const keepsOut = words.includes('keep-out') && !words.includes('accept')
  return keepsOut && taught?.keepsApart === false
    ? notApplicable(['distinct-answer'], findings.info)
    : undefined
}

const notApplicable = (missing: readonly string[], info: Findings['info']): Verdict => ({
  status: 'not-applicable',
  missing,
  unlock: missing.map((name) => info[name]?.unlock ?? `declare \`${name}\``).join('; '),
  notes: [],
})

const inconclusive = (reason: string): Verdict => ({ status: 'inconclusive', reason, notes: [] })

const claimOf = (planned: PlannedCase, { expect, level, form, close }: PlannedVariant): Claim => ({
  expect,
  level: level ?? planned.level,
  topic: planned.requirement.topic,
  close,
  form,
})

/** Answers that only ask for patience are no evidence, unless the case is about them. */
const trialOf = ({ sent, proven, reason, notes }: Exchanges, { expect }: Claim, witness: Witness): Trial => {
  const listed = typeof expect === 'object' && 'status' in expect ? expect.status : []
  const isListed = (answer: Answer) => answer.kind === 'answered' && listed.includes(answer.status)
  const attempts = sent
    .map(({ id, answer }) => ({ answer, hits: witness.hitsFor({ id }) }))
    // A busy backend got the request all the same.
    .filter(({ answer, hits }) => !isBusy(answer) || isListed(answer) || hits.length > 0)
  return {
    attempts,
    notes,
    ...(proven === undefined ? {} : { proven }),
    ...(reason === undefined ? {} : { reason }),
  }
}

const benchFor = ({ lesson, good }: Learned, sent: readonly Sent[], findings: Findings): Bench => ({
  lesson,
  features: findings.features,
  style: findings.style,
  checks: checksFor(good, sent, findings),
})

const checksFor = (
  good: Answered,
  sent: readonly Sent[],
  { scheme, witness }: Pick<Findings, 'scheme' | 'witness'>,
): CheckContext => ({
  scheme,
  good: sent.flatMap(({ before }) => (before?.kind === 'answered' ? [before] : [])).at(-1) ?? good,
  method: sent.at(-1)?.request.method ?? '',
  hits: sent.flatMap((one) => witness.hitsFor(one)),
  secrets: sent.flatMap(({ request }) => request.secrets),
  canaries: ['gateproof-canary'],
})
