import type { Socket } from 'node:net'
import { Client, errors, type Dispatcher } from 'undici'
import type { Answer } from './answer.ts'
import { openDeadline } from './deadline.ts'
import type { Dialer } from './dial.ts'
import { sectionBytes } from './framing.ts'
import { fieldLines } from './http2.ts'
import type { Reading } from './inbox.ts'
import { answerOf } from './outcome.ts'
import { bodyBytes, type Head, type Received } from './parser.ts'

/** A request that an ordinary client writes as it stands. */
export type PlainRequest = {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array
}

export type SendOptions = {
  readonly timeoutMs: number
  readonly now: () => number
  readonly signal?: AbortSignal
  /** On a connection that serves nothing else. */
  readonly newConnection: boolean
}

/** Keeps connections alive, each with one request under way. */
export type KeepAliveClient = {
  send(request: PlainRequest, options: SendOptions): Promise<Answer>
  /** Ends the connections; what is under way fails. */
  close(): Promise<void>
}

/** A connection, or what will open one when it is needed; it serves one request at a time. */
type Lane = {
  readonly client: Client
  signal: AbortSignal
  served: number
  socket?: Socket
  /** What the socket said first; the client may say only that the connection ended. */
  trouble?: Error | undefined
}

/** At most so many connections, apart from those that are asked to be new. */
export const openClient = (origin: string, dialer: Dialer, connections: number): KeepAliveClient => {
  const open = new Set<Lane>()
  const idle: Lane[] = []
  const waiting: (() => void)[] = []
  let leased = 0
  let closed = false

  const createLane = (signal: AbortSignal): Lane => {
    const connect: Client.Options['connect'] = (_, callback) => {
      dialer.ordinary(lane.signal).then(
        (socket) => {
          Object.assign(lane, { served: 0, socket, trouble: undefined })
          socket.once('error', (error) => (lane.trouble = error))
          callback(null, socket)
        },
        (error: unknown) => callback(error instanceof Error ? error : new Error('given up'), null),
      )
    }
    const limits = { pipelining: 1, maxHeaderSize: sectionBytes, headersTimeout: 0, bodyTimeout: 0 }
    const lane: Lane = { served: 0, signal, client: new Client(origin, { ...limits, connect }) }
    open.add(lane)
    return lane
  }
  const enter = async (): Promise<void> => {
    if (leased >= connections) await new Promise<void>((resolve) => waiting.push(resolve))
    else leased += 1
  }
  const leave = (): void => {
    const next = waiting.shift()
    if (next) next()
    else leased -= 1
  }
  const drop = async (lane: Lane): Promise<void> => {
    open.delete(lane)
    await lane.client.destroy()
  }

  /** The lane goes back only when the answer was read to its end: what is left of one would be taken for the next. */
  const sendOn = async (lane: Lane, request: PlainRequest, options: SendOptions): Promise<Answer> => {
    let whole = false
    try {
      const { reading, ms, reused } = await exchangeOn(lane, request, options.now)
      options.signal?.throwIfAborted()
      whole =
        reading.kind === 'answer' && reading.received.complete && !mayClose(reading.received.head.status)
      return await answerOf(reading, { address: dialer.address, ms, reused })
    } finally {
      if (whole && !options.newConnection && open.has(lane)) idle.push(lane)
      else await drop(lane)
    }
  }
  const send = async (request: PlainRequest, options: SendOptions): Promise<Answer> => {
    options.signal?.throwIfAborted()
    if (closed) throw new Error('the exchange is closed')
    const deadline = openDeadline(options.timeoutMs, options.signal)
    const lane = (options.newConnection ? undefined : idle.pop()) ?? createLane(deadline.signal)
    lane.signal = deadline.signal
    try {
      return await sendOn(lane, request, options)
    } finally {
      deadline.clear()
    }
  }

  return {
    async send(request, options) {
      if (options.newConnection) return send(request, options)
      await enter()
      try {
        return await send(request, options)
      } finally {
        leave()
      }
    },
    async close() {
      closed = true
      await Promise.all([...open].map(drop))
    },
  }
}

/**
 * Servers that could not read a request often close behind their answer without having said so: what is sent there next
 * would be lost, and not every method may be sent twice.
 */
const mayClose = (status: number): boolean => [400, 408, 413, 414, 431].includes(status)

type Sent = { readonly reading: Reading; readonly ms: number; readonly reused: boolean }

