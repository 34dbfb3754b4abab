import type { Marker } from '../config/config.ts'
import { headerOf, type Answered } from '../exchange/answer.ts'
import { equal, matches, type Fingerprint } from './fingerprint.ts'

/** What the controls of a route taught about how this gateway says yes and no there. */
export type Lesson = {
  readonly good: Fingerprint
  readonly none: Fingerprint
  readonly unrouted: Fingerprint | undefined
  /** The good control of this run was itself seen at the upstream that we own. */
  readonly witnessed: boolean
  readonly accepted?: Marker
  readonly refused?: Marker
}

export type Side = 'let-in' | 'refused' | 'unknown'

export type Reading = {
  readonly side: Side
  /** Refused by something that may stand in front of the token check: a firewall, a login page. */
  readonly refusedOtherwise: boolean
}

const letIn: Reading = { side: 'let-in', refusedOtherwise: false }
const refused: Reading = { side: 'refused', refusedOtherwise: false }
const refusedOtherwise: Reading = { side: 'refused', refusedOtherwise: true }
const unknown: Reading = { side: 'unknown', refusedOtherwise: false }

/**
 * Whether the request was let in. What reached the upstream decides first, then what the route declares, then the
 * likeness to the controls, and the status alone only where nothing else does.
 */
export const readSide = (answer: Answered, hits: number, lesson: Lesson): Reading => {
  if (hits > 0) return letIn
  const looks = readAnswer(answer, lesson)
  // No hit proves a refusal only on a route whose good control was seen, and never against an answer that looks let in.
  return looks.side === 'unknown' && lesson.witnessed ? refused : looks
}

const readAnswer = (answer: Answered, lesson: Lesson): Reading => {
  const { good, none, unrouted, accepted, refused: refusal } = lesson
  if (refusal !== undefined && holds(refusal, answer)) return refused
  if (accepted !== undefined && holds(accepted, answer)) return letIn
  const asGood = matches(answer, good)
  const success = isSuccess(answer.status)
  if (!success) {
    if (asGood && matches(answer, none)) return unknown
    const known =
      answer.status === 401 || answer.status === 403 || matches(answer, none) || isUnrouted(answer, unrouted)
    if (known && !asGood) return refused
  }
  if (asGood || success) return letIn
  return answer.status >= 500 ? refused : refusedOtherwise
}

const isUnrouted = (answer: Answered, unrouted: Fingerprint | undefined): boolean =>
  unrouted !== undefined && matches(answer, unrouted)

/** 2xx, and 101: the protocol was switched for this client. */
const isSuccess = (status: number): boolean => (status >= 200 && status < 300) || status === 101

const holds = (marker: Marker, answer: Answered): boolean => {
  const { status, header, contains, grpcStatus } = marker
  const value = header === undefined ? undefined : headerOf(answer, header.name)
  return (
    (status?.includes(answer.status) ?? true) &&
    (header === undefined ||
      (value !== undefined && (header.contains === undefined || value.includes(header.contains)))) &&
    (contains === undefined || answer.body.excerpt.includes(contains)) &&
    (grpcStatus?.includes(Number(headerOf(answer, 'grpc-status') ?? Number.NaN)) ?? true)
  )
}

export type LessonTrouble = 'marker-missed' | 'good-refused' | 'accepts-everything' | 'indistinguishable'

/** Why nothing can be judged on a route, or undefined where all is well. */
export const lessonTrouble = (
  lesson: Lesson,
  goodAnswer: Answered,
  noneAnswer: Answered,
): LessonTrouble | undefined => {
  const good = readSide(goodAnswer, lesson.witnessed ? 1 : 0, lesson)
  if (lesson.accepted !== undefined && !holds(lesson.accepted, goodAnswer) && !lesson.witnessed)
    return 'marker-missed'
  if (good.side !== 'let-in') return 'good-refused'
  if (lesson.witnessed) return undefined
  if (isRefusalStatus(lesson.good.status) && lesson.accepted === undefined) return 'good-refused'
  if (equal(lesson.good, lesson.none))
    return isSuccess(lesson.none.status) ? 'accepts-everything' : 'indistinguishable'
  return readSide(noneAnswer, 0, lesson).side === 'let-in' ? 'accepts-everything' : undefined
}

const isRefusalStatus = (status: number): boolean => status === 401 || status === 403
