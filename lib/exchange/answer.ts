/** How an exchange ended when no answer came. `unreachable`: nothing was sent. */
export type Loss = 'unreachable' | 'tls' | 'reset' | 'closed' | 'timeout' | 'malformed'

/** One HTTP answer, bounded: what a gateway sends is never held whole. */
export type Answered = {
  readonly kind: 'answered'
  readonly status: number
  /** In the order of the wire, latin1, repetitions kept. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: {
    /** Bytes received (counting stops at the bound). */
    readonly bytes: number
    /** At most 2 KiB, decoded as UTF-8 with replacement, after content decoding. */
    readonly excerpt: string
    readonly truncated: boolean
    /** SHA-256 in hex of what was received, after content decoding, up to the bound. */
    readonly hash: string
  }
  /** From the first byte sent to the last byte received. */
  readonly ms: number
  /** Local time when the header section was complete: milliseconds since the epoch. */
  readonly receivedAt: number
}

export type Lost = {
  readonly kind: 'lost'
  readonly loss: Loss
  /** What the system said, without credentials. */
  readonly detail: string
  readonly ms: number
  /** The connection had served before and ended before any byte of an answer: perhaps only idle for too long. */
  readonly reused?: true
  /** What had arrived when the header section was complete and the body never ended or made no sense. */
  readonly partial?: Answered
}

export type Answer = Answered | Lost

/** The value of the first header of that name, or undefined. */
export const headerOf = (answer: Answered, name: string): string | undefined =>
  answer.headers.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]

/** The values of every header of that name, in order. */
export const headersOf = (answer: Answered, name: string): readonly string[] =>
  answer.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
