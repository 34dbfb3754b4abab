import { longDelay, shortDelay } from '../forge/delay.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { attempt, plain, type Attempts, type Manner, type Sent } from './attempt.ts'
import type { Io } from './io.ts'
import { exchangeTrial, type ControlBeside, type Exchanges } from './trial.ts'

/** A request that holds a sleep, and the good one beside it. */
export type Sleeper = {
  readonly make: (seconds: number) => ForgedRequest
  readonly control: ControlBeside
  readonly manner: Manner & { readonly closes: boolean }
}

/** The answer to a sleep comes within so much of its end, and that to a good request within so much: milliseconds. */
const withinMs = 1_000
/** Two machines do not measure the same sleep alike. */
const unevenMs = 50
/** After so long without an answer the request is at work, and the good one is sent: milliseconds. */
const settledMs = 300

const turns = 6
/**
 * In which order three of each sleep can be sent: a short one first, since most gateways sleep none, and not all of those.
 * Most have a long one next, which ends it soon where every answer is as slow.
 */
export const orders: readonly (readonly number[])[] = Array.from({ length: turns - 1 }, (_, at) => at + 1)
  .flatMap((one, _, all) => all.filter((other) => other > one).map((other) => [0, one, other]))
  .filter((short) => short.join() !== '0,1,2')
  .map((short) => Array.from({ length: turns }, (_, at) => (short.includes(at) ? shortDelay : longDelay)))
  .toReversed()

const mixedOrder = [shortDelay, longDelay, shortDelay, longDelay, longDelay, shortDelay]

/** Of several that are played side by side each has an order of its own, so that none can pass for another. */
const orderOf = (index: number): readonly number[] => {
  const order = orders[index % orders.length]
  if (order === undefined) throw new Error('there are orders')
  return order
}

/**
 * Exchanges a request with a sleep until its answer counts, as any other. Where that comes when the sleep is over, it is
 * sent with two sleeps, three times each, a good request after each: when all answers follow their sleep, and no good one
 * is slow, what stands in the request is executed. The first that does not ends it, and time has decided nothing.
 */
export const sleepAlone = async ({ make, control, manner }: Sleeper, io: Io): Promise<Exchanges> => {
  const sent: Sent[] = []
  const notes = new Set<string>()
  for (const seconds of mixedOrder) {
    const tried = await exchangeTrial(() => make(seconds), control, io, manner)
    sent.push(...tried.sent)
    for (const note of tried.notes) notes.add(note)
    if (tried.reason !== undefined || tried.proven !== undefined) return { ...tried, sent, notes: [...notes] }
    if (!isSlept(tried.sent, seconds)) return { sent, notes: slowNotes(sent, notes) }
    const beside = await attempt(() => control.make(), io, plain)
    if (beside.outcome === 'interrupted') return { sent, reason: 'interrupted', notes: [...notes] }
    if (beside.outcome.startsWith('lost')) return { sent, reason: 'control-lost', notes: [...notes] }
    if (!isPrompt(beside, control)) return { sent, notes: slowNotes(sent, notes) }
  }
  return { sent, executed: true, notes: [...notes] }
}

/**
 * The same beside others of its kind, with the good request while the sleep lasts: where that gets through, no sleep
 * keeps others waiting. What is neither proven nor answered before its sleep could be over is doubtful, and has to be
 * played alone.
 */
export const sleepBeside = async (
  { make, control, manner }: Sleeper,
  io: Io,
  index: number,
): Promise<Exchanges> => {
  const sent: Sent[] = []
  for (const [turn, seconds] of orderOf(index).entries()) {
    const pending = attempt(() => make(seconds), io, manner)
    const [tried, beside] = await Promise.all([pending, controlDuring(pending, control, io)])
    sent.push(...tried.sent)
    if (tried.outcome === 'interrupted' || beside?.outcome === 'interrupted')
      return { sent, reason: 'interrupted', notes: [] }
    if (tried.outcome === 'lost-unrepeatable') return { sent, reason: 'lost', notes: [] }
    const isTold = tried.outcome === 'answered' && tried.sent.length === 1
    if (turn === 0 && isTold && isEarly(tried.sent, seconds)) return { sent, notes: slowNotes(sent, []) }
    const isProven =
      isTold && isSlept(tried.sent, seconds) && beside !== undefined && isPrompt(beside, control)
    if (!isProven) return { sent, isDoubtful: true, notes: slowNotes(sent, []) }
  }
  return { sent, executed: true, notes: [] }
}

/** The good request once the other is at work; undefined where that was answered before. */
const controlDuring = async (
  pending: Promise<Attempts>,
  control: ControlBeside,
  io: Io,
): Promise<Attempts | undefined> => {
  const isAnswered = await Promise.race([pending.then(() => true), io.sleep(settledMs).then(() => false)])
  return isAnswered ? undefined : attempt(() => control.make(), io, plain)
}

const isEarly = (sent: readonly Sent[], seconds: number): boolean => msOf(sent) <= seconds * 1000 - unevenMs

const isSlept = (sent: readonly Sent[], seconds: number): boolean => {
  const late = msOf(sent) - seconds * 1000
  return late > -unevenMs && late < withinMs
}

const isPrompt = ({ sent, outcome }: Attempts, control: ControlBeside): boolean =>
  outcome === 'answered' && control.isThrough(sent) && sent.every(isQuick)

/** That a kept connection was closed while nobody used it takes no time. */
const isQuick = ({ answer }: Sent): boolean =>
  answer.kind === 'answered' ? answer.ms < withinMs : answer.reused === true

/** How long the answer took that counts. */
const msOf = (sent: readonly Sent[]): number => {
  const answer = sent.at(-1)?.answer
  return answer?.kind === 'answered' ? answer.ms : Number.NaN
}

const slowNotes = (sent: readonly Sent[], notes: Iterable<string>): readonly string[] => [
  ...notes,
  ...(sent.some((one) => msOf([one]) >= withinMs) ? ['slow'] : []),
]
