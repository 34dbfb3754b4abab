import type { Level } from '../config/suite.ts'
import type { Answered } from '../exchange/answer.ts'
import { checkKinds, checks, isCheckName, type CheckContext } from './checks.ts'
import type { Bench, Claim, Outcome } from './judge.ts'
import { mismatch, namesAnswer, protocolMismatches, sameSpeech, speechOf } from './protocol.ts'
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
  const spoken =
    outcome.side === 'refused' ? spokenMismatches(rule, answer, claim, bench) : { found: [], styled: false }
  const more = [
    ...(outcome.side === 'let-in' ? onceMismatch(outcome, rule, bench.lesson.witnessed, claim) : []),
    ...(isSpoken(rule, claim) ? [] : explicitMismatches(rule, answer, bench.checks.scheme)),
    ...checkMismatches(rule.checks, answer, claim.level, bench.checks),
  ]
  return { found: [...spoken.found, ...more], styled: spoken.styled }
}

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
  const [preferred] = refusing
  // The cases of `responses` ask for one facet each, and no other is theirs.
  const isOneFacet = claim.topic === 'responses' && (rule.checks.length > 0 || rule.status !== undefined)
  if (preferred === undefined || isOneFacet) return { found: [], styled: false }
  const { scheme } = bench.checks
  const results = refusing.map((word) => protocolMismatches(answer, word, scheme, rule))
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
