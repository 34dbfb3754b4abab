import type { Expect, Word } from '../config/expect.ts'
import type { Level } from '../config/suite.ts'
import type { Answer, Answered } from '../exchange/answer.ts'
import type { Hit } from '../serve/hit.ts'
import type { Contact } from '../serve/listener.ts'
import type { CheckContext } from './checks.ts'
import { withContacts } from './contact.ts'
import { atLevel, isStopped, mismatchesOf } from './differ.ts'
import { withExecution } from './execution.ts'
import { matches } from './fingerprint.ts'
import { fetchDetail, mismatch, type Speech } from './protocol.ts'
import { isRefusing, ruleOf, type Rule } from './rule.ts'
import { isSuccess, readSide, type Lesson, type Side } from './side.ts'
import type { Mismatch, Note, Verdict } from './verdict.ts'
import { verdictOf } from './worst.ts'

/** One attempt of an exchange: what came back, and what of it reached the upstream. */
export type Attempt = { readonly answer: Answer; readonly hits: readonly Hit[] }

/** All that the exchanges of one variant showed. */
export type Trial = {
  readonly attempts: readonly Attempt[]
  /** The run proved, by repetition beside its control, that the gateway drops or hangs on this request. */
  readonly proven?: 'crashes' | 'hangs'
  /** The run proved that a sleep in the request is slept, for as long as it says. */
  readonly executed?: true
  /** Why the run could not come to an answer that counts. */
  readonly reason?: string
  /** How often the key set was fetched meanwhile. */
  readonly fetches?: number
  /** Who came to the listener because of it. */
  readonly contacts?: readonly Contact[]
  readonly notes: readonly Note[]
}

/** What is judged: the expectation of a variant and what its case says about it. */
export type Claim = {
  readonly expect: Expect
  readonly level: Level
  readonly topic: string
  /** Closing the connection is a legitimate refusal. */
  readonly close: boolean
  /** The credential is genuine and only spelled otherwise. */
  readonly form: boolean
}

/** What the run learned that every judgement needs. */
export type Bench = {
  readonly lesson: Lesson
  readonly features: ReadonlySet<string>
  /** How this gateway refuses: judged once, in the topic `responses`. */
  readonly style: Readonly<Partial<Record<Word, Speech>>>
  readonly checks: CheckContext
}

/** Which side a trial came to. */
export type Outcome = {
  readonly side: Side
  readonly answer: Answered | undefined
  readonly hits: number
  readonly otherwise: boolean
}

/** The verdict on one variant. Pure: equal evidence has equal verdicts. */
export const judge = (claim: Claim, trial: Trial, bench: Bench): Verdict =>
  withExecution(
    withContacts(judgeAnswers(claim, trial, bench), trial.contacts ?? [], claim.level),
    trial.executed === true,
  )

const judgeAnswers = (claim: Claim, trial: Trial, bench: Bench): Verdict => {
  const { notes, reason } = trial
  const rule = ruleOf(claim.expect, bench.features)
  const outcome = doubted(outcomeOf(trial, claim, bench.lesson), { ...rule, ...claim }, bench.lesson)
  // What was let in was let in, whatever kept the rest of the exchange from its end.
  if (reason !== undefined && outcome?.side !== 'let-in') return { status: 'inconclusive', reason, notes }
  const broken = breakage(trial, claim, rule)
  if (outcome === undefined)
    return broken.length === 0
      ? { status: 'inconclusive', reason: 'no-answer', notes }
      : verdictOf(broken, notes, false)
  const isOpen =
    rule.words.includes('observe') || (rule.words.includes('accept') && rule.words.some(isRefusing))
  if (outcome.side === 'unknown' && !isOpen)
    return { status: 'inconclusive', reason: 'indistinguishable', notes }
  const { found, styled } = mismatchesOf(rule, outcome, claim, bench)
  const mismatches = [...broken, ...found, ...fetchMismatches(rule, trial, claim)]
  return verdictOf(
    mismatches,
    [
      ...notes,
      ...(outcome.otherwise || isStopped(outcome, bench) ? ['refused-otherwise'] : []),
      ...(outcome.side === 'unknown' ? ['indistinguishable'] : []),
      ...(styled ? ['style'] : []),
    ],
    rule.words.includes('observe'),
  )
}

/**
 * The backend's no to good tokens is the gateway's own no too where both are worded alike: to bytes that are no request,
 * of a route that it hides from who lacks the scope, of a method that no route has.
 */
const doubted = (
  outcome: Outcome | undefined,
  { words, close }: Pick<Rule, 'words'> & Pick<Claim, 'close'>,
  { accepted, unrouted }: Lesson,
): Outcome | undefined => {
  const answer = outcome?.answer
  const isTold = answer === undefined || outcome?.side !== 'let-in' || outcome.hits > 0
  if (isTold || isSuccess(answer.status) || accepted !== undefined) return outcome
  const isOwn =
    close ||
    (words.includes('keep-out') && [405, 501].includes(answer.status)) ||
    (words.includes('forbid') && unrouted !== undefined && matches(answer, unrouted))
  return isOwn ? { ...outcome, side: 'unknown' } : outcome
}

/** A proven crash or hang counts beside whatever the other attempts came to; closing may be a refusal. */
const breakage = (trial: Trial, { close, level }: Claim, { words }: Rule): readonly Mismatch[] => {
  if (trial.proven === undefined || (trial.proven === 'crashes' && close)) return []
  // Where either side is right, breaking is still wrong.
  return [atLevel(mismatch(trial.proven, lossDetail(trial)), words.includes('observe') ? 'must' : level)]
}

const fetchMismatches = (
  { fetches: most }: Rule,
  { fetches }: Trial,
  { level }: Claim,
): readonly Mismatch[] =>
  most === undefined || fetches === undefined || fetches <= most
    ? []
    : [atLevel(mismatch('fetches-too-often', fetchDetail(fetches, most)), level)]

const lossDetail = ({ attempts }: Trial): string => {
  const lost = attempts.flatMap(({ answer }) => (answer.kind === 'lost' ? [answer.loss] : []))
  return `no answer to ${lost.length} of ${attempts.length} attempts (${[...new Set(lost)].join(', ')}), while controls got theirs`
}

/** A hit, or an answer that looks let in, on any attempt decides; else the last answer. Undefined where none came. */
export const outcomeOf = (
  { attempts, proven }: Trial,
  { close }: Pick<Claim, 'close'>,
  lesson: Lesson,
): Outcome | undefined => {
  let last: Outcome | undefined
  for (const { answer, hits } of attempts) {
    if (answer.kind === 'lost') {
      if (hits.length > 0) return { side: 'let-in', answer: undefined, hits: hits.length, otherwise: false }
      continue
    }
    const { side, refusedOtherwise } = readSide(answer, hits.length, lesson)
    last = { side, answer, hits: hits.length, otherwise: refusedOtherwise }
    if (side === 'let-in') return last
  }
  if (last !== undefined || proven === 'hangs' || !close) return last
  return attempts.some(({ answer }) => answer.kind === 'lost' && isClosing(answer.loss))
    ? { side: 'refused', answer: undefined, hits: 0, otherwise: false }
    : undefined
}

const isClosing = (loss: string): boolean => ['reset', 'closed', 'tls'].includes(loss)
