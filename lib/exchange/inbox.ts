import type { Socket } from 'node:net'
import { createParser, type Parsed, type Received } from './parser.ts'

/** What arrives on a connection, kept in order until it is read: an answer counts even where a reset follows it. */
export type Inbox = {
  /** The next piece, or why there will be none. */
  read(): Promise<Buffer | Over>
  /** Puts bytes back that belong to what comes next. */
  unread(bytes: Buffer): void
  /** Stops listening, and gives the socket what was not read. */
  release(): void
}

export type Over = { readonly kind: 'end' } | { readonly kind: 'error'; readonly error: unknown }

/** Beyond so many bytes the peer has to wait. */
const backlogBytes = 1024 * 1024

export const openInbox = (socket: Socket): Inbox => {
  const pieces: Buffer[] = []
  let waiting = 0
  let over: Over | undefined
  let wake = (): void => undefined

  const onData = (piece: Buffer): void => {
    pieces.push(piece)
    waiting += piece.length
    if (waiting > backlogBytes) socket.pause()
    wake()
  }
  const finish = (how: Over): void => {
    over ??= how
    wake()
  }
  const onEnd = (): void => finish({ kind: 'end' })
  const onError = (error: unknown): void => finish({ kind: 'error', error })
  socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError).resume()

  return {
    async read() {
      for (;;) {
        const piece = pieces.shift()
        if (piece) {
          waiting -= piece.length
          if (socket.isPaused()) socket.resume()
          return piece
        }
        if (over) return over
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
    unread(bytes) {
      if (bytes.length === 0) return
      pieces.unshift(bytes)
      waiting += bytes.length
    },
    release() {
      socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError).pause()
      for (const piece of pieces.reverse()) socket.unshift(piece)
    },
  }
}

/** How reading an answer ended; `heard`: at least a byte of it came. */
export type Reading =
  | Exclude<Parsed, { readonly kind: 'closed' }>
  | { readonly kind: 'closed'; readonly heard: boolean }
  | {
      readonly kind: 'failed'
      readonly error: unknown
      readonly heard: boolean
      readonly received?: Received
    }

/** Reads the next answer, to a request of that method. */
export const readAnswer = async (inbox: Inbox, method: string, now: () => number): Promise<Reading> => {
  const parser = createParser(method, now)
  for (let heard = false; ; heard = true) {
    const next = await inbox.read()
    if (!Buffer.isBuffer(next) && next.kind === 'error') {
      const received = parser.soFar()
      return { kind: 'failed', error: next.error, heard, ...(received && { received }) }
    }
    const parsed = Buffer.isBuffer(next) ? parser.feed(next) : parser.end()
    if (parsed?.kind === 'answer') inbox.unread(parsed.rest)
    if (parsed?.kind === 'closed') return { kind: 'closed', heard }
    if (parsed) return parsed
  }
}
