import { addressOf, type Endpoint } from './endpoint.ts'
import type { EngineEnd } from './engine.ts'

/** What a connection tells whoever watches all of them. */
export type WatchEvents = {
  /** A connection that was never made, or that ended before it brought an answer. */
  readonly failed: (detail: string) => void
  readonly untrusted: (detail: string) => void
  readonly answered: (now: number) => void
}

export type Watch = {
  readonly events: WatchEvents
  /** Why the run cannot go on, if so. */
  end(now: number): EngineEnd | undefined
}

/** After answers have come: how long none may come, while connections fail, before the target counts as gone. */
const goneMs = 900

/**
 * Decides whether there is anybody to talk to, from what all connections meet: not where so many in a row have failed
 * as patience allows, and no answer came for a while.
 */
export const createWatch = (endpoint: Endpoint, patience: number): Watch => {
  const at = addressOf(endpoint)
  let failures = 0
  let lastAnswerAt: number | undefined
  let detail = ''
  let untrusted: EngineEnd | undefined
  const events: WatchEvents = {
    failed: (why) => {
      failures++
      detail = why
    },
    untrusted: (why) =>
      (untrusted ??= { kind: 'untrusted', detail: `${at}: the certificate is not trusted: ${why}` }),
    answered: (now) => {
      failures = 0
      lastAnswerAt = now
    },
  }
  const end = (now: number): EngineEnd | undefined => {
    if (untrusted !== undefined) return untrusted
    if (failures < patience) return undefined
    if (lastAnswerAt === undefined) return { kind: 'unreachable', detail: `${at}: ${detail}` }
    return now - lastAnswerAt > goneMs
      ? { kind: 'unreachable', detail: `${at} answered, and then no more: ${detail}` }
      : undefined
  }
  return { events, end }
}
