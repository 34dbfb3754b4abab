import type { ClientHttp2Session } from 'node:http2'
import type { ConnectionSettings } from './connection.ts'
import { Untrusted } from './dial.ts'
import type { Engine, Loss, Shot, Span } from './engine.ts'
import { openSession, schemeOf, sendStream, streamsOf, type Flight } from './http2-session.ts'
import type { Link, LinkEvents, LinkState } from './link.ts'
import { runOver } from './native.ts'

/**
 * HTTP/2 for both models: what HTTP/1.1 has a connection for is here a place for a stream, and places share connections as
 * far as the gateway allows. Timed, lost and judged alike.
 */
export const http2Engine: Engine = (settings, workload, signal) =>
  runOver(
    (connection) => {
      const bearers = new Bearers(connection)
      return (events, now) => new Place(bearers, connection, events, now)
    },
    settings,
    workload,
    signal,
  )

/** A connection, and who has a place on it. */
type Bearer = {
  readonly places: Set<Place>
  /** Of places; a guess until the peer has said it. */
  room: number
  session?: ClientHttp2Session
  readonly calledOff: AbortController
}

/** Before a peer has said how many streams it allows, we think of it as of most. */
const usualRoom = 100

/** The connections of a run. */
class Bearers {
  readonly #settings: ConnectionSettings
  readonly #all = new Set<Bearer>()

  constructor(settings: ConnectionSettings) {
    this.#settings = settings
  }

  /** A place on a connection that has one left, or on a new one. Tells of it later, never at once. */
  seat(place: Place): void {
    const { keepAlive } = this.#settings
    for (const bearer of this.#all) {
      if (bearer.places.size >= bearer.room) continue
      bearer.places.add(place)
      const { session } = bearer
      if (session !== undefined) setImmediate(() => place.seated(session))
      return
    }
    const bearer: Bearer = {
      places: new Set([place]),
      room: keepAlive ? usualRoom : 1,
      calledOff: new AbortController(),
    }
    this.#all.add(bearer)
    void this.#open(bearer)
  }

  /** Whoever sits nowhere any more; a connection that nobody sits on is ended. */
  leave(place: Place): void {
    for (const bearer of this.#all) {
      if (!bearer.places.delete(place) || bearer.places.size > 0) continue
      this.#all.delete(bearer)
      bearer.calledOff.abort()
      // Nothing is under way on it, and a peer that hangs must not hold the process.
      bearer.session?.destroy()
    }
  }

  async #open(bearer: Bearer): Promise<void> {
    const { endpoint, keepAlive, workload } = this.#settings
    let session: ClientHttp2Session
    try {
      session = await openSession(endpoint, bearer.calledOff.signal)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      this.#fail(bearer, error)
      return
    }
    bearer.session = session
    bearer.room = keepAlive ? streamsOf(session) : 1
    workload.connected()
    session.on('remoteSettings', () => (bearer.room = keepAlive ? streamsOf(session) : 1))
    // It takes no more streams; those that are under way may end.
    session.on('goaway', () => this.#retire(bearer))
    session.on('close', () => {
      this.#retire(bearer)
      for (const place of [...bearer.places]) place.end()
    })
    // More may have been seated than there is room for.
    for (const [at, place] of [...bearer.places].entries()) {
      if (at < bearer.room) place.seated(session)
      else {
        bearer.places.delete(place)
        this.seat(place)
      }
    }
    if (bearer.places.size === 0) session.destroy()
  }

  #retire(bearer: Bearer): void {
    this.#all.delete(bearer)
    for (const place of [...bearer.places]) place.stand()
  }

  #fail(bearer: Bearer, error: Error): void {
    this.#all.delete(bearer)
    if (error instanceof Untrusted) this.#settings.watch.untrusted(error.message)
    const ending = error instanceof Untrusted ? 'unfinished' : 'reset'
    for (const place of [...bearer.places]) place.end(ending, error.message)
  }
}

