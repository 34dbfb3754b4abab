import { type Answer, errorAnswer, withHeaders } from './answer.ts'
import type { Decisions } from './decisions.ts'

/** Ways in which a gateway can be odd and yet sound. They lie beyond the deployment specification. */
export type Odd = {
  /** Each answer waits so long. */
  readonly delayMs?: number
  /** Every so many requests, the connection is reset instead of an answer. */
  readonly resetEvery?: number
  /** What is beyond this rate is answered with 429 and `Retry-After`. */
  readonly rateLimit?: { readonly perSecond: number; readonly retryAfterSeconds: number }
  /** The status of every stock response. */
  readonly backendStatus?: number
  /** Headers that are not passed on to a backend, in lower case. */
  readonly stripsHeaders?: readonly string[]
  /** A refusal ends the connection. */
  readonly closesAfterRefusal?: boolean
  /** So many bad tokens within so many seconds, and good ones are refused as well. */
  readonly lockOut?: { readonly after: number; readonly seconds: number }
  /** How long a fetched key set is used, instead of the policy's hours. */
  readonly keySetMaxAgeMs?: number
}

export type Oddity =
  | { readonly kind: 'none' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'limited'; readonly answer: Answer }

/** What befalls the next request, call by call. */
export const oddities = ({ resetEvery, rateLimit }: Odd, now: () => number): (() => Oddity) => {
  let requests = 0
  let second = 0
  let inSecond = 0
  return () => {
    requests += 1
    if (resetEvery !== undefined && requests % resetEvery === 0) return { kind: 'reset' }
    if (rateLimit === undefined) return { kind: 'none' }
    const current = Math.floor(now() / 1000)
    inSecond = current === second ? inSecond + 1 : 1
    second = current
    return inSecond > rateLimit.perSecond
      ? { kind: 'limited', answer: errorAnswer(429, ['Retry-After', String(rateLimit.retryAfterSeconds)]) }
      : { kind: 'none' }
  }
}

/** The decisions that an odd gateway takes in its own way. */
export const oddDecisions = (odd: Odd, next: Decisions): Partial<Decisions> => ({
  passesOn: (name, request) => odd.stripsHeaders?.includes(name) !== true && next.passesOn(name, request),
  refusal: (refusal, standard, request) => {
    const answer = next.refusal(refusal, standard, request)
    return odd.closesAfterRefusal === true ? withHeaders(answer, 'Connection', 'close') : answer
  },
  admit: odd.lockOut === undefined ? next.admit : lockingOut(odd.lockOut, next.admit),
})

const lockingOut = (
  { after, seconds }: { readonly after: number; readonly seconds: number },
  admit: Decisions['admit'],
): Decisions['admit'] => {
  let refusedAt: readonly number[] = []
  return (request, gate, d) => {
    refusedAt = refusedAt.filter((at) => at > gate.nowSeconds - seconds)
    const isLocked = refusedAt.length >= after
    const verdict = admit(request, gate, d)
    if (verdict === 'invalid-token' && !isLocked) refusedAt = [...refusedAt, gate.nowSeconds]
    return verdict === 'admitted' && isLocked ? 'invalid-token' : verdict
  }
}
