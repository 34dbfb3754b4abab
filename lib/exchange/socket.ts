import type { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Answer } from './answer.ts'
import { openDeadline, type Deadline } from './deadline.ts'
import type { Dialer } from './dial.ts'
import type { Frame } from './frame.ts'
import { openInbox, readAnswer, type Reading } from './inbox.ts'
import { DialError } from './loss.ts'
import { answerOf } from './outcome.ts'

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
        void writeWithLeave(socket, bytes)
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

/** So long is leave to send a body waited for; after that it goes out all the same (RFC 9110 section 10.1.1). */
const leaveMs = 1_000

/** Where the request waits for `100 Continue`, its body does too, and stays unsent behind any other answer. */
const writeWithLeave = async (socket: Socket, bytes: Buffer): Promise<void> => {
  const headEnd = bytes.indexOf('\r\n\r\n') + 4
  const asksLeave = /\r\nexpect:[ \t]*100-continue[ \t]*\r\n/i.test(bytes.toString('latin1', 0, headEnd))
  if (!asksLeave || headEnd === bytes.length) return write(socket, bytes)
  const answered = new Promise<Buffer | undefined>((resolve) => {
    const settle = (piece?: Buffer): void => {
      clearTimeout(timer)
      socket.off('data', settle).off('close', settle)
      resolve(Buffer.isBuffer(piece) ? piece : undefined)
    }
    const timer = setTimeout(settle, leaveMs)
    socket.once('data', settle).once('close', settle)
  })
  await write(socket, bytes.subarray(0, headEnd))
  const heard = await answered
  if (heard === undefined || /^HTTP\/1\.[01] 1/.test(heard.toString('latin1', 0, 10)))
    await write(socket, bytes.subarray(headEnd))
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
