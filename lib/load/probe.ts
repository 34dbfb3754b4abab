import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { addressOf, type Endpoint } from './endpoint.ts'
import type { AnswerHead } from './engine.ts'
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
  let socket: Socket | undefined
  let dialled: Socket | undefined
  const drop = (): void => {
    socket?.destroy()
    socket = undefined
  }
  const abort = (): void => {
    dialled?.destroy(new Error('interrupted'))
  }
  signal?.addEventListener('abort', abort)
  return {
    close: () => {
      signal?.removeEventListener('abort', abort)
      drop()
    },
    exchange: async (bytes) => {
      if (signal?.aborted === true) return { kind: 'lost', detail: 'interrupted' }
      try {
        socket ??= await connect(endpoint, timeoutMs, (made) => (dialled = made))
        const probed = await exchange(socket, bytes, bodyBytes)
        if (!probed.keptOpen) drop()
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

const connect = (endpoint: Endpoint, timeoutMs: number, onDial: (socket: Socket) => void): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const { host, port, tls } = endpoint
    const socket =
      tls === undefined
        ? connectTcp({ host, port })
        : connectTls({
            host,
            port,
            ...tls.options,
            ...(tls.servername === undefined ? {} : { servername: tls.servername }),
            rejectUnauthorized: !tls.insecure,
          })
    onDial(socket)
    const fail = (detail: string) => {
      socket.destroy()
      reject(new ProbeError(`${addressOf(endpoint)}: ${detail}`))
    }
    socket.setNoDelay(true)
    socket.setTimeout(timeoutMs)
    socket.once('timeout', () => fail(`nothing within ${timeoutMs} ms`))
    socket.once('error', (error: Error) => fail(error.message))
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      socket.removeAllListeners('error')
      socket.removeAllListeners('timeout')
      // Between two exchanges nobody else listens; the next one finds the socket destroyed.
      socket.on('error', () => socket.destroy())
      resolve(socket)
    })
  })

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
    const sentAt = performance.now()
    socket.write(bytes)
  })
