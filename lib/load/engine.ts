import type { Endpoint } from './endpoint.ts'

/** A request ready to be fired: the bytes, and which of which class they are. */
export type Shot = {
  readonly class: number
  readonly index: number
  readonly bytes: Uint8Array
  /** Its answer has no body, whatever length that names (RFC 9110 section 9.3.2). */
  readonly isHead: boolean
}

/** What a verdict is read from. */
export type AnswerHead = {
  readonly status: number
  /** Names and values in turn, as they came. Equal header sections may be the same array. */
  readonly headers: readonly string[]
  /** Behind the body, names and values in turn, where an engine reads them: over HTTP/2 gRPC has its status there. */
  readonly trailers?: readonly string[]
  /** At most the first `bodyBytes` of the body. */
  readonly body: Uint8Array
}

/**
 * How a request came to no answer. `unsent`: it was due, and no connection came free for it within the timeout.
 * `unfinished`: the run ended first.
 */
export type Loss = 'reset' | 'closed' | 'timeout' | 'malformed' | 'unsent' | 'unfinished'

/** The life of a request, in milliseconds of `performance.now()`. Good only while it is handed over. */
export type Span = {
  /** When it was to be sent. Where no clock says so: when it could be. */
  readonly dueAt: number
  /** When the connection that it went over had come free, be that before it was due or after. */
  readonly freeAt: number
  readonly sentAt: number
  readonly endedAt: number
}

/** When requests are due, one after the other, in milliseconds of `performance.now()`. */
export type Arrivals = {
  /** When the next one is due; Infinity after the last. */
  peek(): number
  /** The same, and goes on to the one after it. */
  next(): number
}

/**
 * All that an engine knows of classes and verdicts: where the next request comes from, and where its end goes. Each
 * shot taken comes back exactly once, by `answered` or by `lost`.
 */
export type Workload = {
  /** How much of each answer's body the verdict wants to see. */
  readonly bodyBytes: number
  /** The clock of the open model. Absent in the closed one, where a request is due whenever a connection is free. */
  readonly arrivals?: Arrivals
  /** The request that is due then; undefined once none is to be sent any more, which then `over` says too. */
  take(dueAt: number): Shot | undefined
  over(): boolean
  answered(shot: Shot, answer: AnswerHead, span: Span): void
  lost(shot: Shot, loss: Loss, span: Span): void
  /** A connection stands. */
  connected(): void
  /** Trouble that belongs to no request: a connection refused, an answer that nobody asked for. */
  disturbed(kind: 'connect' | 'unsolicited'): void
  /** So long the engine had nothing to do, and watched the clock instead of sleeping. */
  idled(ms: number): void
}

export type EngineSettings = {
  readonly endpoint: Endpoint
  /** In the closed model held all the time; in the open one made at the start. */
  readonly connections: number
  /** In the open model, where more are made as they are needed. */
  readonly maxConnections: number
  /** Or a new connection for each request? */
  readonly keepAlive: boolean
  /** For a connection to stand, and for an answer to be complete after its request. */
  readonly timeoutMs: number
}

/** How a run of an engine ended: by itself or by the signal, or because there was nobody to talk to. */
export type EngineEnd =
  | { readonly kind: 'finished' }
  | { readonly kind: 'unreachable'; readonly detail: string }
  | { readonly kind: 'untrusted'; readonly detail: string }

/**
 * Fires the requests of a workload until it gives no more and all have ended, or until the signal, which ends those
 * in flight as `unfinished`.
 */
export type Engine = (settings: EngineSettings, workload: Workload, signal: AbortSignal) => Promise<EngineEnd>
