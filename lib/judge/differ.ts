import type { Level } from '../config/suite.ts'
import type { Answered } from '../exchange/answer.ts'
import { checkKinds, checks, isCheckName, type CheckContext } from './checks.ts'
import { isUnfamiliar } from './front.ts'
import { headerMismatches } from './header-checks.ts'
import type { Bench, Claim, Outcome } from './judge.ts'
import { mismatch, namesAnswer, protocolMismatches, speechOf, type Speech } from './protocol.ts'
import { isRefusing, type Rule } from './rule.ts'
import { mismatchKinds, type Mismatch } from './verdict.ts'

/** How an outcome differs from the rule; `styled` where the only difference is how this gateway always refuses. */
export type Found = { readonly found: readonly Mismatch[]; readonly styled: boolean }

/** All in which an outcome differs from what was expected. */
export const mismatchesOf = (rule: Rule, outcome: Outcome, claim: Claim, bench: Bench): Found => {
  const safety = safetyMismatch(rule, outcome, claim)
  if (safety !== undefined) return { found: [safety], styled: false }
  const { answer } = outcome
  if (answer === undefined) return { found: [], styled: false }
  // What a firewall says is noted, and is not how the gateway speaks.
  const isOwn = claim.topic === 'responses' || !isStopped(outcome, bench)
  const spoken =
    outcome.side === 'refused' && isOwn
      ? spokenMismatches(rule, answer, claim, bench)
      : { found: [], styled: false }
  const more = [
    ...(outcome.side === 'let-in' ? onceMismatch(outcome, rule, bench.lesson.witnessed, claim) : []),
    ...(isSpoken(rule, claim) || !isOwn ? [] : explicitMismatches(rule, answer, bench.checks.scheme)),
    ...(isOwn ? headerMismatches(rule.header ?? {}, answer, claim.level) : []),
    ...checkMismatches(rule.checks, answer, claim.level, bench.checks),
  ]
  return { found: [...spoken.found, ...more], styled: spoken.styled }
}

/** Refused by something in front of the token check, as far as the answer tells. */
export const isStopped = ({ side, answer }: Outcome, { lesson, style }: Bench): boolean =>
  side === 'refused' && answer !== undefined && isUnfamiliar(answer, lesson, style)

/** Let in or refused where only the other is right. */
const safetyMismatch = (
  { words, hits: wanted }: Rule,
  { side, answer, hits }: Outcome,
  claim: Claim,
): Mismatch | undefined => {
  const status = answer === undefined ? 'no answer' : `answered ${answer.status}`
  if (wanted === 0 && hits > 0)
    return atLevel(mismatch('reached-upstream', `${status}, and the upstream got it`), claim.level)
  if (words.includes('observe')) return undefined
  const mayEnter = words.includes('accept')
  const mayRefuse = words.some(isRefusing)
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
  // The cases of `responses` ask for one facet each, and no other is theirs.
  const isOneFacet =
    claim.topic === 'responses' &&
    (rule.checks.length > 0 || rule.status !== undefined || rule.header !== undefined)
  if (refusing.length === 0 || isOneFacet) return { found: [], styled: false }
  const { scheme } = bench.checks
  const speech = speechOf(answer, scheme)
  const results = refusing.map((word) => {
    const found = protocolMismatches(answer, word, scheme, rule)
    const usual = claim.topic === 'responses' ? undefined : (bench.style[word] ?? bench.style.reject)
    const own = found.filter(({ kind }) => usual === undefined || !repeats(kind, speech, usual))
    return { found: own, styled: own.length < found.length }
  })
  const [first = { found: [], styled: false }] = results
  const clean = results.filter(({ found }) => found.length === 0)
  return clean.find(({ styled }) => !styled) ?? clean[0] ?? first
}

/** Whether a difference is no other than in how this gateway refuses everything of that sort. */
const repeats = (kind: Mismatch['kind'], one: Speech, usual: Speech): boolean =>
  one.status === usual.status &&
  (kind !== 'no-challenge' || one.scheme === usual.scheme) &&
  (!['wrong-error', 'error-without-credentials'].includes(kind) || one.error === usual.error)

const onceMismatch = (
  { hits, answer }: Outcome,
  rule: Rule,
  witnessed: boolean,
  claim: Claim,
): readonly Mismatch[] => {
  const wanted = rule.hits ?? 1
  const counts = witnessed && answer !== undefined && rule.words.includes('accept')
  return counts && wanted !== 'any' && hits !== wanted
    ? [atLevel(mismatch('not-once', `${hits} of ${wanted} at the upstream`), claim.level)]
    : []
}

/** Where a word names an answer, the status and the error code of the map take the place of its own. */
const isSpoken = ({ words }: Rule, { topic }: Claim): boolean =>
  topic !== 'responses' && words.some(namesAnswer)

const explicitMismatches = (
  { status, error }: Rule,
  answer: Answered,
  scheme: string,
): readonly Mismatch[] => [
  ...(status === undefined || status.includes(answer.status)
    ? []
    : [mismatch('wrong-status', `answered ${answer.status} instead of ${status.join(' or ')}`)]),
  ...(error === undefined || isAmong(speechOf(answer, scheme).error, error)
    ? []
    : [mismatch('wrong-error', `another error code than ${error?.join(' or ') ?? 'none'}`)]),
]

const isAmong = (code: string | undefined, errors: readonly string[] | null): boolean =>
  errors === null ? code === undefined : code !== undefined && errors.includes(code)

const checkMismatches = (
  names: readonly string[],
  answer: Answered,
  level: Level,
  context: CheckContext,
): readonly Mismatch[] =>
  names.flatMap((name) => {
    if (!isCheckName(name)) throw new Error(`no check is called ${name}`)
    const said = checks[name](answer, context)
    return said === undefined ? [] : [atLevel(mismatch(checkKinds[name] ?? 'malformed-answer', said), level)]
  })

/** Kinds without a level of their own have that of the case. */
export const atLevel = (one: Mismatch, level: Level): Mismatch =>
  'level' in mismatchKinds[one.kind] ? one : { ...one, level }
