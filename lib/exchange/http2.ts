import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2'
import type { ForgedRequest } from '../forge/request.ts'
import type { Answer } from './answer.ts'
import { openDeadline } from './deadline.ts'
import type { Dialer } from './dial.ts'
import { withFields } from './header-block.ts'
import type { Reading } from './inbox.ts'
import { DialError } from './loss.ts'
import { answerOf } from './outcome.ts'
import { bodyBytes, type Head } from './parser.ts'

export type Http2Options = {
  /** All streams are open before the first answer is read. */
  readonly pipelined: boolean
  /** For connecting, and then for each answer. */
  readonly timeoutMs: number
  readonly now: () => number
  readonly signal?: AbortSignal
  /** What `:authority` says. */
  readonly host: string
}

/**
 * Sends the requests as streams of one new HTTP/2 connection; the answers stand in their order. The fields go out as they
 * are, repetitions included, but in lower case (RFC 9113 section 8.2.1) and without those of HTTP/1.1 connections.
 */
export const sendOverHttp2 = async (
  dialer: Dialer,
  requests: readonly ForgedRequest[],
  options: Http2Options,
): Promise<readonly Answer[]> => {
  const dialled = performance.now()
  const deadline = openDeadline(options.timeoutMs, options.signal)
  try {
    const socket = await dialer.http2(deadline.signal)
    deadline.clear()
    const scheme = 'encrypted' in socket ? 'https' : 'http'
    const session = connect(`${scheme}://${options.host}`, {
      createConnection: () => withFields(socket, requests.map(fieldsOf)),
    })
    try {
      return await converse(session, requests, dialer.address, options)
    } finally {
      session.destroy()
      socket.destroy()
    }
  } catch (error) {
    if (!(error instanceof DialError)) throw error
    const ms = performance.now() - dialled
    return requests.map(() => ({ kind: 'lost', loss: error.loss, detail: error.message, ms }))
  } finally {
    deadline.clear()
  }
}

/** RFC 9113 section 8.2.2: what belongs to an HTTP/1.1 connection has no place here, and Host is `:authority`. */
const connectionFields = [
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]

const fieldsOf = ({ headers }: ForgedRequest): ForgedRequest['headers'] =>
  headers
    .map(([name, value]) => [name.toLowerCase(), value] as const)
    .filter(([name]) => !connectionFields.includes(name))

const converse = async (
  session: ClientHttp2Session,
  requests: readonly ForgedRequest[],
  address: string,
  { pipelined, timeoutMs, now, signal, host }: Http2Options,
): Promise<readonly Answer[]> => {
  let trouble: Error | undefined
  // Whoever has a stream hears of it there; this keeps what comes in between from ending the process.
  session.on('error', (error: Error) => {
    trouble ??= error
  })
  const exchange = async (request: ForgedRequest, index: number): Promise<Answer> => {
    const started = performance.now()
    const deadline = openDeadline(timeoutMs, signal)
    try {
      const reading: Reading =
        session.destroyed || session.closed
          ? { kind: 'closed', heard: false }
          : await readStream(openStream(session, request, host), deadline.signal, now)
      signal?.throwIfAborted()
      const isBroken = reading.kind === 'closed' && trouble !== undefined
      return await answerOf(isBroken ? { kind: 'failed', error: trouble, heard: false } : reading, {
        address,
        ms: performance.now() - started,
        reused: index > 0,
      })
    } finally {
      deadline.clear()
    }
  }
  if (pipelined) return Promise.all(requests.map(exchange))
  const answers: Answer[] = []
  for (const [index, request] of requests.entries()) answers.push(await exchange(request, index))
  return answers
}

const openStream = (
  session: ClientHttp2Session,
  { method, target, body }: ForgedRequest,
  host: string,
): ClientHttp2Stream => {
  const stream = session.request(
    { ':method': method, ':path': target, ':authority': host },
    { endStream: body === undefined },
  )
  if (body !== undefined) stream.end(body)
  return stream
}

/** Reads the answer on a stream, bounded; `signal` gives up. */
const readStream = (stream: ClientHttp2Stream, signal: AbortSignal, now: () => number): Promise<Reading> => {
  const pieces: Buffer[] = []
  let left = bodyBytes
  let head: Head | undefined
  let trailers: Head['headers'] = []
  const received = (complete: boolean) => head && { head, body: Buffer.concat(pieces), complete, trailers }
  return new Promise((resolve) => {
    const settle = (reading: Reading): void => {
      signal.removeEventListener('abort', giveUp)
      resolve(reading)
      stream.destroy()
    }
    const answer = (complete: boolean): void => {
      const all = received(complete)
      settle(
        all ? { kind: 'answer', received: all, rest: Buffer.alloc(0) } : { kind: 'closed', heard: false },
      )
    }
    const fail = (error: unknown): void => {
      const all = received(false)
      settle({ kind: 'failed', error, heard: all !== undefined, ...(all && { received: all }) })
    }
    const giveUp = (): void => fail(signal.reason)
    signal.addEventListener('abort', giveUp, { once: true })
    if (signal.aborted) giveUp()
    stream.on('response', ({ ':status': status = 0, ...fields }) => {
      head = { status, headers: Object.entries(fields).flatMap(fieldLines), receivedAt: now() }
    })
    stream.on('trailers', (fields: IncomingHttpHeaders) => {
      trailers = Object.entries(fields).flatMap(fieldLines)
    })
    stream.on('data', (piece: Buffer) => {
      pieces.push(piece.subarray(0, left))
      left = Math.max(0, left - piece.length)
      if (left === 0) answer(false)
    })
    stream.on('end', () => {
      if (head !== undefined) answer(true)
    })
    stream.on('error', fail)
    stream.on('close', () => answer(false))
  })
}

/** What a field has several values for, once each. */
export const fieldLines = ([name, value]: [
  string,
  string | readonly string[] | undefined,
]): Head['headers'] => [value ?? []].flat().map((one) => [name, one])
