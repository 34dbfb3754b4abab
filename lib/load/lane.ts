import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { AnswerHead, Loss, Shot, Span, Workload } from './engine.ts'
import type { ParsedHead, QueueEntry, SeamClient } from './seams.ts'
import type { WatchEvents } from './watch.ts'

export type LaneSettings = {
  readonly workload: Workload
  readonly events: WatchEvents
  readonly timeoutMs: number
  /** May a certificate be taken that does not prove who the target is? */
  readonly insecure: boolean
}

type State = 'connecting' | 'ready' | 'closing' | 'waiting' | 'done'

/** How long a peer that announced the end of its connection may take to end it, before we do. */
const closingMs = 1000
const longestPauseMs = 1000
const noBody = Buffer.alloc(0)
const nobody: QueueEntry = { req: {}, bytes: 0, body: '', headers: { statusCode: 0 }, duration: 0 }

/**
 * One connection of autocannon's, guarded so that an answer is never given to another request than its own. By itself
 * autocannon writes on connections that are about to end and keeps its queue across reconnects, so that one lost answer
 * shifts all that follow; it takes interim responses (RFC 9110 section 15.2) for answers, carries a half-read response
 * over to the next connection, and never finishes one that ends with the connection (RFC 9112 section 6.3).
 *
 * Here at most one request is in flight, and only on a connection that stands, is trusted, and has not said that it
 * ends. What is in flight when a connection ends is lost, and counted.
 */
export class Lane {
  readonly #client: SeamClient
  readonly #settings: LaneSettings
  readonly #original: { connect: () => void; execute: (chunk: Buffer) => number | Error }
  #state: State = 'waiting'
  /** When the state began. */
  #since = 0
  #shot: Shot | undefined
  #sentAt = 0
  #head: ParsedHead | undefined
  #body: Buffer = noBody
  #parsing = false
  #interim = false
  #unsolicited = false
  /** How a request in flight is lost when autocannon asks for a new connection. */
  #ending: Loss = 'closed'
  #detail = ''
  /** Connections in a row that brought no answer. */
  #fruitless = 0

