import type { Loss, Shot } from './engine.ts'

export type LinkState = 'connecting' | 'free' | 'busy' | 'ended'

/** What carries one request at a time: a connection of HTTP/1.1, or a place for a stream on one of HTTP/2. */
export type Link = {
  readonly state: LinkState
  readonly openedAt: number
  /** Whether it has brought an answer. */
  readonly isFruitful: boolean
  /** Whether it has ever been free. */
  readonly hasStood: boolean
  /** Sends a request over a free link. */
  send(shot: Shot, dueAt: number, now: number): void
  /** Notices what only time brings. */
  tick(now: number): void
  /** Ends it at once; a request in flight is lost in the way that is named. */
  end(ending?: Loss, detail?: string): void
}

/** What a link tells whoever holds it, never while it is being made; each comes last of all that one event brings about. */
export type LinkEvents = {
  /** It stands, and nothing is in flight: it may be sent over. */
  readonly free: (link: Link, now: number) => void
  /** It is of no use any more. */
  readonly ended: (link: Link) => void
}

export type OpenLink = (events: LinkEvents, now: number) => Link
