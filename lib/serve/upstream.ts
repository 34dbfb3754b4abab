import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Header, Serve } from '../config/config.ts'
import { commandedStatus, upstreamChallenge } from './command.ts'
import type { Hit } from './hit.ts'
import { createWeb, standUp, type Standing } from './open.ts'

/** The backend that we own: it knows what reached it. */
export type Upstream = Standing & {
  /** The hits of an attempt, in order of arrival. */
  hitsOf(id: string): readonly Hit[]
  /** All that are remembered, in order of arrival. */
  hits(): readonly Hit[]
  /** All that ever came, forgotten ones included. */
  counted(): number
}

export type UpstreamOptions = {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Stands in every answer, so that an answer which holds it came from here. */
  readonly canary?: string
}

/** Hits that are remembered, and bytes of headers that are kept of each: a forwarded claim of 20 kB is kept whole. */
const mostHits = 10_000
const headerBytes = 48 * 1024

type Recorded = { -readonly [Key in keyof Hit]: Hit[Key] }

/** Answers any method and path with 200, or as it is asked to, and JSON that names the request; throws `ServeError`. */
export const startUpstream = async (
  listen: NonNullable<Serve['upstream']>,
  { now, canary }: UpstreamOptions,
): Promise<Upstream> => {
  const recorded: Recorded[] = []
  let counted = 0

  const record = (method: string, target: string, headers: readonly Header[]): Recorded => {
    const id = headers.find(([name]) => name.toLowerCase() === listen.idHeader.toLowerCase())?.[1]
    const kept = bounded(headers)
    const hit = { method, target, headers: kept, bodyBytes: 0, ...(id !== undefined && { id }), at: now() }
    counted += 1
    recorded.push(hit)
    if (recorded.length > mostHits) recorded.shift()
    return hit
  }
  const bodyFor = ({ method, target, id }: Hit): string => JSON.stringify({ method, target, id, canary })

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    // Recorded before the body came: a request whose body never ends has arrived all the same.
    const hit = record(request.method ?? '', request.url ?? '', pairs(request.rawHeaders))
    request.on('data', (piece: Buffer) => (hit.bodyBytes += piece.length))
    request.on('end', () => {
      if (request.rawTrailers.length > 0) hit.trailers = bounded(pairs(request.rawTrailers))
      const status = commandedStatus(hit.target, hit.headers) ?? 200
      response.writeHead(status, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        ...(status === 200 ? {} : { 'www-authenticate': upstreamChallenge }),
      })
      response.end(bodyFor(hit))
    })
  }
  const refuseTunnel = (request: IncomingMessage, socket: Duplex): void => {
    record(request.method ?? '', request.url ?? '', pairs(request.rawHeaders))
    finish(socket, '405 Method Not Allowed')
  }
  /** What the parser of Node.js refuses has arrived as well; a method that it does not know is answered like any. */
  const answerUnparsed = (error: Error, socket: Duplex): void => {
    const unparsed = unparsedOf(error)
    if (unparsed === undefined) return void socket.destroy()
    const hit = record(unparsed.method, unparsed.target, unparsed.headers)
    if ('code' in error && error.code === 'HPE_INVALID_METHOD') finish(socket, '200 OK', bodyFor(hit))
    else finish(socket, '400 Bad Request')
  }

  const server = createWeb(listen, 'serve.upstream')
    .on('request', answer)
    .on('checkExpectation', answer)
    .on('connect', refuseTunnel)
    .on('clientError', answerUnparsed)
  return {
    ...(await standUp(server, listen, 'serve.upstream')),
    hitsOf: (id) => recorded.filter((hit) => hit.id === id).map((hit) => ({ ...hit })),
    hits: () => recorded.map((hit) => ({ ...hit })),
    counted: () => counted,
  }
}

const pairs = (raw: readonly string[]): readonly Header[] =>
  raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? ''] as const] : []))

/** Cut where the bytes that are kept of a request end. */
const bounded = (headers: readonly Header[]): readonly Header[] => {
  let left = headerBytes
  return headers.flatMap(([name, value]) => {
    if (left <= 0) return []
    const kept = [name.slice(0, left), value.slice(0, left)] as const
    left -= name.length + value.length
    return [kept]
  })
}

const finish = (socket: Duplex, status: string, body = ''): void => {
  socket.on('error', () => undefined)
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

const unparsedOf = (
  error: Error,
): { method: string; target: string; headers: readonly Header[] } | undefined => {
  if (!('rawPacket' in error) || !Buffer.isBuffer(error.rawPacket)) return undefined
  const [head = ''] = error.rawPacket.toString('latin1', 0, headerBytes).split('\r\n\r\n', 1)
  const [requestLine = '', ...lines] = head.split('\r\n')
  const [, method, target] = /^([^ ]+) (.*) HTTP\/\d\.\d$/.exec(requestLine) ?? []
  if (method === undefined || target === undefined) return undefined
  const headers = lines.map((line) => {
    const [name = '', ...rest] = line.split(':')
    return [name, rest.join(':').trim()] as const
  })
  return { method, target, headers }
}
