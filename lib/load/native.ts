import { Connection, type ConnectionSettings } from './connection.ts'
import type { Engine, EngineEnd, EngineSettings, Loss, Workload } from './engine.ts'
import type { Link, LinkEvents, OpenLink } from './link.ts'
import { Pacer } from './pacer.ts'
import { createHeadReader } from './response-head.ts'
import { createWatch, type Watch } from './watch.ts'

const tickMs = 10
/** So many connections in a row that brought no answer are no accident. */
const patience = 8
/** After fewer than that, none waits for another to be made. */
const fruitlessAtOnce = 3
const longestPauseMs = 250

/**
 * HTTP/1.1 on bare sockets, for both models. In the closed one each connection sends its next request when the last one
 * has ended; in the open one requests are sent when they are due, over as many connections as it takes.
 */
export const nativeEngine: Engine = (settings, workload, signal) =>
  runOver(
    (connection) => (events, now) => new Connection(connection, events, now),
    settings,
    workload,
    signal,
  )

/** Both models over links of one kind. */
export const runOver = async (
  openerFor: (settings: ConnectionSettings) => OpenLink,
  settings: EngineSettings,
  workload: Workload,
  signal: AbortSignal,
): Promise<EngineEnd> => {
  if (signal.aborted) return { kind: 'finished' }
  const run = new Run(openerFor, settings, workload)
  const stop = (): void => run.stop()
  signal.addEventListener('abort', stop)
  try {
    return await run.ended
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

class Run {
  /** Settled when no connection is in use any more, and none will be. */
  readonly ended: Promise<EngineEnd>
  readonly #settings: EngineSettings
  readonly #workload: Workload
  readonly #watch: Watch
  readonly #openLink: OpenLink
  readonly #events: LinkEvents
  readonly #all = new Set<Link>()
  /** Free for longest first, so that none is left alone until the gateway ends it. */
  readonly #free = new Set<Link>()
  /** Absent in the closed model. */
  readonly #pacer: Pacer | undefined
  readonly #ticker: NodeJS.Timeout
  #connecting = 0
  #stopped = false
  /** Connections in a row that brought no answer, and until when no other is made. */
  #fruitless = 0
  #pausedUntil = 0
  #settle: (end: EngineEnd) => void = () => undefined

  constructor(
    openerFor: (settings: ConnectionSettings) => OpenLink,
    settings: EngineSettings,
    workload: Workload,
  ) {
    const { endpoint, timeoutMs, keepAlive } = settings
    this.#settings = settings
    this.#workload = workload
    this.#watch = createWatch(endpoint, patience)
    const parse = createHeadReader()
    this.#openLink = openerFor({ endpoint, timeoutMs, keepAlive, parse, workload, watch: this.#watch.events })
    this.#events = {
      free: (connection, now) => this.#becameFree(connection, now),
      ended: (connection) => this.#hasEnded(connection),
    }
    this.ended = new Promise((resolve) => (this.#settle = resolve))
    this.#ticker = setInterval(() => this.#tick(), tickMs)
    this.#pacer =
      workload.arrivals === undefined
        ? undefined
        : new Pacer(
            workload.arrivals,
            (now) => this.#serve(now),
            (ms) => workload.idled(ms),
          )
    const now = performance.now()
    if (this.#pacer === undefined || keepAlive)
      for (let made = 0; made < settings.connections; made++) this.#open(now)
    this.#pacer?.start()
  }

  /** Ends all that is in flight, or waits to be. */
  stop(): void {
    this.#stopped = true
    this.#pacer?.stop()
    for (const connection of this.#all) connection.end('unfinished')
    while (this.#giveUp('unfinished'));
    this.#settleWhenDone()
  }

  #isOver(): boolean {
    return this.#stopped || (this.#workload.over() && (this.#pacer?.waiting ?? 0) === 0)
  }

  #settleWhenDone(): void {
    if (!this.#isOver() || this.#all.size > 0) return
    clearInterval(this.#ticker)
    this.#pacer?.stop()
    this.#settle(this.#watch.end(performance.now()) ?? { kind: 'finished' })
  }

  #tick(): void {
    const now = performance.now()
    if (this.#watch.end(now) !== undefined) {
      this.stop()
      return
    }
    for (const connection of this.#all) connection.tick(now)
    const { timeoutMs } = this.#settings
    while ((this.#pacer?.first ?? Infinity) <= now - timeoutMs) this.#giveUp('unsent')
    if (this.#isOver()) {
      for (const connection of this.#all) if (connection.state !== 'busy') connection.end('unfinished')
      this.#settleWhenDone()
    } else this.#openMissing(now)
  }

  /** The request that waits longest is never sent. */
  #giveUp(loss: Loss): boolean {
    const dueAt = this.#pacer?.shift()
    if (dueAt === undefined) return false
    const shot = this.#workload.take(dueAt)
    const endedAt = performance.now()
    if (shot !== undefined)
      this.#workload.lost(shot, loss, { dueAt, freeAt: endedAt, sentAt: endedAt, endedAt })
    return true
  }

  /** As many connections as are wanted, but for those that the bound, or a pause after failures, forbids. */
  #openMissing(now: number): void {
    if (now < this.#pausedUntil || this.#isOver()) return
    const { connections, maxConnections } = this.#settings
    const wanted =
      this.#pacer === undefined
        ? connections - this.#all.size
        : Math.min(this.#pacer.waiting - this.#connecting, maxConnections - this.#all.size)
    for (let made = 0; made < wanted; made++) this.#open(now)
  }

  #open(now: number): void {
    this.#connecting++
    this.#all.add(this.#openLink(this.#events, now))
  }

  /** Sends what is due over the connections that are free. */
  #serve(now: number): void {
    for (const connection of this.#free) {
      const dueAt = this.#pacer?.shift()
      if (dueAt === undefined) return
      this.#free.delete(connection)
      this.#send(connection, dueAt, now)
    }
    this.#openMissing(now)
  }

  #becameFree(connection: Link, now: number): void {
    if (!connection.isFruitful) this.#connecting--
    else this.#fruitless = 0
    const pacer = this.#pacer
    if (pacer === undefined) {
      this.#send(connection, this.#settings.keepAlive ? now : connection.openedAt, now)
      return
    }
    pacer.disturb()
    pacer.look(now)
    const dueAt = pacer.shift()
    if (dueAt === undefined) this.#free.add(connection)
    else this.#send(connection, dueAt, now)
  }

  #send(connection: Link, dueAt: number, now: number): void {
    const shot = this.#stopped ? undefined : this.#workload.take(dueAt)
    if (shot === undefined) connection.end('unfinished')
    else connection.send(shot, dueAt, now)
  }

  #hasEnded(connection: Link): void {
    this.#all.delete(connection)
    this.#free.delete(connection)
    if (!connection.hasStood) this.#connecting--
    this.#pacer?.disturb()
    const now = performance.now()
    if (connection.isFruitful) this.#fruitless = 0
    else {
      const excess = ++this.#fruitless - fruitlessAtOnce
      if (excess > 0) this.#pausedUntil = now + Math.min(longestPauseMs, 10 * 1.5 ** excess)
    }
    if (this.#watch.end(now) === undefined) this.#openMissing(now)
    else if (!this.#stopped) this.stop()
    this.#settleWhenDone()
  }
}
