import type { Route } from '../config/config.ts'
import type { Deviation, Word } from '../config/suite.ts'
import { headerOf, type Answered } from '../exchange/answer.ts'
import type { ClockSample } from '../exchange/clock.ts'
import { commonFingerprint } from '../judge/fingerprint.ts'
import { speechOf, type Speech } from '../judge/protocol.ts'
import { lessonTrouble, type Lesson } from '../judge/side.ts'
import { attempt, type Io, type Sent } from './attempt.ts'
import { goodDeviation, type Job, type MakeRequest } from './job.ts'
import type { Witness } from './witness.ts'

/** What the controls of one route showed. */
export type Taught =
  | { readonly kind: 'taught'; readonly lesson: Lesson; readonly good: Answered; readonly none: Answered }
  | { readonly kind: 'trouble'; readonly trouble: Trouble; readonly sent: readonly Sent[] }

export type Trouble =
  | 'unreachable'
  | 'tls'
  | 'no-answer'
  | 'rate-limited'
  | 'good-refused'
  | 'accepts-everything'
  | 'indistinguishable'
  | 'marker-missed'

const manner = { busyCounts: false, repeatable: true, newConnection: false }

type Controls = Readonly<Record<'good' | 'none' | 'unrouted', readonly Sent[]>>

/** Sends the controls of a route, twice each, and reads from them how this gateway says yes and no there. */
export const teach = async (
  name: Job['route'],
  route: Route,
  make: MakeRequest,
  { io, witness }: { io: Io; witness: Witness },
): Promise<Taught & { readonly samples: readonly ClockSample[] }> => {
  const control = async (deviation: Deviation): Promise<readonly Sent[]> => {
    const first = await attempt(() => make(deviation), io, manner)
    if (first.outcome !== 'answered') return first.sent
    return [...first.sent, ...(await attempt(() => make(deviation), io, manner)).sent]
  }
  const good = await control(goodDeviation(name))
  if (answersOf(good).length === 0)
    return { kind: 'trouble', trouble: lossTrouble(good), sent: good, samples: [] }
  const none = await control({ ...goodDeviation(name), carry: 'none' })
  const unrouted = await control({ carry: 'none', request: { route: 'unrouted' } })
  const samples = [...good, ...none, ...unrouted].flatMap(clockSample)
  return { ...read(name, route, { good, none, unrouted }, witness), samples }
}

const read = (
  name: Job['route'],
  route: Route,
  { good, none, unrouted }: Controls,
  witness: Witness,
): Taught => {
  const sent = [...good, ...none, ...unrouted]
  const [goodAnswer] = answersOf(good)
  const [noneAnswer] = answersOf(none)
  const goodPrint = commonFingerprint(answersOf(good))
  const nonePrint = commonFingerprint(answersOf(none))
  if (
    goodAnswer === undefined ||
    noneAnswer === undefined ||
    goodPrint === undefined ||
    nonePrint === undefined
  )
    return { kind: 'trouble', trouble: lossTrouble(sent), sent }
  const lesson: Lesson = {
    good: goodPrint,
    none: nonePrint,
    unrouted: commonFingerprint(answersOf(unrouted)),
    witnessed: good.some((one) => witness.hitsFor(one).length > 0),
    ...(route.accepted === undefined ? {} : { accepted: route.accepted }),
    ...(route.refused === undefined ? {} : { refused: route.refused }),
  }
  // On these two a request without a token is meant to get in.
  const open = name === 'public' || name === 'optional'
  const trouble = open ? undefined : lessonTrouble(lesson, goodAnswer, noneAnswer)
  if (trouble !== undefined) return { kind: 'trouble', trouble, sent }
  return { kind: 'taught', lesson, good: goodAnswer, none: noneAnswer }
}

/** The answers that count among these attempts. */
export const answersOf = (sent: readonly Sent[]): readonly Answered[] =>
  sent.flatMap(({ answer }) =>
    answer.kind === 'answered' && answer.status !== 429 && answer.status !== 503 ? [answer] : [],
  )

const lossTrouble = (sent: readonly Sent[]): Trouble => {
  const last = sent.at(-1)?.answer
  if (last?.kind === 'answered') return 'rate-limited'
  if (last?.loss === 'tls') return 'tls'
  return last?.loss === 'unreachable' ? 'unreachable' : 'no-answer'
}

const clockSample = ({ answer }: Sent): ClockSample[] => {
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
  { io, scheme }: { io: Io; scheme: string },
): Promise<Readonly<Partial<Record<Word, Speech>>>> => {
  const style: Partial<Record<Word, Speech>> = {}
  for (const word of ['challenge', 'reject', 'forbid'] as const) {
    const deviation = controls[word]
    if (deviation === undefined) continue
    const { sent } = await attempt(() => make(deviation), io, manner)
    const answer = answersOf(sent).at(-1)
    if (answer !== undefined && answer.status >= 300) style[word] = speechOf(answer, scheme)
  }
  return style
}
