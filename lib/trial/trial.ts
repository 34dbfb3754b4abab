import type { Loss } from '../exchange/answer.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { Expect } from '../config/expect.ts'
import type { Mismatch, Note } from '../judge/verdict.ts'
import type { Job } from './job.ts'
import { attempt, plain, sendOnce, type Attempts, type Manner, type Sent } from './attempt.ts'
import type { Io } from './io.ts'

/** The exchanges of one variant, before anybody has judged them. */
export type Exchanges = {
  readonly sent: readonly Sent[]
  readonly proven?: 'crashes' | 'hangs'
  /** A sleep in the request is slept, for as long as it says. */
  readonly executed?: true
  /** Beside others it came to nothing that could be believed: it has to be played alone. */
  readonly isDoubtful?: true
  readonly reason?: string
  readonly notes: readonly Note[]
  /** Of a case of several steps: which it is, and what it is judged by. */
  readonly step?: PlayedStep
  /** How often the key set was fetched meanwhile, beyond what time going by explains. */
  readonly fetches?: number
  /** What was measured, in words. */
  readonly measured?: Readonly<Record<string, string>>
  /** What was found beside the answers. */
  readonly found?: readonly Mismatch[]
  /** The steps that follow would only say the same again. */
  readonly isLast?: boolean
  /** The feature that turned out to be missing. */
  readonly missing?: string
}

export type PlayedStep = {
  readonly name: string
  readonly expect: Expect
  readonly route: Job['route']
  /** Of 429 and 503 those that are a verdict here. */
  readonly counting: readonly number[]
}

/** The good request beside a case. */
export type ControlBeside = {
  make(): ForgedRequest
  /** Whether it got in. */
  isThrough(sent: readonly Sent[]): boolean
  /** Where a step has changed what good requests depend on, none beside the case says anything. */
  readonly isIdle?: boolean
}

/** How often a request that was lost twice is sent again, with a control beside each. */
const repetitions = 6

/**
 * Exchanges one request until its answer counts. One that is lost twice is repeated six times beside its control: lost
 * in at least half of them while no control was lost, the gateway crashes or hangs on it; otherwise the network did it.
 * One that is answered by 503 whenever it is sent, while its control gets through each time, is not waited for any longer:
 * 503 is no answer, and who limits bad tokens alone says it to bad tokens alone.
 */
export const exchangeTrial = async (
  make: () => ForgedRequest,
  control: ControlBeside,
  io: Io,
  manner: Manner & { readonly closes: boolean },
): Promise<Exchanges> => {
  const suspect = { make, control, mayRepeat: (lost: Sent) => manner.mayRepeat(lost) }
  const hasty = await attempt(make, io, { ...manner, busyTries: hastyTries })
  const unavailable = isGivenUp(hasty) ? await proveUnavailable(hasty, suspect, io) : undefined
  if (unavailable !== undefined) return unavailable
  const first = hasty.outcome === 'rate-limited' ? await afterwards(hasty, make, io, manner) : hasty
  switch (first.outcome) {
    case 'answered':
      return { sent: first.sent, notes: first.sent.some(isNoticed) ? ['lost-once'] : [] }
    case 'rate-limited':
    case 'unreachable':
    case 'interrupted':
      return { sent: first.sent, reason: first.outcome, notes: [] }
    case 'lost-unrepeatable':
      return { sent: first.sent, reason: 'lost', notes: [] }
    case 'lost-twice':
      return manner.closes && first.sent.every(isClosed)
        ? closing(first, control, io)
        : prove(first, suspect, io)
  }
}

/** So often is a busy answer met before the control beside is asked. */
const hastyTries = 2
const unavailableTurns = 3

const isGivenUp = ({ sent, outcome }: Attempts): boolean =>
  outcome === 'rate-limited' && sent.every(isUnavailable)
const isUnavailable = ({ answer }: Sent): boolean => answer.kind === 'answered' && answer.status === 503