/** Where one stream after the other goes, with at most one at a time. */
class Place implements Link {
  readonly openedAt: number
  readonly #bearers: Bearers
  readonly #settings: ConnectionSettings
  readonly #events: LinkEvents
  #state: LinkState = 'connecting'
  #session: ClientHttp2Session | undefined
  #flight: Flight | undefined
  #shot: Shot | undefined
  #dueAt = 0
  #freeAt = 0
  #sentAt = 0
  #answers = 0
  /** Its connection takes no more streams: it ends with the one that is under way. */
  #isLast = false

  constructor(bearers: Bearers, settings: ConnectionSettings, events: LinkEvents, now: number) {
    this.#bearers = bearers
    this.#settings = settings
    this.#events = events
    this.openedAt = now
    bearers.seat(this)
  }

  get state(): LinkState {
    return this.#state
  }

  get isFruitful(): boolean {
    return this.#answers > 0
  }

  get hasStood(): boolean {
    return this.#session !== undefined
  }

  seated(session: ClientHttp2Session): void {
    if (this.#state !== 'connecting') return
    if (session.closed || session.destroyed) {
      this.end()
      return
    }
    this.#session = session
    this.#becomeFree(performance.now())
  }

  /** Makes way: at once where nothing is under way. */
  stand(): void {
    if (this.#state === 'busy') this.#isLast = true
    else this.end()
  }

  send(shot: Shot, dueAt: number, now: number): void {
    const { endpoint, workload } = this.#settings
    this.#state = 'busy'
    this.#shot = shot
    this.#dueAt = dueAt
    this.#sentAt = now
    const session = this.#session
    if (session === undefined || session.closed || session.destroyed) {
      this.end('closed', 'the connection was closed')
      return
    }
    this.#flight = sendStream(
      session,
      shot.bytes,
      { scheme: schemeOf(endpoint), bodyBytes: workload.bodyBytes },
      {
        answered: (answer) => this.#complete(answer),
        broken: (ending, detail) => this.end(ending, detail),
      },
    )
  }

  tick(now: number): void {
    const { timeoutMs } = this.#settings
    if (this.#state === 'busy' && now - this.#sentAt >= timeoutMs)
      this.end('timeout', `no answer within ${timeoutMs} ms`)
    else if (this.#state === 'connecting' && now - this.openedAt >= timeoutMs)
      this.end('timeout', `no connection within ${timeoutMs} ms`)
  }

  end(ending: Loss = 'closed', detail = 'the connection was closed without an answer'): void {
    if (this.#state === 'ended') return
    const { watch, workload } = this.#settings
    const wasConnecting = this.#state === 'connecting'
    this.#state = 'ended'
    this.#flight?.giveUp()
    if (wasConnecting && ending !== 'unfinished') workload.disturbed('connect')
    const shot = this.#shot
    this.#shot = undefined
    if (shot !== undefined) workload.lost(shot, ending, this.#span(performance.now()))
    if (this.#answers === 0 && (wasConnecting || shot !== undefined) && ending !== 'unfinished')
      watch.failed(detail)
    this.#bearers.leave(this)
    this.#events.ended(this)
  }

  #becomeFree(now: number): void {
    this.#state = 'free'
    this.#freeAt = now
    this.#events.free(this, now)
  }

  #complete(answer: Parameters<ConnectionSettings['workload']['answered']>[1]): void {
    const shot = this.#shot
    if (shot === undefined) return
    const now = performance.now()
    const { keepAlive, watch, workload } = this.#settings
    this.#shot = undefined
    this.#flight = undefined
    this.#answers++
    watch.answered(now)
    workload.answered(shot, answer, this.#span(now))
    if (this.#isLast || !keepAlive) this.end()
    else this.#becomeFree(now)
  }

  #span(endedAt: number): Span {
    return { dueAt: this.#dueAt, freeAt: this.#freeAt, sentAt: this.#sentAt, endedAt }
  }
}
