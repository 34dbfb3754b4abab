/** Bytes that arrived and were not read yet. */
export type Source = { pending: Buffer; ended: boolean }

/** A reader that pauses where it needs more bytes than there are. */
export type Steps<T> = Generator<undefined, T, undefined>

/** What came is not HTTP/1; the message holds nothing of what came. */
export class Malformed extends Error {}
/** The peer closed in the middle. */
export class Ended extends Error {}

/** Reads a line without its CRLF as latin1 text, and takes its length from what is left of its section. */
export function* readLine(source: Source, section: { left: number }): Steps<string> {
  let searched = 0
  for (;;) {
    const at = source.pending.indexOf('\n', searched)
    if ((at === -1 ? source.pending.length : at + 1) > section.left) {
      throw new Malformed('a line or header section that is too long')
    }
    if (at !== -1) {
      section.left -= at + 1
      const line = source.pending.toString('latin1', 0, at)
      source.pending = source.pending.subarray(at + 1)
      if (!line.endsWith('\r')) throw new Malformed('a line that does not end in CRLF')
      return line.slice(0, -1)
    }
    searched = source.pending.length
    yield* more(source)
  }
}

/** Reads at least one byte and at most so many. */
export function* readSome(source: Source, most: number): Steps<Buffer> {
  while (source.pending.length === 0) yield* more(source)
  const some = source.pending.subarray(0, most)
  source.pending = source.pending.subarray(some.length)
  return some
}

/** Whether what comes next is that text, told as soon as it can be. */
export function* startsWith(source: Source, text: string): Steps<boolean> {
  for (;;) {
    const start = source.pending.toString('latin1', 0, text.length)
    if (!text.startsWith(start)) return false
    if (start.length === text.length) return true
    yield* more(source)
  }
}

function* more(source: Source): Steps<void> {
  if (source.ended) throw new Ended()
  yield
}
