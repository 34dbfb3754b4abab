import { headerOf, type Answer } from '../exchange/answer.ts'
import type { Pace } from '../exchange/pace.ts'
import type { ForgedRequest } from '../forge/request.ts'

/** One attempt: what was sent under which id, and what came back. */
export type Sent = { readonly request: ForgedRequest; readonly id: string; readonly answer: Answer }

/** How requests leave this process, and how long it may wait between them. */
export type Io = {
  send(request: ForgedRequest, options: { attemptId: string; newConnection: boolean }): Promise<Answer>
  readonly pace: Pace
  sleep(ms: number): Promise<void>
  newId(): string
}

/** What became of a request: all its attempts, and whether the last of them counts. */
export type Attempts = {
  readonly sent: readonly Sent[]
  readonly outcome: 'answered' | 'lost-twice' | 'lost-unrepeatable' | 'rate-limited' | 'unreachable'
}

export type Manner = {
  /** Whether an answer with 429 or 503 is a verdict here and not a request to wait. */
  readonly busyCounts: boolean
  /** A method that is not safe is not sent again. */
  readonly repeatable: boolean
  readonly newConnection: boolean
}

const busyTries = 6
const unreachableTries = 3
const pauseMs = 200

/**
 * Sends until an answer counts: 429 and 503 are waited out as `Retry-After` says, a lost attempt is tried once more
 * after a pause, and one that was lost with a kept connection that the gateway had closed meanwhile is no loss at all.
 */
export const attempt = async (make: () => ForgedRequest, io: Io, manner: Manner): Promise<Attempts> => {
  const sent: Sent[] = []
  const tries = { busy: 0, stale: 0, lost: 0, unreachable: 0 }
  for (;;) {
    const request = make()
    const id = io.newId()
    const newConnection = manner.newConnection || tries.stale + tries.lost > 0
    const answer = await io.pace.run(() => io.send(request, { attemptId: id, newConnection }))
    sent.push({ request, id, answer })
    if (answer.kind === 'answered') {
      if (manner.busyCounts || !isBusy(answer.status)) return { sent, outcome: 'answered' }
      if (++tries.busy === busyTries) return { sent, outcome: 'rate-limited' }
      io.pace.slowDown(headerOf(answer, 'retry-after'))
      continue
    }
    switch (answer.loss) {
      case 'tls':
        return { sent, outcome: 'unreachable' }
      case 'unreachable':
        if (++tries.unreachable === unreachableTries) return { sent, outcome: 'unreachable' }
        break
      default:
        if (!manner.repeatable) return { sent, outcome: 'lost-unrepeatable' }
        if (answer.reused === true && tries.stale === 0) tries.stale += 1
        else if (++tries.lost === 2) return { sent, outcome: 'lost-twice' }
    }
    await io.sleep(pauseMs)
  }
}

const isBusy = (status: number): boolean => status === 429 || status === 503
