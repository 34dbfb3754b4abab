import type { Loss } from '../exchange/answer.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { Note } from '../judge/verdict.ts'
import { attempt, plain, sendOnce, type Attempts, type Manner, type Sent } from './attempt.ts'
import type { Io } from './io.ts'

/** The exchanges of one variant, before anybody has judged them. */
export type Exchanges = {
  readonly sent: readonly Sent[]
  readonly proven?: 'crashes' | 'hangs'
  readonly reason?: string
  readonly notes: readonly Note[]
}

/** The good request beside a case. */
export type ControlBeside = {
  make(): ForgedRequest
  /** Whether it got in. */
  isThrough(sent: readonly Sent[]): boolean
}

/** How often a request that was lost twice is sent again, with a control beside each. */
const repetitions = 6

/**
 * Exchanges one request until its answer counts. One that is lost twice is repeated six times beside its control: lost
 * in at least half of them while no control was lost, the gateway crashes or hangs on it; otherwise the network did it.
 */
export const exchangeTrial = async (
  make: () => ForgedRequest,
  control: ControlBeside,
  io: Io,
  manner: Manner & { readonly closes: boolean },
): Promise<Exchanges> => {
  const first = await attempt(make, io, manner)
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
        : prove(first, { make, control, mayRepeat: (lost) => manner.mayRepeat(lost) }, io)
  }
}

const isLost = ({ answer }: Sent): boolean => answer.kind === 'lost'
/** That a kept connection was closed while nobody used it is no loss. */
const isNoticed = ({ answer }: Sent): boolean => answer.kind === 'lost' && answer.reused !== true
const isClosed = ({ answer }: Sent): boolean =>
  answer.kind === 'lost' && (answer.loss === 'reset' || answer.loss === 'closed')

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
