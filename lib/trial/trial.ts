import type { Loss } from '../exchange/answer.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { Note } from '../judge/verdict.ts'
import { attempt, type Attempts, type Io, type Manner, type Sent } from './attempt.ts'

/** The exchanges of one variant, before anybody has judged them. */
export type Exchanges = {
  readonly sent: readonly Sent[]
  readonly proven?: 'crashes' | 'hangs'
  readonly reason?: string
  readonly notes: readonly Note[]
}

/** How often a request that was lost twice is sent again, with a control beside each. */
const repetitions = 6

/**
 * Exchanges one request until its answer counts. One that is lost twice is repeated six times beside its control: lost
 * in at least half of them while no control was lost, the gateway crashes or hangs on it; otherwise the network did it.
 */
export const exchangeTrial = async (
  make: () => ForgedRequest,
  makeControl: () => ForgedRequest,
  io: Io,
  manner: Manner & { readonly closes: boolean },
): Promise<Exchanges> => {
  const first = await attempt(make, io, manner)
  switch (first.outcome) {
    case 'answered':
      return { sent: first.sent, notes: first.sent.some(isLost) ? ['lost-once'] : [] }
    case 'rate-limited':
    case 'unreachable':
      return { sent: first.sent, reason: first.outcome, notes: [] }
    case 'lost-unrepeatable':
      return { sent: first.sent, reason: 'lost', notes: [] }
    case 'lost-twice':
      return manner.closes && first.sent.every(isClosed)
        ? closing(first, makeControl, io)
        : prove(first, make, makeControl, io)
  }
}

const isLost = ({ answer }: Sent): boolean => answer.kind === 'lost'
const isClosed = ({ answer }: Sent): boolean =>
  answer.kind === 'lost' && (answer.loss === 'reset' || answer.loss === 'closed')

/** Closing the connection is a refusal, if the gateway still takes a new one and lets its control in. */
const closing = async (first: Attempts, makeControl: () => ForgedRequest, io: Io): Promise<Exchanges> => {
  const control = await attempt(makeControl, io, { busyCounts: false, repeatable: true, newConnection: true })
  return control.outcome === 'answered'
    ? { sent: first.sent, notes: ['closed'] }
    : { sent: first.sent, reason: 'control-lost', notes: [] }
}

const prove = async (
  first: Attempts,
  make: () => ForgedRequest,
  makeControl: () => ForgedRequest,
  io: Io,
): Promise<Exchanges> => {
  const sent: Sent[] = [...first.sent]
  const losses: Loss[] = []
  let controlsLost = 0
  const once = async (maker: () => ForgedRequest): Promise<Sent> => {
    const request = maker()
    const id = io.newId()
    return {
      request,
      id,
      answer: await io.pace.run(() => io.send(request, { attemptId: id, newConnection: true })),
    }
  }
  for (let turn = 0; turn < repetitions; turn++) {
    const tried = await once(make)
    sent.push(tried)
    if (tried.answer.kind === 'lost') losses.push(tried.answer.loss)
    const control = await once(makeControl)
    if (control.answer.kind === 'lost') controlsLost += 1
  }
  if (controlsLost > 0) return { sent, reason: 'control-lost', notes: [] }
  if (losses.length * 2 < repetitions) return { sent, notes: ['lost-once'] }
  const timeouts = losses.filter((loss) => loss === 'timeout').length
  return { sent, proven: timeouts * 2 >= losses.length ? 'hangs' : 'crashes', notes: [] }
}
