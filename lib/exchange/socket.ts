import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Answer } from './answer.ts'
import { openDeadline, type Deadline } from './deadline.ts'
import type { Dialer } from './dial.ts'
import { openInbox, readAnswer, type Reading } from './inbox.ts'
import { DialError } from './loss.ts'
import { answerOf } from './outcome.ts'

/** A request as it goes on the wire. */
export type Frame = { readonly method: string; readonly bytes: Buffer }

export type SocketOptions = {
  /** All are written before the first answer is read (RFC 9112 section 9.3.2). */
  readonly pipelined: boolean
  /** For connecting and the first answer together, then for each further one. */
  readonly timeoutMs: number
  readonly now: () => number
  readonly signal?: AbortSignal
}

/** Sends the requests over one new connection, byte by byte; the answers stand in the order of the requests. */
export const sendOverSocket = async (
  dialer: Dialer,
  frames: readonly Frame[],
  options: SocketOptions,
): Promise<readonly Answer[]> => {
  const dialled = performance.now()
  const deadline = openDeadline(options.timeoutMs, options.signal)
  try {
    const socket = await dialer.exact(deadline.signal)
    return await converse({ socket, address: dialer.address }, frames, options, deadline)
  } catch (error) {
    if (!(error instanceof DialError)) throw error
    const ms = performance.now() - dialled
    return frames.map(() => ({ kind: 'lost', loss: error.loss, detail: error.message, ms }))
  } finally {
    deadline.clear()
  }
}

const converse = async (
  { socket, address }: { readonly socket: Socket; readonly address: string },
  frames: readonly Frame[],
  { pipelined, timeoutMs, now, signal }: SocketOptions,
  first: Deadline,
): Promise<Answer[]> => {
  const inbox = openInbox(socket)
  const answers: Answer[] = []
  let started = performance.now()
  let lost = false
  try {
    if (pipelined) void write(socket, Buffer.concat(frames.map(({ bytes }) => bytes)))
    for (const [index, { method, bytes }] of frames.entries()) {
      if (!pipelined && !lost) {
        started = performance.now()
        void write(socket, bytes)
      }
      const deadline = () => (index === 0 ? first : openDeadline(timeoutMs, signal))
      const reading: Reading = lost
        ? { kind: 'closed', heard: false }
        : await within(socket, deadline(), () => readAnswer(inbox, method, now))
      signal?.throwIfAborted()
      // Behind an answer whose end was not read nothing can be told apart any more.
      if (reading.kind !== 'answer' || !reading.received.complete) lost = true
      if (lost) socket.destroy()
      answers.push(await answerOf(reading, { address, ms: performance.now() - started, reused: index > 0 }))
    }
    return answers
  } finally {
    socket.destroy()
  }
}

/** Bounds a reading in time by ending the connection. */
const within = async (socket: Socket, deadline: Deadline, read: () => Promise<Reading>): Promise<Reading> => {
  const giveUp = (): void => {
    const reason: unknown = deadline.signal.reason
    socket.destroy(reason instanceof Error ? reason : undefined)
  }
  deadline.signal.addEventListener('abort', giveUp, { once: true })
  if (deadline.signal.aborted) giveUp()
  try {
    return await read()
  } finally {
    deadline.clear()
    deadline.signal.removeEventListener('abort', giveUp)
  }
}

const pieceBytes = 64 * 1024

/** In pieces with a turn of the event loop between, so that an answer which comes early is read before the peer resets. */
const write = async (socket: Socket, bytes: Buffer): Promise<void> => {
  for (let at = 0; at < bytes.length && socket.writable; at += pieceBytes) {
    const piece = bytes.subarray(at, at + pieceBytes)
    await new Promise<void>((resolve) => socket.write(piece, () => resolve()))
    await nextTurn()
  }
}