/** The same request with all the patience that there is, after what was sent of it before. */
const afterwards = async (
  before: Attempts,
  make: () => ForgedRequest,
  io: Io,
  manner: Manner,
): Promise<Attempts> => {
  const { sent, outcome } = await attempt(make, io, manner)
  return { sent: [...before.sent, ...sent], outcome }
}

/** An overload would not spare every control and meet every one of these; undefined where waiting may help. */
const proveUnavailable = async (
  { sent: before }: Attempts,
  suspect: Suspect,
  io: Io,
): Promise<Exchanges | undefined> => {
  const { control } = suspect
  if (control.isIdle === true) return undefined
  const sent: Sent[] = [...before]
  for (let turn = 0; turn < unavailableTurns; turn++) {
    const beside = await sendOnce(() => control.make(), io, false)
    if (beside === 'interrupted') return { sent, reason: 'interrupted', notes: [] }
    if (!control.isThrough([beside])) return undefined
    const tried = await sendOnce(() => suspect.make(), io, false)
    if (tried === 'interrupted') return { sent, reason: 'interrupted', notes: [] }
    sent.push(tried)
    if (!isUnavailable(tried)) return undefined
  }
  return { sent, reason: 'unavailable', notes: [] }
}

const isLost = ({ answer }: Sent): boolean => answer.kind === 'lost'
/** That a kept connection was closed while nobody used it is no loss. */
const isNoticed = ({ answer }: Sent): boolean => answer.kind === 'lost' && answer.reused !== true
const isClosed = ({ answer }: Sent): boolean =>
  answer.kind === 'lost' && ['reset', 'closed', 'tls'].includes(answer.loss)

/** Closing the connection is a refusal, if the gateway still takes a new one and lets its control in. */
const closing = async ({ sent }: Attempts, control: ControlBeside, io: Io): Promise<Exchanges> => {
  const beside = await attempt(() => control.make(), io, { ...plain, newConnection: true })
  if (beside.outcome === 'interrupted') return { sent, reason: 'interrupted', notes: [] }
  if (beside.outcome !== 'answered') return { sent, reason: 'control-lost', notes: [] }
  return control.isThrough(beside.sent)
    ? { sent, notes: ['closed'] }
    : { sent, reason: 'control-refused', notes: [] }
}

type Suspect = {
  make(): ForgedRequest
  readonly control: ControlBeside
  mayRepeat(lost: Sent): boolean
}

const prove = async ({ sent: before }: Attempts, suspect: Suspect, io: Io): Promise<Exchanges> => {
  const sent: Sent[] = [...before]
  const losses: Loss[] = []
  for (let turn = 0; turn < repetitions; turn++) {
    if (!sent.every((one) => !isLost(one) || suspect.mayRepeat(one)))
      return { sent, reason: 'lost', notes: [] }
    const tried = await sendOnce(() => suspect.make(), io, true)
    if (tried === 'interrupted') return { sent, reason: 'interrupted', notes: [] }
    sent.push(tried)
    if (tried.answer.kind === 'lost') losses.push(tried.answer.loss)
    if (suspect.control.isIdle === true) continue
    const beside = await sendOnce(() => suspect.control.make(), io, true)
    if (beside === 'interrupted') return { sent, reason: 'interrupted', notes: [] }
    if (isLost(beside)) return { sent, reason: 'control-lost', notes: [] }
  }
  return { sent, ...provenBy(losses) }
}

/** What is no HTTP is an answer of a sort: neither a yes nor a no, and no crash. */
const provenBy = (losses: readonly Loss[]): Pick<Exchanges, 'proven' | 'reason' | 'notes'> => {
  if (losses.length * 2 < repetitions) return { notes: ['lost-once'] }
  const of = (...kinds: readonly Loss[]) => losses.filter((loss) => kinds.includes(loss)).length * 2
  if (of('timeout') >= losses.length) return { proven: 'hangs', notes: [] }
  if (of('reset', 'closed', 'timeout') >= losses.length) return { proven: 'crashes', notes: [] }
  return { reason: 'malformed-answer', notes: [] }
}
