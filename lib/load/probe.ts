import type { Socket } from 'node:net'
import { openDeadline, TimedOut } from '../exchange/deadline.ts'
import { codeOf, DialError } from '../exchange/loss.ts'
import { openConnected, Untrusted } from './dial.ts'
import { addressOf, type Endpoint } from './endpoint.ts'
import type { AnswerHead } from './engine.ts'
import { probeSession } from './http2-probe.ts'
import { openSession, SessionError } from './http2-session.ts'
import { ResponseReader } from './response-reader.ts'

export type Probed =
  | {
      readonly kind: 'answered'
      readonly answer: AnswerHead
      /** From sending to the answer's last byte. */
      readonly microseconds: number
      /** Whether the next request goes over the same connection. */
      readonly keptOpen: boolean
    }
  | { readonly kind: 'lost'; readonly detail: string }

/** One connection of our own that sends one request at a time, and connects anew where it was closed. */
export type Probe = {
  exchange(bytes: Uint8Array): Promise<Probed>
  close(): void
}

/** Certificates are verified as Node.js does it, unless the endpoint says otherwise. The signal ends what is in flight. */
export const openProbe = (
  endpoint: Endpoint,
  timeoutMs: number,
  bodyBytes: number,
  signal?: AbortSignal,
): Probe => {
  let wire: Wire | undefined
  const drop = (): void => {
    wire?.destroy()
    wire = undefined
  }
  const abort = (): void => wire?.destroy()
  signal?.addEventListener('abort', abort)
  return {
    close: () => {
      signal?.removeEventListener('abort', abort)
      drop()
    },
    exchange: async (bytes) => {
      if (signal?.aborted === true) return { kind: 'lost', detail: 'interrupted' }
      try {
        wire ??= await connect({ endpoint, timeoutMs, bodyBytes }, signal)
        const probed = await wire.exchange(bytes)
        if (probed.kind === 'lost' || !probed.keptOpen) drop()
        return probed
      } catch (error) {
        drop()
        if (error instanceof ProbeError) return { kind: 'lost', detail: error.message }
        throw error
      }
    },
  }
}

/** The peer's doing, or the network's. */
class ProbeError extends Error {}

type Wire = { exchange(bytes: Uint8Array): Promise<Probed>; destroy(): void }

export type ProbeSettings = {
  readonly endpoint: Endpoint
  readonly timeoutMs: number
  readonly bodyBytes: number
}

const connect = async (settings: ProbeSettings, signal?: AbortSignal): Promise<Wire> => {
  const { endpoint, timeoutMs, bodyBytes } = settings
  const deadline = openDeadline(timeoutMs, signal)
  try {
    if (endpoint.http2 === true) {
      const session = await openSession(endpoint, deadline.signal)
      return { exchange: (bytes) => probeSession(session, bytes, settings), destroy: () => session.destroy() }
    }
    const socket = await openConnected(endpoint, deadline.signal)
    socket.setNoDelay(true)
    socket.setTimeout(timeoutMs)
    // Between two exchanges nobody else listens; the next one finds the socket destroyed.
    socket.on('error', () => socket.destroy())
    return { exchange: (bytes) => exchange(socket, bytes, bodyBytes), destroy: () => socket.destroy() }
  } catch (error) {
    const reason: unknown = deadline.signal.reason
    if (reason instanceof TimedOut)
      throw new ProbeError(`${addressOf(endpoint)}: nothing within ${timeoutMs} ms`)
    if (
      error instanceof Error &&
      (kinds.some((kind) => error instanceof kind) || codeOf(error) !== undefined)
    )
      throw new ProbeError(`${addressOf(endpoint)}: ${error.message}`)
    throw error
  } finally {
    deadline.clear()
  }
}

const kinds = [DialError, Untrusted, SessionError] as const

const exchange = (
  socket: Socket,
  bytes: Uint8Array,
  bodyBytes: number,
): Promise<Probed & { kind: 'answered' }> =>
  new Promise((resolve, reject) => {
    const reader = new ResponseReader(bodyBytes)
    const settle = (failure?: string): void => {
      const microseconds = (performance.now() - sentAt) * 1000
      for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener)
      if (failure !== undefined) reject(new ProbeError(failure))
      else resolve({ kind: 'answered', answer: reader.answer, microseconds, keptOpen: reader.keepAlive })
    }
    const listeners = {
      data: (chunk: Buffer) => {
        const read = reader.push(chunk)
        if (read !== 'more') settle(read === 'done' ? undefined : 'not an HTTP response')
      },
      end: () => settle(reader.end() ? undefined : 'the connection was closed without an answer'),
      close: () => settle('the connection was closed'),
      timeout: () => settle('no answer in time'),
    }
    if (socket.destroyed || socket.readableEnded) {
      reject(new ProbeError('the connection was closed'))
      return
    }
    for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener)
    socket.resume()
    const sentAt = performance.now()
    socket.write(bytes)
  })
