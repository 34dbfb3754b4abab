import type { Policy } from '../config/config.ts'
import type { Expect } from '../config/expect.ts'
import type { FeatureInfo } from '../config/suite.ts'
import type { Answered } from '../exchange/answer.ts'
import type { MetadataFacts } from '../judge/metadata-checks.ts'
import { judge, outcomeOf, type Bench, type Claim } from '../judge/judge.ts'
import { wordsOf } from '../judge/rule.ts'
import { verdictOf, withInconsistent, worst } from '../judge/worst.ts'
import type { Side } from '../judge/side.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { PlannedCase, PlannedVariant } from '../plan/plan.ts'
import type { Sent } from './attempt.ts'
import { checksFor } from './check-context.ts'
import { trialOf } from './evidence.ts'
import type { Job, Unfit } from './job.ts'
import type { Lookout } from './lookout.ts'
import { sideOf, sidesByTurns } from './sides.ts'
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
  readonly lookout: Lookout
  readonly features: ReadonlySet<string>
  readonly info: Readonly<Record<string, FeatureInfo>>
  readonly scheme: string
  /** What the gateway is declared to pass on. */
  readonly forwards?: Policy['forwards']
  /** What its protected resource metadata have to agree with. */
  readonly metadata?: MetadataFacts | undefined
  /** Why what was not sent could not be judged. */
  readonly overall?: string
}

/** A variant with its verdict and all its exchanges. */
export type JudgedVariant = {
  readonly variant: PlannedVariant
  readonly verdict: Verdict
  readonly sent: readonly Sent[]
  /** What its steps have measured, in words. */
  readonly measured?: Readonly<Record<string, string>>
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
  const byId = new Map(planned.map((one) => [one.case.id, one]))
  return planned.map((one) => {
    const variants = one.variants.map((variant) => {
      const model = modelOf(variant.expect)
      const other = model === undefined ? undefined : byId.get(model)
      const expect = model === undefined ? variant.expect : alike(variant.expect, other && sidesOf(other))
      return settleVariant(one, variant, { expect, job: jobs.get(variant), findings })
    })
    const verdict = worst(variants.map((variant) => variant.verdict))
    const among = amongWhat(one.case.expect)
    const groups = () =>
      among === 'repeat'
        ? one.variants.map((variant) => sidesByTurns(jobs.get(variant), findings))
        : [sidesOf(one)]
    const isAlike = among === undefined || groups().every((sides) => new Set(sides).size < 2)
    return { planned: one, verdict: isAlike ? verdict : withInconsistent(verdict, among), variants }
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

const amongWhat = (expect: Expect): 'variants' | 'repeat' | undefined =>
  typeof expect === 'object' && 'consistent' in expect ? expect.consistent : undefined

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
  const claim = { ...claimOf(planned, variant), expect }
  const judged =
    variant.steps === undefined
      ? exchanges.map((one) => judgeOne(one, claim, benchFor(taught, sent, findings), findings))
      : judgeSteps(exchanges, claim, findings)
  const verdict = wholeVerdict(judged.map((one) => one.verdict))
  const shown = judged.find((one) => one.verdict.status === verdict.status)?.answer
  const decisive = sent.find(({ answer }) => answer === shown)
  const measured = exchanges.flatMap((one) => Object.entries(one.measured ?? {}))
  return {
    variant,
    verdict,
    sent,
    ...(measured.length === 0 ? {} : { measured: Object.fromEntries(measured) }),
    ...(decisive === undefined ? {} : { decisive }),
  }
}

type Judged = { readonly verdict: Verdict; readonly answer: Answered | undefined }

const judgeOne = (one: Exchanges, claim: Claim, bench: Bench, findings: Findings): Judged => {
  if (one.missing !== undefined)
    return {
      verdict: { ...notApplicable([one.missing], findings.info), notes: one.notes },
      answer: undefined,
    }
  if (one.found !== undefined) return { verdict: verdictOf(one.found, one.notes, false), answer: undefined }
  const trial = trialOf(one, claim, findings)
  return { verdict: judge(claim, trial, bench), answer: outcomeOf(trial, claim, bench.lesson)?.answer }
}

/** Each step by its own expectation, and by the controls of the route that it went to. */
const judgeSteps = (exchanges: readonly Exchanges[], claim: Claim, findings: Findings): readonly Judged[] => {
  const sideOfStep = (name: string): readonly Side[] =>
    exchanges.flatMap((one) => {
      const lesson = one.step?.name === name ? findings.lessons.get(one.step.route)?.lesson : undefined
      const side = lesson && outcomeOf(trialOf(one, claim, findings), claim, lesson)?.side
      return side === undefined ? [] : [side]
    })
  return exchanges.map((one) => {
    const expect = one.step?.expect ?? claim.expect
    const model = modelOf(expect)
    const wanted = model === undefined ? expect : alike(expect, sideOfStep(model))
    const taught = findings.lessons.get(one.step?.route ?? 'protected')
    if (wanted === undefined || taught === undefined)
      return { verdict: inconclusive('no-baseline'), answer: undefined }
    return judgeOne(one, { ...claim, expect: wanted }, benchFor(taught, one.sent, findings), findings)
  })
}

/** A case whose steps lack something half-way does not apply, whatever went before; what failed has failed. */
const wholeVerdict = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.find(({ status }) => status === 'not-applicable') !== undefined &&
  !verdicts.some(({ status }) => status === 'fail')
    ? worst(verdicts.filter(({ status }) => status === 'not-applicable'))
    : worst(verdicts)

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

const benchFor = (taught: Learned, sent: readonly Sent[], findings: Findings): Bench => ({
  lesson: taught.lesson,
  features: findings.features,
  style: findings.style,
  checks: checksFor(taught, sent, findings),
})
