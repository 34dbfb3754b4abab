import { headerOf, type Answer } from '../exchange/answer.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { isBusy, type Io } from './io.ts'
import { asksForNonce } from './nonce.ts'

/** One attempt: what was sent under which id, and what came back; `before` to the request that went first, `next` to the one that followed on its connection. */
export type Sent = {
  readonly request: ForgedRequest
  readonly id: string
  readonly answer: Answer
  readonly before?: Answer
  readonly next?: Answer
  /** The step of a case of several that sent it. */
  readonly step?: string
  /** It was answered by a demand for a proof with another nonce, which the next attempt has. */
  readonly superseded?: true
}

/** When the token of a request ends, as it says itself: seconds since the epoch. */
export const endOfToken = ({ token }: ForgedRequest): number | undefined => {
  const claims = token?.claims
  const exp = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : undefined
  return typeof exp === 'number' ? exp : undefined
}

/** What became of a request: all its attempts, and whether the last of them counts. */
export type Attempts = {
  readonly sent: readonly Sent[]
  readonly outcome:
    'answered' | 'lost-twice' | 'lost-unrepeatable' | 'rate-limited' | 'unreachable' | 'interrupted'
}

export type Manner = {
  /** Of 429 and 503 those that are a verdict here and no request to wait. */
  readonly counting: readonly number[]
  /** Whether what was lost may be sent again: a method that is not safe, only where it did not arrive. */
  mayRepeat(lost: Sent): boolean
  readonly newConnection: boolean
  /** So often is a request sent that is answered by 429 or 503; six times where it is left out. */
  readonly busyTries?: number
}

/** The manner of controls: safe by the configuration's word, and never about 429 or 503. */
export const plain: Manner = { counting: [], mayRepeat: () => true, newConnection: false }

const mostBusyTries = 6
const unreachableTries = 3
const followerTries = 3
const pauseMs = 200

/**
 * Sends until an answer counts: 429 and 503 are waited out as `Retry-After` says, a lost attempt is tried once more
 * after a pause, and one that was lost with a kept connection that the gateway had closed meanwhile is no loss at all.
 * A demand for another nonce in the DPoP proof is met once (RFC 9449 section 9).
 */
export const attempt = async (make: () => ForgedRequest, io: Io, manner: Manner): Promise<Attempts> => {
  const sent: Sent[] = []
  const tries = { busy: 0, stale: 0, lost: 0, unreachable: 0, nonce: 0, follower: 0 }
  for (;;) {
    const newConnection = manner.newConnection || tries.stale + tries.lost > 0
    const one = await sendOnce(make, io, newConnection)
    if (one === 'interrupted') return { sent, outcome: 'interrupted' }
    const { answer } = one
    if (one.request.takesNonce === true && asksForNonce(answer) && ++tries.nonce === 1) {
      sent.push({ ...one, superseded: true })
      continue
    }
    sent.push(one)
    if (answer.kind === 'answered') {
      if (!isBusy(answer) || manner.counting.includes(answer.status)) {
        const isWhole = !isFollowerUnanswered(one) || ++tries.follower === followerTries
        if (isWhole || !manner.mayRepeat(one)) return { sent, outcome: 'answered' }
        await io.sleep(pauseMs)
        continue
      }
      const again =
        ++tries.busy < (manner.busyTries ?? mostBusyTries) && io.slowDown(headerOf(answer, 'retry-after'))
      if (!again) return { sent, outcome: 'rate-limited' }
      continue
    }
    switch (answer.loss) {
      case 'tls':
        if (one.request.certificate === undefined) return { sent, outcome: 'unreachable' }
        // Without its certificate a client may be turned away before it has said a word.
        if (++tries.lost === 2) return { sent, outcome: 'lost-twice' }
        break
      case 'unreachable':
        if (++tries.unreachable === unreachableTries) return { sent, outcome: 'unreachable' }
        break
      default:
        if (answer.reused === true && tries.stale === 0) tries.stale += 1
        else if (++tries.lost === 2) return { sent, outcome: 'lost-twice' }
    }
    // The pause lets a hit arrive late; only then is it known whether the request may be repeated.
    await io.sleep(pauseMs)
    if (answer.loss !== 'unreachable' && !manner.mayRepeat(one)) return { sent, outcome: 'lost-unrepeatable' }
  }
}

/** What followed on the connection was lost, or met by a demand for patience: once, that says nothing of the gateway. */
const isFollowerUnanswered = ({ next }: Sent): boolean =>
  next !== undefined && (next.kind === 'lost' || isBusy(next))

/** One attempt with an id of its own. */
export const sendOnce = async (
  make: () => ForgedRequest,
  io: Io,
  newConnection: boolean,
): Promise<Sent | 'interrupted'> => {
  let request = make()
  if (request.connection !== undefined || request.next !== undefined) return sendOnConnection(request, io)
  const before =
    request.before === undefined
      ? undefined
      : await io.send(request.before, { attemptId: io.newId(), newConnection })
  if (before === 'interrupted') return before
  const id = io.newId()
  const anew = () => {
    request = make()
    return request
  }
  const answer = await io.send(request, { attemptId: id, newConnection, anew })
  return answer === 'interrupted'
    ? answer
    : { request, id, answer, ...(before === undefined ? {} : { before }) }
}

/** With its neighbours, on a connection that is theirs alone. */
const sendOnConnection = async (request: ForgedRequest, io: Io): Promise<Sent | 'interrupted'> => {
  const { before, next, connection = 'same' } = request
  const requests = [before, request, next].flatMap((one) => one ?? [])
  const subject = before === undefined ? 0 : 1
  const attemptIds = requests.map(() => io.newId())
  const answers = await io.sendTogether(requests, { attemptIds, connection, subject })
  if (answers === 'interrupted') return answers
  const id = attemptIds[subject]
  const answer = answers[subject]
  if (id === undefined || answer === undefined) throw new Error('a request without an outcome')
  const [first] = answers
  const last = answers.at(-1)
  return {
    request,
    id,
    answer,
    ...(before === undefined || first === undefined ? {} : { before: first }),
    ...(next === undefined || last === undefined ? {} : { next: last }),
  }
}
