import type { Word } from '../config/expect.ts'
import { headersOf, type Answered } from '../exchange/answer.ts'
import { challengeOf, paramOf, readChallenges, type Challenge } from './challenge.ts'
import { quote } from './quote.ts'
import type { Rule } from './rule.ts'
import { mismatchKinds, type Mismatch, type MismatchKind } from './verdict.ts'

/** How a refusal is spoken: what is compared where a gateway's style is judged once. */
export type Speech = {
  readonly status: number
  /** The scheme of the challenge that was looked at, or that of the first, or undefined where there is none. */
  readonly scheme: string | undefined
  readonly error: string | undefined
}

/** The status, the challenge and the error code of an answer. */
export const speechOf = (answer: Answered, scheme: string): Speech => {
  const read = readChallenges(headersOf(answer, 'www-authenticate'))
  const challenge = challengeOf(read, scheme) ?? read.challenges[0]
  return {
    status: answer.status,
    scheme: challenge?.scheme.toLowerCase(),
    error: paramOf(challenge, 'error'),
  }
}

export const sameSpeech = (one: Speech, other: Speech): boolean =>
  one.status === other.status && one.scheme === other.scheme && one.error === other.error

type Wanted = { readonly statuses: readonly number[]; readonly error: readonly string[] | null }

/** RFC 6750 section 3.1; `null`: no error code, since no credentials were sent. */
const wanted: Readonly<Partial<Record<Word, Wanted>>> = {
  challenge: { statuses: [401], error: null },
  reject: { statuses: [401], error: ['invalid_token'] },
  forbid: { statuses: [403], error: ['insufficient_scope'] },
  'bad-request': { statuses: [400, 401], error: ['invalid_request'] },
}

/** Whether the word names an answer, whose status and error code a map can say otherwise. */
export const namesAnswer = (word: Word): boolean => wanted[word] !== undefined

/**
 * How a refusal differs from the answer that the word names; `scheme` is that of the target's credentials, and what
 * `own` has takes the place of what the word says.
 */
export const protocolMismatches = (
  answer: Answered,
  word: Word,
  scheme: string,
  own: Pick<Rule, 'status' | 'error'> = { status: undefined, error: undefined },
): readonly Mismatch[] => {
  const { status } = answer
  const isListed = own.status?.includes(status) === true
  if (status >= 500 && !isListed && !(word === 'keep-out' && status === 501))
    return [mismatch('server-error', `answered ${status}`)]
  if (word === 'keep-out') return []
  const standard = wanted[word]
  if (standard === undefined)
    return status >= 400 ? [] : [mismatch('wrong-status', `answered ${status} instead of a 4xx`)]
  const rule: Wanted = {
    statuses: own.status ?? standard.statuses,
    error: own.error === undefined ? standard.error : own.error,
  }
  const found: Mismatch[] = []
  const read = readChallenges(headersOf(answer, 'www-authenticate'))
  const challenge = challengeOf(read, scheme)
  if (!rule.statuses.includes(status))
    found.push(mismatch('wrong-status', `answered ${status} instead of ${String(rule.statuses[0])}`))
  if (status === 401 && challenge === undefined) {
    const others = read.challenges.map((one) => quote(one.scheme)).join(', ')
    found.push(
      mismatch('no-challenge', others === '' ? 'no WWW-Authenticate header' : `only ${others}, no ${scheme}`),
    )
  }
  found.push(...errorMismatches(challenge, rule, status))
  return found
}

const errorMismatches = (
  challenge: Challenge | undefined,
  rule: Wanted,
  status: number,
): readonly Mismatch[] => {
  const error = paramOf(challenge, 'error')
  if (rule.error === null)
    return error === undefined ? [] : [mismatch('error-without-credentials', `error=${quote(error)}`)]
  // With another status, or without a challenge, the error code is not a finding of its own.
  if (challenge === undefined && status === 401) return []
  if (!rule.statuses.includes(status) || (error !== undefined && rule.error.includes(error))) return []
  if (rule.error[0] === 'invalid_request' && status === 401) return []
  const seen = error === undefined ? 'no error code' : `error=${quote(error)}`
  return [mismatch('wrong-error', `${seen} instead of ${rule.error.join(' or ')}`)]
}

/** How often the key set was fetched, where that is too often. */
export const fetchDetail = (counted: number, most: number): string =>
  `the key set was fetched ${counted > 50 ? 'more than 50' : counted} times, expected at most ${most}`

/** A mismatch of a kind whose level does not depend on the case. */
export const mismatch = (kind: MismatchKind, detail: string): Mismatch => {
  const info = mismatchKinds[kind]
  return { kind, safety: info.safety, level: 'level' in info ? info.level : 'should', detail }
}
