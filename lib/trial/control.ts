import { readSide, type Lesson } from '../judge/side.ts'
import { attempt, endOfToken, plain, type Sent } from './attempt.ts'
import type { Io } from './io.ts'
import { goodDeviation, type Job, type MakeRequest } from './job.ts'
import type { Lasting } from './lasting.ts'
import { answersOf } from './teach.ts'
import type { Witness } from './witness.ts'

/** What the controls between cases are made and read with. */
export type ControlSetting = {
  readonly io: Io
  readonly make: MakeRequest
  readonly witness: Witness
  readonly lessons: ReadonlyMap<Job['route'], { readonly lesson: Lesson }>
  /** The target's clock, seconds since the epoch. */
  readonly now: () => number
  readonly lasting: Lasting
}

/** Why good requests do not get through at the moment, as the reason of what cannot be judged for it. */
export type Setback = {
  readonly reason:
    'locked-out' | 'token-expired' | 'unreachable' | 'control-lost' | 'rate-limited' | 'interrupted'
  readonly sent: readonly Sent[]
}

/** Sends the good request of each route; undefined where all of them are let in. */
export const sendControls = async (
  routes: ReadonlySet<Job['route']>,
  setting: ControlSetting,
): Promise<Setback | undefined> => {
  const all = await Promise.all([...routes].map((route) => sendControl(route, setting)))
  return all.find((setback) => setback !== undefined)
}

const sendControl = async (route: Job['route'], setting: ControlSetting): Promise<Setback | undefined> => {
  const { io, make, now, lasting } = setting
  await lasting.renew()
  const { sent, outcome } = await attempt(() => make(goodDeviation(route)), io, plain)
  switch (outcome) {
    case 'answered':
      if (isThrough(sent, route, setting)) return undefined
      return { reason: isExpired(sent, now(), lasting) ? 'token-expired' : 'locked-out', sent }
    case 'lost-twice':
    case 'lost-unrepeatable':
      return { reason: 'control-lost', sent }
    default:
      return { reason: outcome, sent }
  }
}

/** Whether the good request of a route was let in. */
export const isThrough = (
  sent: readonly Sent[],
  route: Job['route'],
  { witness, lessons }: Pick<ControlSetting, 'witness' | 'lessons'>,
): boolean => {
  const lesson = lessons.get(route)?.lesson
  const answer = answersOf(sent).at(-1)
  if (lesson === undefined || answer === undefined) return false
  return readSide(answer, sent.flatMap((one) => witness.hitsFor(one)).length, lesson).side === 'let-in'
}

/** A good token that somebody else issued may end before the run does. */
const isExpired = (sent: readonly Sent[], now: number, lasting: Lasting): boolean => {
  const end = lasting.endOf('good')
  if (end !== undefined && end <= now) return true
  const last = sent.at(-1)
  return last !== undefined && (endOfToken(last.request) ?? Infinity) <= now
}
