import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket, type ConnectionOptions } from 'node:tls'
import type { Endpoint } from './endpoint.ts'
import type { AnswerHead, Loss, Shot, Span, Workload } from './engine.ts'
import type { ResponseHead } from './response-head.ts'
import { ResponseReader } from './response-reader.ts'
import type { WatchEvents } from './watch.ts'

/** What a connection tells whoever holds it; `free` and `ended` come last of all that one event brings about. */
export type ConnectionEvents = {
  /** It stands, and nothing is in flight: it may be sent over. */
  readonly free: (connection: Connection, now: number) => void
  /** It is of no use any more. */
  readonly ended: (connection: Connection) => void
}

export type ConnectionSettings = {
  readonly endpoint: Endpoint
  readonly timeoutMs: number
  readonly keepAlive: boolean
  readonly parse: (text: string) => ResponseHead | undefined
  readonly workload: Workload
  readonly watch: WatchEvents
}

type State = 'connecting' | 'free' | 'busy' | 'ended'

/** How long a peer may take to end a connection that is not used any more, before we do. */
const lingerMs = 1000
/** What all plain connections read into, one at a time: nothing is read of it later. */
const plainBuffer = Buffer.allocUnsafe(64 * 1024)

/** A connection of the native engine, with at most one request in flight, whose answer nobody else can get. */
export class Connection {
  readonly openedAt: number
  readonly #settings: ConnectionSettings
  readonly #events: ConnectionEvents
  readonly #socket: Socket
  readonly #reader: ResponseReader
  #state: State = 'connecting'
  #shot: Shot | undefined
  #dueAt = 0
  #freeAt = 0
  #sentAt = 0
  /** How a request in flight is lost when the connection ends. */
  #ending: Loss = 'closed'
  #detail = 'the connection was closed without an answer'
  #answers = 0
  #stood = false

  constructor(settings: ConnectionSettings, events: ConnectionEvents, now: number) {
    this.#settings = settings
    this.#events = events
    this.openedAt = now
    this.#reader = new ResponseReader(settings.workload.bodyBytes, settings.parse)
    this.#socket = this.#dial(settings.endpoint)
  }

  get state(): State {
    return this.#state
  }

  /** Whether it has brought an answer. */
  get isFruitful(): boolean {
    return this.#answers > 0
  }

  get hasStood(): boolean {
    return this.#stood
  }

  /** Sends a request over a free connection. */
  send(shot: Shot, dueAt: number, now: number): void {
    this.#state = 'busy'
    this.#shot = shot
    this.#dueAt = dueAt
    this.#sentAt = now
    this.#reader.expect(shot)
    this.#socket.write(shot.bytes)
  }

  /** Notices what only time brings. */
  tick(now: number): void {
    const { timeoutMs } = this.#settings
    if (this.#state === 'busy' && now - this.#sentAt >= timeoutMs)
      this.end('timeout', `no answer within ${timeoutMs} ms`)
    else if (this.#state === 'connecting' && now - this.openedAt >= timeoutMs)
      this.end('timeout', `no connection within ${timeoutMs} ms`)
  }

  /** Ends it at once; a request in flight is lost in the way that is named. */
  end(ending: Loss = this.#ending, detail = this.#detail): void {
    if (this.#state === 'ended') return
    const wasConnecting = this.#state === 'connecting'
    this.#state = 'ended'
    this.#socket.destroy()
    if (wasConnecting && ending !== 'unfinished') this.#settings.workload.disturbed('connect')
    const shot = this.#shot
    if (shot !== undefined) {
      this.#shot = undefined
      this.#settings.workload.lost(shot, ending, this.#span(performance.now()))
    }
    if (this.#answers === 0 && (wasConnecting || shot !== undefined) && ending !== 'unfinished')
      this.#settings.watch.failed(detail)
    this.#events.ended(this)
  }

  /** Ends it when nothing is in flight; a peer that said it would may do so first. */
  #retire(): void {
    this.#state = 'ended'
    if (this.#reader.keepAlive) this.#socket.destroy()
    else {
      this.#socket.setTimeout(lingerMs, () => this.#socket.destroy())
      this.#socket.unref()
    }
    this.#events.ended(this)
  }

  #dial({ host, port, tls }: Endpoint): Socket {
    const onread: OnReadOpts = {
      buffer: tls === undefined ? plainBuffer : Buffer.allocUnsafe(16 * 1024),
      callback: (bytes, buffer) => {
        this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, bytes))
        return true
      },
    }
    const socket =
      tls === undefined
        ? connectTcp({ host, port, onread, noDelay: true })
        : connectTls(tlsOptions({ host, port, tls }, onread))
    if (tls !== undefined) socket.setNoDelay(true)
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => this.#established())
    socket.once('end', () => this.#endedByPeer())
    socket.once('close', () => this.end())
    socket.on('error', (error: Error) => this.#broke(error))
    return socket
  }

  #established(): void {
    if (this.#state !== 'connecting') return
    this.#stood = true
    this.#settings.workload.connected()
    this.#becomeFree(performance.now())
  }

  #becomeFree(now: number): void {
    this.#state = 'free'
    this.#freeAt = now
    this.#events.free(this, now)
  }

  #read(chunk: Buffer): void {
    if (this.#state === 'ended') return
    if (this.#shot === undefined) {
      this.#settings.workload.disturbed('unsolicited')
      this.end('malformed', 'an answer came that nobody asked for')
      return
    }
    const progress = this.#reader.push(chunk)
    if (progress === 'malformed') this.end('malformed', 'not an HTTP response')
    else if (progress !== 'more') this.#complete(progress === 'surplus')
  }

  /** A body without a length ends with the connection, which is its proper end. */
  #endedByPeer(): void {
    if (this.#state === 'busy' && this.#reader.end()) this.#complete(false)
    else this.end()
  }

  #complete(isFollowed: boolean): void {
    const shot = this.#shot
    if (shot === undefined) return
    const now = performance.now()
    const answer: AnswerHead = this.#reader.answer
    this.#shot = undefined
    this.#answers++
    this.#settings.watch.answered(now)
    this.#settings.workload.answered(shot, answer, this.#span(now))
    if (isFollowed) {
      this.#settings.workload.disturbed('unsolicited')
      this.end()
    } else if (!this.#settings.keepAlive || !this.#reader.keepAlive) this.#retire()
    else this.#becomeFree(now)
  }

  #broke(error: Error): void {
    if (this.#state === 'ended') return
    if (this.#socket instanceof TLSSocket && isDistrusted(this.#socket)) {
      this.#settings.watch.untrusted(String(this.#socket.authorizationError))
      this.end('unfinished')
    } else this.end('reset', error.message)
  }

  #span(endedAt: number): Span {
    return { dueAt: this.#dueAt, freeAt: this.#freeAt, sentAt: this.#sentAt, endedAt }
  }
}

/** It is set only where the certificate was looked at, and found wanting. */
const isDistrusted = (socket: TLSSocket): boolean => {
  const why: unknown = socket.authorizationError
  return why !== undefined && why !== null
}

/** Node.js knows `onread` for TLS too; only its types don't, which is why this is no literal in the call. */
const tlsOptions = (
  { host, port, tls }: Required<Endpoint>,
  onread: OnReadOpts,
): ConnectionOptions & { onread: OnReadOpts } => ({
  host,
  port,
  onread,
  ...tls.options,
  ...(tls.servername === undefined ? {} : { servername: tls.servername }),
  rejectUnauthorized: !tls.insecure,
})
