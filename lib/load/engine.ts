import type { Endpoint } from './endpoint.ts'

/** A request ready to be fired: the bytes, and which of which class they are. */
export type Shot = { readonly class: number; readonly index: number; readonly bytes: Uint8Array }

/** What a verdict is read from. */
export type AnswerHead = {
  readonly status: number
  /** Names and values in turn, as they came. */
  readonly headers: readonly string[]
  /** At most the first `bodyBytes` of the body. */
  readonly body: Uint8Array
}

/** How a request that was sent came to no answer. `unfinished`: the run ended first. */
export type Loss = 'reset' | 'closed' | 'timeout' | 'malformed' | 'unfinished'

/**
 * All that an engine knows of classes and verdicts: where the next request comes from, and where its end goes. Each
 * shot taken comes back exactly once, by `answered` or by `lost`. Times are milliseconds of `performance.now()`.
 */
export type Workload = {
  /** How much of each answer's body the verdict wants to see. */
  readonly bodyBytes: number
  /** The next request to send; undefined once none is to be sent any more, which then `over` says too. */
  take(now: number): Shot | undefined
  over(): boolean
  answered(shot: Shot, answer: AnswerHead, sentAt: number, endedAt: number): void
  lost(shot: Shot, loss: Loss, sentAt: number, endedAt: number): void
  /** A connection stands. */
  connected(): void
  /** Trouble that belongs to no request: a connection refused, an answer that nobody asked for. */
  disturbed(kind: 'connect' | 'unsolicited'): void
}

export type EngineSettings = {
  readonly endpoint: Endpoint
  readonly connections: number
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
