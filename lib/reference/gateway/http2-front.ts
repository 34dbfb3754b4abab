import { request as requestHttp, type IncomingMessage, type Server } from 'node:http'
import {
  createServer as createHttp2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import { duplexPair } from 'node:stream'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls'
import { pairs } from './answer.ts'

export type StreamDecisions = {
  /** The fields of a stream as the rest of the gateway gets them, names and values by turns. */
  readonly streamFields: (fields: readonly string[]) => readonly string[]
}

export const soundStreams: StreamDecisions = { streamFields: (fields) => fields }

/** A certificate with its key, PEM texts. */
export type Pair = { readonly cert: string; readonly key: string }

export type Front = { readonly server: TlsServer; close(): void }

/** The session behind each connection that stands for a stream. */
const sessions = new WeakMap<object, object>()

/** What stands for the client's connection: its HTTP/2 session, where the socket is one stream of it. */
export const connectionBehind = (socket: object): object => sessions.get(socket) ?? socket

/**
 * Takes HTTP/1.1 and HTTP/2 over TLS. A stream goes on as an HTTP/1.1 request on a connection of its own within the
 * process, as gateways do that speak HTTP/2 to their clients alone.
 */
export const openFront = (web: Server, pair: Pair, d: StreamDecisions): Front => {
  const open = new Set<ServerHttp2Session>()
  const http2 = createHttp2Server()
  http2.on('session', (session) => {
    open.add(session)
    session.once('close', () => open.delete(session))
  })
  http2.on('stream', (stream, _, __, ...raw: readonly unknown[]) =>
    translate(stream, textsIn(raw[0]), web, d),
  )
  const server = createTlsServer({ ...pair, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
    socket.on('error', () => socket.destroy())
    ;(socket.alpnProtocol === 'h2' ? http2 : web).emit('connection', socket)
  })
  return {
    server,
    close: () => {
      for (const session of open) session.destroy()
    },
  }
}

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []

const translate = (
  stream: ServerHttp2Stream,
  raw: readonly string[],
  web: Server,
  d: StreamDecisions,
): void => {
  const all = pairs(raw)
  const pseudo = (name: string) => all.find(([key]) => key === name)?.[1] ?? ''
  const fields = all.filter(([name]) => !name.startsWith(':')).flat()
  const [ours, theirs] = duplexPair()
  if (stream.session !== undefined) sessions.set(theirs, stream.session)
  const request = requestHttp({
    createConnection: () => ours,
    method: pseudo(':method'),
    path: pseudo(':path'),
    headers: ['Host', pseudo(':authority'), ...d.streamFields(fields)],
  })
  request.on('error', () => stream.destroy())
  request.on('response', (answer) => {
    stream.respond(headersOf(answer))
    answer.pipe(stream)
  })
  stream.on('error', () => request.destroy())
  stream.on('close', () => request.destroy())
  stream.pipe(request)
  web.emit('connection', theirs)
}

/** RFC 9113 section 8.2.2. */
const connectionFields = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade']

const headersOf = ({ statusCode, headers }: IncomingMessage) => ({
  ':status': statusCode ?? 502,
  ...Object.fromEntries(Object.entries(headers).filter(([name]) => !connectionFields.includes(name))),
})
