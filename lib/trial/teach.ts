import type { Route } from '../config/config.ts'
import type { Deviation } from '../config/deviation.ts'
import type { Word } from '../config/expect.ts'
import { headerOf, type Answered } from '../exchange/answer.ts'
import type { ClockSample } from '../exchange/clock.ts'
import { commonFingerprint, type Fingerprint } from '../judge/fingerprint.ts'
import { speechOf, type Speech } from '../judge/protocol.ts'
import { isSuccess, lessonTrouble, readSide, type Lesson } from '../judge/side.ts'
import type { Hit } from '../serve/hit.ts'
import { attempt, plain, type Sent } from './attempt.ts'
import { isBusy, type Io } from './io.ts'
import { controlRoute, goodDeviation, type Job, type MakeRequest } from './job.ts'
import type { Witness } from './witness.ts'

/** What was learned of one route, and what its good control answered. */
export type Learned = {
  readonly lesson: Lesson
  readonly good: Answered
  /** What it came to at the upstream that we own. */
  readonly goodHits: readonly Hit[]
  /** The method that it was sent with. */
  readonly goodMethod?: string
  /** Whether the answer of a path that no route has is no yes here, so that keeping out can be told from letting in. */
  readonly keepsApart: boolean
}

/** What the controls of one route showed. */
export type Taught = ({ readonly kind: 'taught' } & Learned) | Untaught

/** Why they showed nothing, and what was sent; the good control first. */
export type Untaught = { readonly kind: 'trouble'; readonly trouble: Trouble; readonly sent: readonly Sent[] }

export type Trouble =
  | 'unreachable'
  | 'tls'
  | 'no-answer'
  | 'rate-limited'
  | 'good-refused'
  | 'accepts-everything'
  | 'indistinguishable'
  | 'marker-missed'
  | 'interrupted'

/** The route that is taught. */
export type Subject = {
  readonly name: Job['route']
  readonly route: Route
  /** How the gateway refuses without a token, where this route is meant to let in without one. */
  readonly refusal?: Fingerprint
  /** A token of which nothing is right: whoever looks at tokens refuses it, as it refuses bad ones. */
  readonly hopeless: Deviation
}

/** Sends the controls of a route, twice each, and reads from them how this gateway says yes and no there. */
export const teach = async (
  subject: Subject,
  make: MakeRequest,
  { io, witness }: { io: Io; witness: Witness },
): Promise<Taught & { readonly samples: readonly ClockSample[] }> => {
  const home = goodDeviation(subject.name)
  const good = await settled(home, make, io)
  if (!hasAnswer(good)) return { ...lossTrouble(good), samples: [] }
  const none = await twice({ ...home, carry: 'none' }, make, io)
  const unrouted = await twice({ carry: 'none', request: { route: 'unrouted' } }, make, io)
  // A yes that is no 2xx may be the no of a gateway that hides what it protects from bad tokens, and from good ones.
  const hopeless = answersOf(good.sent).some(({ status }) => isSuccess(status))
    ? unasked
    : await twice({ ...subject.hopeless, ...home }, make, io)
  const samples = [good, none, unrouted, hopeless].flatMap(({ sent }) => sent.flatMap(clockSample))
  return { ...read(subject, { good, none, unrouted, hopeless }, witness), samples }
}

const unasked: Control = { sent: [], interrupted: false }

/** The attempts of one control, and why there are no more of them. */
type Control = { readonly sent: readonly Sent[]; readonly interrupted: boolean }

const twice = async (deviation: Deviation, make: MakeRequest, io: Io): Promise<Control> => {
  const sent: Sent[] = []
  for (let turn = 0; turn < 2; turn++) {
    const { sent: some, outcome } = await attempt(() => make(deviation), io, plain)
    sent.push(...some)
    if (outcome !== 'answered') return { sent, interrupted: outcome === 'interrupted' }
  }
  return { sent, interrupted: false }
}

/** A backend may answer every good request by 500; a trouble that passes is told from that by looking again. */
const settled = async (deviation: Deviation, make: MakeRequest, io: Io): Promise<Control> => {
  let control = await twice(deviation, make, io)
  for (const pauseMs of troublePausesMs) {
    if (control.interrupted || !answersOf(control.sent).some(({ status }) => status >= 500)) break
    await io.sleep(pauseMs)
    control = await twice(deviation, make, io)
  }
  return control
}

const troublePausesMs = [500, 1500, 3000]

const hasAnswer = ({ sent }: Control): boolean => answersOf(sent).length > 0

