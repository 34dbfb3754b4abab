import type { OnReadOpts, Socket } from 'node:net'
import { distrusted, openConnected, openDirect, Untrusted } from './dial.ts'
import type { Endpoint } from './endpoint.ts'
import type { AnswerHead, Loss, Shot, Span, Workload } from './engine.ts'
import type { Link, LinkEvents, LinkState } from './link.ts'
import type { ResponseHead } from './response-head.ts'
import { ResponseReader } from './response-reader.ts'
import type { WatchEvents } from './watch.ts'

export type ConnectionSettings = {
  readonly endpoint: Endpoint
  readonly timeoutMs: number
  readonly keepAlive: boolean
  readonly parse: (text: string) => ResponseHead | undefined
  readonly workload: Workload
  readonly watch: WatchEvents
}

/** How long a peer may take to end a connection that is not used any more, before we do. */
const lingerMs = 1000
/** What all plain connections read into, one at a time: nothing is read of it later. */
const plainBuffer = Buffer.allocUnsafe(64 * 1024)

/** A connection of the native engine, with at most one request in flight, whose answer nobody else can get. */
export class Connection implements Link {
  readonly openedAt: number
  readonly #settings: ConnectionSettings
  readonly #events: LinkEvents
  /** Absent while a proxy is asked for it. */
  #socket: Socket | undefined
  readonly #calledOff: AbortController | undefined
  readonly #reader: ResponseReader
  #state: LinkState = 'connecting'
  #shot: Shot | undefined
  #dueAt = 0
  #freeAt = 0
  #sentAt = 0
  /** How a request in flight is lost when the connection ends. */
  #ending: Loss = 'closed'
  #detail = 'the connection was closed without an answer'
  #answers = 0
  #stood = false

  constructor(settings: ConnectionSettings, events: LinkEvents, now: number) {
    this.#settings = settings
    this.#events = events
    this.openedAt = now
    this.#reader = new ResponseReader(settings.workload.bodyBytes, settings.parse)
    if (settings.endpoint.via === undefined) this.#dial(settings.endpoint)
    else {
      this.#calledOff = new AbortController()
      this.#dialThrough(settings.endpoint, this.#calledOff.signal)
    }
  }

  get state(): LinkState {
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
    this.#socket?.write(shot.bytes)
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
    this.#socket?.destroy()
    this.#calledOff?.abort()
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
    const socket = this.#socket
    if (this.#reader.keepAlive) socket?.destroy()
    else {
      socket?.setTimeout(lingerMs, () => socket.destroy())
      socket?.unref()
    }
    this.#events.ended(this)
  }

  #dial(endpoint: Endpoint): void {
    const onread: OnReadOpts = {
      buffer: endpoint.tls === undefined ? plainBuffer : Buffer.allocUnsafe(16 * 1024),
      callback: (bytes, buffer) => {
        this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, bytes))
        return true
      },
    }
    const { socket, stands } = openDirect(endpoint, { onread })
    socket.once(stands, () => this.#established())
    this.#adopt(socket)
  }

  /** A tunnel is a socket already when we get it, too late for a buffer of our own. */
  #dialThrough(endpoint: Endpoint, signal: AbortSignal): void {
    openConnected(endpoint, signal).then(
      (socket) => {
        if (this.#state !== 'connecting') {
          socket.destroy()
          return
        }
        socket.on('data', (chunk: Buffer) => this.#read(chunk))
        // Whoever read the proxy's answer left it paused.
        socket.resume()
        this.#adopt(socket)
        this.#established()
      },
      (error: unknown) => this.#broke(error),
    )
  }

  #adopt(socket: Socket): void {
    this.#socket = socket
    socket.once('end', () => this.#endedByPeer())
    socket.once('close', () => this.end())
    socket.on('error', (error: Error) => this.#broke(error))
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

  #broke(error: unknown): void {
    if (this.#state === 'ended') return
    const distrust = error instanceof Untrusted ? error : distrusted(this.#socket)
    if (distrust !== undefined) {
      this.#settings.watch.untrusted(distrust.message)
      this.end('unfinished')
    } else this.end('reset', error instanceof Error ? error.message : 'the connection failed')
  }

  #span(endedAt: number): Span {
    return { dueAt: this.#dueAt, freeAt: this.#freeAt, sentAt: this.#sentAt, endedAt }
  }
}
