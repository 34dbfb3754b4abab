import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import { isIP, type Socket } from 'node:net'
import { openConnected } from './dial.ts'
import type { Endpoint } from './endpoint.ts'
import type { AnswerHead, Loss } from './engine.ts'
import { streamRequest } from './http2-fields.ts'

/** Of a peer that allows more, no more are in flight on one connection. */
const mostStreams = 100

/** No HTTP/2 came about on a connection that stood. */
export class SessionError extends Error {
  override readonly name = 'SessionError'
}

/** Opens a connection and waits until the peer has said how many streams it allows. Rejects as `openConnected` does. */
export const openSession = async (endpoint: Endpoint, signal: AbortSignal): Promise<ClientHttp2Session> => {
  const socket = await openConnected(endpoint, signal, endpoint.tls === undefined ? undefined : ['h2'])
  if (endpoint.tls !== undefined && !speaksHttp2(socket)) {
    socket.destroy()
    throw new SessionError('the target does not speak HTTP/2: see target.http')
  }
  const session = connect(`${schemeOf(endpoint)}://${authorityOf(endpoint)}`, {
    createConnection: () => socket,
    settings: { enablePush: false },
  })
  return await settled(session, signal)
}

const speaksHttp2 = (socket: Socket): boolean => 'alpnProtocol' in socket && socket.alpnProtocol === 'h2'

const settled = (session: ClientHttp2Session, signal: AbortSignal): Promise<ClientHttp2Session> =>
  new Promise((resolve, reject) => {
    const abort = (): void => session.destroy(new SessionError('the peer sent no settings'))
    signal.addEventListener('abort', abort, { once: true })
    // Whoever has a stream hears of it there; this keeps what comes in between from ending the process.
    session.on('error', (error: Error) => reject(error))
    session.once('close', () => {
      signal.removeEventListener('abort', abort)
      reject(new SessionError('the connection was closed before it was agreed on'))
    })
    session.once('remoteSettings', () => {
      signal.removeEventListener('abort', abort)
      resolve(session)
    })
    if (signal.aborted) abort()
  })

/** How many streams a session carries at once. */
export const streamsOf = (session: ClientHttp2Session): number =>
  Math.max(1, Math.min(mostStreams, session.remoteSettings.maxConcurrentStreams ?? mostStreams))

export const schemeOf = ({ tls }: Endpoint): 'http' | 'https' => (tls === undefined ? 'http' : 'https')

const authorityOf = ({ host, port }: Endpoint): string => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`

/** What becomes of a request: one of the two, once. */
export type StreamEvents = {
  readonly answered: (answer: AnswerHead) => void
  readonly broken: (ending: Loss, detail: string) => void
}

/** A request in flight, which can be given up; nothing more is told of it then. */
export type Flight = { giveUp(): void }

/** Sends a request as a stream of a session that stands, and reads its answer, holding no more of the body than asked. */
export const sendStream = (
  session: ClientHttp2Session,
  bytes: Uint8Array,
  { scheme, bodyBytes }: { readonly scheme: 'http' | 'https'; readonly bodyBytes: number },
  events: StreamEvents,
): Flight => {
  const { fields, body } = streamRequest(bytes, scheme)
  const stream = session.request(fields, { endStream: body === undefined })
  if (body !== undefined) stream.end(body)
  let head: { readonly status: number; readonly headers: readonly string[] } | undefined
  let kept: Buffer = nothing
  let trailers: readonly string[] = []
  let isOver = false
  const settle = (tell: () => void): void => {
    if (isOver) return
    isOver = true
    tell()
  }
  stream.on('response', (received) => (head = headOf(received)))
  stream.on('trailers', (received: IncomingHttpHeaders) => (trailers = fieldsOf(received)))
  stream.on('data', (piece: Buffer) => {
    if (kept.length < bodyBytes) kept = Buffer.concat([kept, piece.subarray(0, bodyBytes - kept.length)])
  })
  stream.on('end', () => {
    if (head === undefined || stream.rstCode !== 0) return
    const answer = { ...head, body: kept, ...(trailers.length === 0 ? {} : { trailers }) }
    settle(() => events.answered(answer))
  })
  stream.on('error', (error: Error) => settle(() => events.broken('reset', error.message)))
  stream.on('close', () => settle(() => events.broken('closed', 'the stream was closed without an answer')))
  return {
    giveUp: () => {
      isOver = true
      stream.close(cancel)
    },
  }
}

const nothing: Buffer = Buffer.alloc(0)
/** RFC 9113 section 7: the stream is not needed any more. */
const cancel = 0x8

const headOf = (received: IncomingHttpHeaders): { status: number; headers: readonly string[] } => ({
  status: Number(received[':status'] ?? 0),
  headers: fieldsOf(received),
})

const fieldsOf = (received: IncomingHttpHeaders): readonly string[] =>
  Object.entries(received).flatMap(([name, value]) =>
    name === ':status' ? [] : [value ?? []].flat().flatMap((one) => [name, one]),
  )