const read = (
  { name, route, refusal }: Subject,
  { good, none, unrouted, hopeless }: Readonly<Record<'good' | 'none' | 'unrouted' | 'hopeless', Control>>,
  witness: Witness,
): Taught => {
  const [goodAnswer] = answersOf(good.sent)
  const [noneAnswer] = answersOf(none.sent)
  const goodPrint = commonFingerprint(answersOf(good.sent))
  const nonePrint = commonFingerprint(answersOf(none.sent))
  if (goodAnswer === undefined || goodPrint === undefined) return lossTrouble(good)
  if (noneAnswer === undefined || nonePrint === undefined) return lossTrouble(none)
  const lesson: Lesson = {
    good: goodPrint,
    none: isOpen(name) && refusal !== undefined ? refusal : nonePrint,
    unrouted: commonFingerprint(answersOf(unrouted.sent)),
    hopeless: hopeless.sent.some((one) => witness.hitsFor(one).length > 0)
      ? undefined
      : commonFingerprint(answersOf(hopeless.sent)),
    // One control that came another way would make a missing hit prove nothing.
    witnessed: good.sent.every((one) => !counts(one) || witness.hitsFor(one).length > 0),
    ...(route.accepted === undefined ? {} : { accepted: route.accepted }),
    ...(route.refused === undefined ? {} : { refused: route.refused }),
  }
  const trouble = lessonTrouble(
    lesson,
    goodAnswer,
    isOpen(name) ? undefined : noneAnswer,
    name === 'public' ? undefined : answersOf(hopeless.sent)[0],
  )
  if (trouble !== undefined)
    return { kind: 'trouble', trouble, sent: [...good.sent, ...none.sent, ...unrouted.sent] }
  return {
    kind: 'taught',
    lesson,
    good: goodAnswer,
    goodHits: good.sent.flatMap((one) => witness.hitsFor(one)),
    ...(good.sent[0] === undefined ? {} : { goodMethod: good.sent[0].request.method }),
    keepsApart: keepsApart(unrouted.sent, lesson, witness),
  }
}

/** On these a request without a token is meant to get in. */
const isOpen = (name: Job['route']): boolean => name === 'public' || name === 'optional'

/** Where no answer came to such a path, only a yes that is a 2xx is surely no answer to it. */
const keepsApart = (unrouted: readonly Sent[], lesson: Lesson, witness: Witness): boolean => {
  const answered = unrouted.flatMap((one) =>
    counts(one) && one.answer.kind === 'answered' ? [{ one, answer: one.answer }] : [],
  )
  return answered.length === 0
    ? isSuccess(lesson.good.status)
    : answered.every(
        ({ one, answer }) => readSide(answer, witness.hitsFor(one).length, lesson).side === 'refused',
      )
}

/** The answers that count among these attempts. */
export const answersOf = (sent: readonly Sent[]): readonly Answered[] =>
  sent.flatMap((one) => (counts(one) && one.answer.kind === 'answered' ? [one.answer] : []))

const counts = ({ answer, superseded }: Sent): boolean =>
  answer.kind === 'answered' && !isBusy(answer) && superseded !== true

const lossTrouble = ({ sent, interrupted }: Control): Untaught => {
  const last = sent.at(-1)?.answer
  const trouble = (kind: Trouble) => ({ kind: 'trouble', trouble: kind, sent }) as const
  if (interrupted || last === undefined) return trouble('interrupted')
  if (last.kind === 'answered') return trouble('rate-limited')
  return trouble(last.loss === 'tls' || last.loss === 'unreachable' ? last.loss : 'no-answer')
}

/** What an answer says of the target’s clock, if anything. */
export const clockSample = ({ answer }: Sent): ClockSample[] => {
  if (answer.kind === 'lost') return []
  const date = headerOf(answer, 'date')
  const age = headerOf(answer, 'age')
  const via = headerOf(answer, 'via')
  return [
    {
      ...(date === undefined ? {} : { date }),
      ...(age === undefined ? {} : { age }),
      ...(via === undefined ? {} : { via }),
      receivedAt: answer.receivedAt,
      ms: answer.ms,
    },
  ]
}

/** How this gateway refuses, from one refusal of each sort; a sort that cannot be made here teaches nothing. */
export const learnStyle = async (
  controls: Readonly<Partial<Record<Word, Deviation>>>,
  make: MakeRequest,
  { io, scheme, lessons }: { io: Io; scheme: string; lessons: ReadonlyMap<Job['route'], Learned> },
): Promise<Readonly<Partial<Record<Word, Speech>>>> => {
  const style: Partial<Record<Word, Speech>> = {}
  for (const word of ['challenge', 'reject', 'forbid'] as const) {
    const deviation = controls[word]
    if (deviation === undefined) continue
    const { sent } = await attempt(() => make(deviation), io, plain)
    const answer = answersOf(sent).at(-1)
    if (answer === undefined) continue
    const lesson = lessons.get(controlRoute(deviation))?.lesson
    if (answer.status >= 300 || isDeclaredRefusal(answer, lesson)) style[word] = speechOf(answer, scheme)
  }
  return style
}

/** Where a route refuses by 200, its marker tells that from letting in. */
const isDeclaredRefusal = (answer: Answered, lesson: Lesson | undefined): boolean =>
  lesson?.refused !== undefined && readSide(answer, 0, lesson).side === 'refused'
