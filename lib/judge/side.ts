import type { Marker } from '../config/config.ts'
import { grpcStatusOf, headerOf, type Answered } from '../exchange/answer.ts'
import { matches, type Fingerprint } from './fingerprint.ts'

/** What the controls of a route taught about how this gateway says yes and no there. */
export type Lesson = {
  readonly good: Fingerprint
  readonly none: Fingerprint
  readonly unrouted: Fingerprint | undefined
  /** Of a token of which nothing is right, where it was sent and none of it was seen at our upstream. */
  readonly hopeless?: Fingerprint | undefined
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
  if (isSuccess(answer.status)) return letIn
  const isKnownRefusal = matches(answer, none)
  if (matches(answer, good)) return isKnownRefusal || isUnseen(answer, lesson) ? unknown : letIn
  const isRefusal = isRefusalStatus(answer.status) || isKnownRefusal || isUnrouted(answer, unrouted)
  if (isRefusal || answer.status >= 500) return refused
  return refusedOtherwise
}

/** Like the backend's and like a refusal: where the upstream is ours, its hits tell the two apart. */
const isUnseen = (answer: Answered, { unrouted, hopeless, witnessed }: Lesson): boolean =>
  witnessed && (isUnrouted(answer, unrouted) || (hopeless !== undefined && matches(answer, hopeless)))

const isUnrouted = (answer: Answered, unrouted: Fingerprint | undefined): boolean =>
  unrouted !== undefined && matches(answer, unrouted)

/** 2xx, and 101: the protocol was switched for this client. */
export const isSuccess = (status: number): boolean => (status >= 200 && status < 300) || status === 101

const holds = (marker: Marker, answer: Answered): boolean => {
  const { status, header, contains, grpcStatus } = marker
  const value = header === undefined ? undefined : headerOf(answer, header.name)
  return (
    (status?.includes(answer.status) ?? true) &&
    (header === undefined ||
      (value !== undefined && (header.contains === undefined || value.includes(header.contains)))) &&
    (contains === undefined || answer.body.excerpt.includes(contains)) &&
    (grpcStatus?.includes(Number(grpcStatusOf(answer) ?? Number.NaN)) ?? true)
  )
}

export type LessonTrouble = 'marker-missed' | 'good-refused' | 'accepts-everything' | 'indistinguishable'

/**
 * Why nothing can be judged on a route, or undefined where all is well. On a route that is meant to let in without a
 * token there is no `none` to tell the good answer from; `hopeless` is the answer to a token of which nothing is right.
 */
export const lessonTrouble = (
  lesson: Lesson,
  good: Answered,
  none: Answered | undefined,
  hopeless?: Answered,
): LessonTrouble | undefined => {
  // What the upstream saw outweighs what the answers look like.
  if (lesson.witnessed) return undefined
  if (lesson.accepted !== undefined && !holds(lesson.accepted, good)) return 'marker-missed'
  const { side } = readSide(good, 0, lesson)
  const isRefused = isRefusalStatus(good.status) && lesson.accepted === undefined
  if (side === 'refused' || isRefused) return 'good-refused'
  if (side === 'unknown' || looksHopeless(lesson, hopeless)) return 'indistinguishable'
  if (none === undefined || readSide(none, 0, lesson).side === 'refused') return undefined
  return isSuccess(none.status) ? 'accepts-everything' : 'indistinguishable'
}

/** Where nothing is right, and the answer is as to the good token, that token may as well have been refused. */
const looksHopeless = (lesson: Lesson, hopeless: Answered | undefined): boolean =>
  hopeless !== undefined && !isSuccess(hopeless.status) && readSide(hopeless, 0, lesson).side !== 'refused'

const isRefusalStatus = (status: number): boolean => status === 401 || status === 403
