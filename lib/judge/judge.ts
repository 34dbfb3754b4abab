import type { Expect, Level, Word } from '../config/suite.ts'
import type { Answer, Answered } from '../exchange/answer.ts'
import type { Hit } from '../serve/hit.ts'
import { checks, isCheckName, leakChecks, type CheckContext } from './checks.ts'
import { mismatch, protocolMismatches, sameSpeech, speechOf, type Speech } from './protocol.ts'
import { readSide, type Lesson, type Side } from './side.ts'
import { mismatchKinds, type Mismatch, type Note, type Verdict } from './verdict.ts'

/** One attempt of an exchange: what came back, and what of it reached the upstream. */
export type Attempt = { readonly answer: Answer; readonly hits: readonly Hit[] }

/** All that the exchanges of one variant showed. */
export type Trial = {
  readonly attempts: readonly Attempt[]
  /** The run proved, by repetition beside its control, that the gateway drops or hangs on this request. */
  readonly proven?: 'crashes' | 'hangs'
  /** Why the run could not come to an answer that counts. */
  readonly reason?: string
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
export const judge = (claim: Claim, trial: Trial, bench: Bench): Verdict => {
  const { notes, reason } = trial
  const outcome = outcomeOf(trial, claim, bench.lesson)
  // What was let in was let in, whatever kept the rest of the exchange from its end.
  if (reason !== undefined && outcome?.side !== 'let-in') return { status: 'inconclusive', reason, notes }
  const rule = ruleOf(claim.expect, bench.features)
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
  const mismatches = [...broken, ...found]
  return verdictOf(
    mismatches,
    [
      ...notes,
      ...(outcome.otherwise ? ['refused-otherwise'] : []),
      ...(outcome.side === 'unknown' ? ['indistinguishable'] : []),
      ...(styled ? ['style'] : []),
    ],
    rule.words.includes('observe'),
  )
}

/** A proven crash or hang counts beside whatever the other attempts came to; closing may be a refusal. */
const breakage = (trial: Trial, { close, level }: Claim, { words }: Rule): readonly Mismatch[] => {
  if (trial.proven === undefined || (trial.proven === 'crashes' && close)) return []
  // Where either side is right, breaking is still wrong.
  return [atLevel(mismatch(trial.proven, lossDetail(trial)), words.includes('observe') ? 'must' : level)]
}

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

const isClosing = (loss: string): boolean => loss === 'reset' || loss === 'closed'

/** An expectation with its one condition decided. */
type Rule = {
  readonly words: readonly Word[]
  readonly status: readonly number[] | undefined
  readonly error: string | null | undefined
  readonly checks: readonly string[]
  readonly hits: number | undefined
}

const ruleOf = (expect: Expect, features: ReadonlySet<string>): Rule => {
  const plain = { status: undefined, error: undefined, checks: [], hits: undefined }
  if (typeof expect === 'string') return { ...plain, words: [expect] }
  if (isWords(expect)) return { ...plain, words: expect }
  const { is, same, declared, then, otherwise } = expect
  const chosen = declared === undefined ? is : features.has(declared) ? then : otherwise
  const word = chosen ?? (same === undefined ? 'observe' : 'accept')
  return {
    words: typeof word === 'string' ? [word] : word,
    status: expect.status,
    error: expect.error,
    checks: expect.check ?? [],
    hits: expect.hits,
  }
}

const isWords = (expect: Exclude<Expect, string>): expect is Word[] => Array.isArray(expect)

/** The words that an expectation comes to under these features. */
export const wordsOf = (expect: Expect, features: ReadonlySet<string>): readonly Word[] =>
  ruleOf(expect, features).words

const isRefusing = (word: Word): boolean => word !== 'accept' && word !== 'observe'

type Found = { readonly found: readonly Mismatch[]; readonly styled: boolean }

const mismatchesOf = (rule: Rule, outcome: Outcome, claim: Claim, bench: Bench): Found => {
  const safety = safetyMismatch(rule, outcome, claim)
  if (safety !== undefined) return { found: [safety], styled: false }
  const { answer } = outcome
  if (answer === undefined) return { found: [], styled: false }
  const spoken =
    outcome.side === 'refused' ? spokenMismatches(rule, answer, claim, bench) : { found: [], styled: false }
  const more = [
    ...(outcome.side === 'let-in' ? onceMismatch(outcome, rule, bench.lesson.witnessed, claim) : []),
    ...explicitMismatches(rule, answer, bench.checks.scheme),
    ...checkMismatches(rule.checks, answer, claim.level, bench.checks),
  ]
  return { found: [...spoken.found, ...more], styled: spoken.styled }
}

/** Let in or refused where only the other is right. */
const safetyMismatch = (
  { words }: Rule,
  { side, answer, hits }: Outcome,
  claim: Claim,
): Mismatch | undefined => {
  if (words.includes('observe')) return undefined
  const mayEnter = words.includes('accept')
  const mayRefuse = words.some(isRefusing)
  const status = answer === undefined ? 'no answer' : `answered ${answer.status}`
  if (side === 'let-in' && !mayEnter) {
    if (claim.form) return mismatch('lenient', `${status}, as with the usual spelling`)
    const kind = hits > 0 && answer !== undefined && answer.status >= 400 ? 'reached-upstream' : 'let-in'
    return atLevel(mismatch(kind, hits > 0 ? `${status}, and the upstream got it` : status), claim.level)
  }
  if (side === 'refused' && !mayRefuse) return atLevel(mismatch('refused-good', status), claim.level)
  return undefined
}

const spokenMismatches = (rule: Rule, answer: Answered, claim: Claim, bench: Bench): Found => {
  const refusing = rule.words.filter(isRefusing)
  const [preferred] = refusing
  if (preferred === undefined) return { found: [], styled: false }
  const { scheme } = bench.checks
  const results = refusing.map((word) => protocolMismatches(answer, word, scheme))
  if (results.some((found) => found.length === 0)) return { found: [], styled: false }
  const found = results[0] ?? []
  const usual = bench.style[preferred] ?? bench.style.reject
  const isStyle =
    claim.topic !== 'responses' && usual !== undefined && sameSpeech(usual, speechOf(answer, scheme))
  return isStyle ? { found: [], styled: true } : { found, styled: false }
}

const onceMismatch = (
  { hits, answer }: Outcome,
  rule: Rule,
  witnessed: boolean,
  claim: Claim,
): readonly Mismatch[] => {
  if (rule.hits === 0 && hits > 0)
    return [atLevel(mismatch('reached-upstream', 'the upstream got it'), claim.level)]
  const wanted = rule.hits ?? 1
  const counts = witnessed && answer !== undefined && rule.words.includes('accept')
  return counts && hits !== wanted
    ? [atLevel(mismatch('not-once', `${hits} of ${wanted} at the upstream`), claim.level)]
    : []
}

const explicitMismatches = (
  { status, error }: Rule,
  answer: Answered,
  scheme: string,
): readonly Mismatch[] => [
  ...(status === undefined || status.includes(answer.status)
    ? []
    : [mismatch('wrong-status', `answered ${answer.status} instead of ${status.join(' or ')}`)]),
  ...(error === undefined || speechOf(answer, scheme).error === (error ?? undefined)
    ? []
    : [mismatch('wrong-error', `another error code than ${error ?? 'none'}`)]),
]

const checkMismatches = (
  names: readonly string[],
  answer: Answered,
  level: Level,
  context: CheckContext,
): readonly Mismatch[] =>
  names.flatMap((name) => {
    if (!isCheckName(name)) throw new Error(`no check is called ${name}`)
    const said = checks[name](answer, context)
    return said === undefined
      ? []
      : [atLevel(mismatch(leakChecks.has(name) ? 'leaks' : 'malformed-answer', said), level)]
  })

/** Kinds without a level of their own have that of the case. */
const atLevel = (one: Mismatch, level: Level): Mismatch =>
  'level' in mismatchKinds[one.kind] ? one : { ...one, level }

const verdictOf = (mismatches: readonly Mismatch[], notes: readonly Note[], observed: boolean): Verdict => {
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

/** The verdict on a case whose variants must all come to the same side, and do not. */
export const withInconsistent = (verdict: Verdict): Verdict => {
  if (verdict.status === 'inconclusive' || verdict.status === 'not-applicable') return verdict
  const found = 'mismatches' in verdict ? (verdict.mismatches ?? []) : []
  const added = mismatch('inconsistent', 'some variants were let in and others refused')
  return verdictOf([...found, added], verdict.notes, false)
}
