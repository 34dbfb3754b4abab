/** How an exchange ended when no answer came. `unreachable`: nothing was sent. */
export type Loss = 'unreachable' | 'tls' | 'reset' | 'closed' | 'timeout' | 'malformed'

/** Header or trailer fields in the order of the wire, latin1, repetitions kept. */
export type Fields = readonly (readonly [name: string, value: string])[]

/** One HTTP answer, bounded: what a gateway sends is never held whole. */
export type Answered = {
  readonly kind: 'answered'
  readonly status: number
  readonly headers: Fields
  /** Behind the body, or in gRPC-Web in its last frame; left out where there are none. */
  readonly trailers?: Fields
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
export const headerOf = (answer: Answered, name: string): string | undefined => headerIn(answer.headers, name)

/** The value of the first field of that name, or undefined. */
export const headerIn = (fields: Fields, name: string): string | undefined =>
  fields.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1]

/** The status of gRPC, which stands in a header where there is no message, else behind it; undefined where there is none. */
export const grpcStatusOf = ({ headers, trailers = [] }: Answered): string | undefined =>
  (headerIn(headers, 'grpc-status') ?? headerIn(trailers, 'grpc-status'))?.trim()

/** The values of every header of that name, in order. */
export const headersOf = (answer: Answered, name: string): readonly string[] =>
  answer.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value)