const exchangeOn = (lane: Lane, request: PlainRequest, now: () => number): Promise<Sent> => {
  const pieces: Buffer[] = []
  let left = bodyBytes
  let head: Head | undefined
  let started = performance.now()
  let reused = lane.served > 0 && lane.socket?.destroyed === false
  let readBefore = lane.socket?.bytesRead

  const received = (complete: boolean): Received | undefined =>
    head && { head, body: Buffer.concat(pieces), complete }

  return new Promise((resolve) => {
    const settle = (reading: Reading): void => {
      lane.signal.removeEventListener('abort', giveUp)
      resolve({ reading, ms: performance.now() - started, reused })
    }
    // Before there is a connection the dialler hears of the signal, and knows how far it came.
    const giveUp = (): void => {
      const reason: unknown = lane.signal.reason
      if (lane.socket?.destroyed === false) void lane.client.destroy(reason instanceof Error ? reason : null)
    }
    lane.signal.addEventListener('abort', giveUp, { once: true })

    lane.client.dispatch(dispatchOptions(request), {
      onRequestStart() {
        started = performance.now()
        reused = lane.served > 0
        readBefore = lane.socket?.bytesRead
      },
      onResponseStart(controller, status) {
        if (status >= 200)
          head = { status, headers: headersFrom(controller.rawHeaders, lane), receivedAt: now() }
      },
      onResponseData(controller, piece) {
        pieces.push(piece.subarray(0, left))
        const over = piece.length > left
        left = Math.max(0, left - piece.length)
        if (over) controller.abort(new BeyondBound())
      },
      onResponseEnd(_, fields) {
        lane.served += 1
        const whole = received(true)
        const all = whole && { ...whole, trailers: Object.entries(fields).flatMap(fieldLines) }
        if (all) settle({ kind: 'answer', received: all, rest: Buffer.alloc(0) })
      },
      onResponseError(_, error) {
        // Over HTTP/2 the connection itself talks, too.
        const heard = !isHttp2(lane) && lane.socket?.bytesRead !== readBefore
        const first = error instanceof errors.SocketError ? lane.trouble : undefined
        settle(readingOf(first ?? error, received(false), heard))
      },
    })
  })
}

class BeyondBound extends Error {}

const dispatchOptions = ({ method, target, headers, body }: PlainRequest): Dispatcher.DispatchOptions => ({
  method,
  path: target,
  headers: headers.flat(),
  ...(body && { body: Buffer.from(body) }),
})

/** One character a byte; over HTTP/2 the client has turned the characters into UTF-8 on the way. */
const headersFrom = (raw: Dispatcher.DispatchController['rawHeaders'], lane: Lane): Head['headers'] => {
  if (!Array.isArray(raw)) throw new TypeError('the client hands on no raw headers')
  const parts: readonly (Buffer | string)[] = raw
  const texts = parts.map((part) =>
    typeof part === 'string' ? part : part.toString(isHttp2(lane) ? 'utf8' : 'latin1'),
  )
  return texts.flatMap((name, at) => (at % 2 === 0 ? [[name, texts[at + 1] ?? ''] as const] : []))
}

const isHttp2 = ({ socket }: Lane): boolean =>
  socket !== undefined && 'alpnProtocol' in socket && socket.alpnProtocol === 'h2'

/** The client's errors in our words; every other failure is read by its code. */
const readingOf = (error: Error, received: Received | undefined, heard: boolean): Reading => {
  const answer = received && { kind: 'answer' as const, received, rest: Buffer.alloc(0) }
  const malformed = (detail: string): Reading => ({
    kind: 'malformed',
    detail,
    ...(received && { received }),
  })
  if (error instanceof BeyondBound && answer) return answer
  if (error instanceof errors.SocketError) {
    return /bad (response|upgrade)/.test(error.message)
      ? malformed('an interim answer that nobody asked for')
      : (answer ?? { kind: 'closed', heard })
  }
  if (error instanceof errors.HTTPParserError) {
    return error.code === 'HPE_INVALID_EOF_STATE'
      ? (answer ?? { kind: 'closed', heard })
      : malformed(`what is not HTTP/1.1 (${error.code})`)
  }
  if (error instanceof errors.HeadersOverflowError)
    return malformed('a line or header section that is too long')
  if (error instanceof errors.ResponseContentLengthMismatchError) {
    // The length in a 304 is that of what was not sent (RFC 9110 section 8.6); the client misses it all the same.
    if (answer?.received.head.status === 304)
      return { ...answer, received: { ...answer.received, complete: true } }
    return answer ?? malformed('no usable Content-Length')
  }
  return { kind: 'failed', error, heard, ...(received && { received }) }
}