  constructor(client: SeamClient, settings: LaneSettings) {
    this.#client = client
    this.#settings = settings
    const { parser, pipelinedRequests } = client
    this.#original = {
      connect: client._connect.bind(client),
      execute: parser.execute.bind(parser),
    }
    client._connect = () => this.#reconnect()
    client._doRequest = () => this.#send()
    parser.execute = (chunk) => this.#parse(chunk)
    pipelinedRequests.addBody = (data) => this.#collect(data)
    pipelinedRequests.terminateRequest = () => nobody
    client.on('headers', (head) => this.#began(head))
    client.on('connError', (error) => this.#broke(error))
  }

  get done(): boolean {
    return this.#state === 'done'
  }

  /** Notices what only time brings: hung requests and connections, the end of a pause. */
  tick(now: number): void {
    const { timeoutMs } = this.#settings
    if (this.#shot !== undefined) {
      if (now - this.#sentAt >= timeoutMs) this.#drop('timeout', `no answer within ${timeoutMs} ms`)
    } else if (this.#state === 'connecting') {
      if (now - this.#since >= timeoutMs) this.#drop('timeout', `no connection within ${timeoutMs} ms`)
    } else if (this.#state === 'closing') {
      if (now - this.#since >= closingMs) this.#drop('closed', '')
    } else if (this.#state === 'waiting' && now - this.#since >= this.#pauseMs()) this.#open()
  }

  /** Nothing is sent any more; a request in flight is lost in the way that is named, or still awaited. */
  end(loss?: Loss): void {
    if (this.#shot !== undefined && loss === undefined) return
    this.#lose(loss ?? 'unfinished')
    this.#enter('done')
    this.#client.destroy()
  }

  #enter(state: State): void {
    this.#state = state
    this.#since = performance.now()
  }

  #pauseMs(): number {
    return this.#fruitless === 0 ? 0 : Math.min(longestPauseMs, 10 * 2 ** this.#fruitless)
  }

  #reconnect(): void {
    if (this.#state === 'done') return
    if (this.#state === 'connecting') this.#settings.workload.disturbed('connect')
    this.#lose(this.#ending)
    this.#forsake()
    this.#enter('waiting')
    if (this.#fruitless > 0) this.#settings.events.failed(this.#detail)
    else this.#open()
  }

  /** Autocannon leaves old sockets attached: what one of them still says would be read as the next one's. */
  #forsake(): void {
    const { conn } = this.#client
    if (conn === undefined) return
    conn.removeAllListeners('data')
    this.#client._destroyConnection()
  }

  #open(): void {
    this.#client.parser.reinitialize('RESPONSE')
    this.#head = undefined
    this.#interim = false
    this.#unsolicited = false
    this.#ending = 'closed'
    this.#detail = 'the connection was closed without an answer'
    this.#fruitless++
    this.#enter('connecting')
    this.#original.connect()
    const { conn } = this.#client
    if (conn === undefined) throw new Error('autocannon opened no connection')
    conn.setNoDelay(true)
    conn.prependListener('end', () => this.#endedByPeer())
    conn.once(conn instanceof TLSSocket ? 'secureConnect' : 'connect', () => this.#established(conn))
  }

  #established(conn: Socket): void {
    const { insecure, events, workload } = this.#settings
    if (conn instanceof TLSSocket && !conn.authorized && !insecure) {
      events.untrusted(String(conn.authorizationError))
      return
    }
    this.#enter('ready')
    workload.connected()
    this.#listenAlone()
    this.#send()
  }

  /** Autocannon's own queue, clock and statistics, which nobody reads, would cost each request a tenth more. */
  #listenAlone(): void {
    this.#client.removeAllListeners('request')
    this.#client.removeAllListeners('response')
    this.#client.on('response', () => this.#answered())
  }

  #send(): void {
    if (this.#parsing || this.#state !== 'ready' || this.#shot !== undefined) return
    const now = performance.now()
    this.#shot = this.#settings.workload.take(now)
    if (this.#shot === undefined) {
      this.end()
      return
    }
    this.#head = undefined
    this.#body = noBody
    this.#sentAt = now
    this.#client.conn?.write(this.#shot.bytes)
  }

  /** What follows an answer waits until the whole chunk is read, since the chunk may hold more than was asked for. */
  #parse(chunk: Buffer): number | Error {
    this.#parsing = true
    const consumed = this.#original.execute(chunk)
    this.#parsing = false
    if (this.#state === 'done' || this.#state === 'closing') return consumed
    const { state, line } = this.#client.parser
    const atRest = state === 'RESPONSE_LINE' && line === ''
    if (this.#unsolicited || (this.#shot === undefined && !atRest)) {
      this.#settings.workload.disturbed('unsolicited')
      this.#drop('malformed', 'an answer came that nobody asked for')
    } else if (typeof consumed !== 'number')
      this.#drop('malformed', `not an HTTP response: ${consumed.message}`)
    else this.#send()
    return consumed
  }

  #began(head: ParsedHead): void {
    if (this.#shot === undefined) this.#unsolicited = true
    else if (head.statusCode < 200 && head.statusCode !== 101) this.#interim = true
    else this.#head = head
  }

  #collect(data: Buffer): void {
    const room = this.#settings.workload.bodyBytes - this.#body.length
    if (room > 0) this.#body = Buffer.concat([this.#body, data.subarray(0, room)])
  }

  #answered(): void {
    if (this.#interim) {
      this.#interim = false
      return
    }
    const [shot, head] = [this.#shot, this.#head]
    if (shot === undefined || head === undefined) return
    this.#shot = undefined
    this.#fruitless = 0
    if (!head.shouldKeepAlive || head.statusCode === 101) this.#enter('closing')
    const answer: AnswerHead = { status: head.statusCode, headers: head.headers, body: this.#body }
    const span = this.#span()
    this.#settings.events.answered(span.endedAt)
    this.#settings.workload.answered(shot, answer, span)
  }

  /** A body without a length ends with the connection, which is its proper end. */
  #endedByPeer(): void {
    if (this.#head !== undefined && this.#shot !== undefined) this.#client.parser.finish()
  }

  #broke(error: Error): void {
    this.#ending = 'reset'
    this.#detail = error.message
  }

  #drop(ending: Loss, detail: string): void {
    this.#ending = ending
    this.#detail = detail
    this.#reconnect()
  }

  #lose(loss: Loss): void {
    const shot = this.#shot
    if (shot === undefined) return
    this.#shot = undefined
    this.#settings.workload.lost(shot, loss, this.#span())
  }

  /** In the closed model a request is due when it is sent. */
  #span(): Span {
    const sentAt = this.#sentAt
    return { dueAt: sentAt, freeAt: sentAt, sentAt, endedAt: performance.now() }
  }
}
