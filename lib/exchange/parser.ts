import { framingOf, readBody, sectionBytes, type Taker } from './framing.ts'
import { Ended, Malformed, readLine, startsWith, type Source, type Steps } from './source.ts'

/** What comes before the body. */
export type Head = {
  readonly status: number
  /** In the order of the wire, latin1, repetitions kept. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Local time when the section was complete: milliseconds since the epoch. */
  readonly receivedAt: number
}

/** An answer as it came; `complete` is false where its end is missing or lies beyond the bound. */
export type Received = {
  readonly head: Head
  readonly body: Buffer
  readonly complete: boolean
  readonly trailers?: Head['headers']
}

export type Parsed =
  | { readonly kind: 'answer'; readonly received: Received; readonly rest: Buffer }
  /** The peer closed before the header section was complete. */
  | { readonly kind: 'closed' }
  /** `detail` holds nothing of what came. */
  | { readonly kind: 'malformed'; readonly detail: string; readonly received?: Received }

export type AnswerParser = {
  /** Takes what arrived; undefined while more is needed. */
  feed(bytes: Buffer): Parsed | undefined
  /** Nothing more will come. */
  end(): Parsed
  /** What there is so far, once the header section was complete. */
  soFar(): Received | undefined
}

/** Bytes of a body beyond which nothing is read. */
export const bodyBytes = 256 * 1024
const mostInterim = 16

type Building = Taker & { head?: Head }

/** Reads one answer to a request of that method (RFC 9112 sections 4 to 7), strictly and bounded. */
export const createParser = (method: string, now: () => number): AnswerParser => {
  const source: Source = { pending: Buffer.alloc(0), ended: false }
  const building: Building = { pieces: [], left: bodyBytes }
  const received = (complete: boolean): Received | undefined =>
    building.head && { head: building.head, body: Buffer.concat(building.pieces), complete }
  const answer = (complete: boolean): Parsed => {
    const all = received(complete)
    return all ? { kind: 'answer', received: all, rest: source.pending } : { kind: 'closed' }
  }

  const steps = readAnswer(source, building, method, now)
  const step = (): Parsed | undefined => {
    try {
      const next = steps.next()
      return next.done === true ? answer(next.value) : undefined
    } catch (error) {
      if (error instanceof Ended) return answer(false)
      if (!(error instanceof Malformed)) throw error
      const partial = received(false)
      return { kind: 'malformed', detail: error.message, ...(partial && { received: partial }) }
    }
  }
  return {
    feed(bytes) {
      source.pending = source.pending.length === 0 ? bytes : Buffer.concat([source.pending, bytes])
      return step()
    },
    end() {
      source.ended = true
      return step() ?? { kind: 'closed' }
    },
    soFar: () => received(false),
  }
}

/** Returns whether the body came to its end. */
function* readAnswer(source: Source, building: Building, method: string, now: () => number): Steps<boolean> {
  for (let interim = 0; interim <= mostInterim; interim += 1) {
    const head = yield* readHead(source)
    // 101 is final: what follows it is another protocol (RFC 9110 section 15.2.2).
    if (head.status >= 200 || head.status === 101) {
      building.head = { ...head, receivedAt: now() }
      return yield* readBody(source, framingOf(head, method), building)
    }
  }
  throw new Malformed(`more than ${mostInterim} interim responses`)
}

function* readHead(source: Source): Steps<Pick<Head, 'status' | 'headers'>> {
  const section = { left: sectionBytes }
  if (!(yield* startsWith(source, 'HTTP/1.'))) throw new Malformed('what is not HTTP/1')
  const status = /^HTTP\/1\.[01] ([1-9]\d\d)(?: .*)?$/s.exec(yield* readLine(source, section))?.[1]
  if (status === undefined) throw new Malformed('no HTTP/1 status line')
  const headers: [name: string, value: string][] = []
  for (;;) {
    const line = yield* readLine(source, section)
    if (line === '') return { status: Number(status), headers }
    const last = headers.at(-1)
    // A value continued on the next line is obsolete, and still read (RFC 9112 section 5.2).
    if (last && /^[ \t]/.test(line)) last[1] = valueOf(`${last[1]} ${valueOf(line)}`)
    else headers.push(fieldOf(line))
  }
}

const fieldOf = (line: string): [name: string, value: string] => {
  const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):(.*)$/s.exec(line) ?? []
  if (name === undefined || value === undefined) throw new Malformed('a header line without a name')
  return [name, valueOf(value)]
}

const valueOf = (text: string): string => {
  if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) throw new Malformed('a control character in a header value')
  let start = 0
  let end = text.length
  while (start < end && isBlank(text[start])) start += 1
  while (end > start && isBlank(text[end - 1])) end -= 1
  return text.slice(start, end)
}

const isBlank = (character: string | undefined): boolean => character === ' ' || character === '\t'
