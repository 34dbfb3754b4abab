/** Texts of ASCII one behind the other, and where each ends. Threads share it, and none has a copy. */
export type Segment = {
  readonly bytes: Uint8Array<SharedArrayBuffer>
  readonly ends: Uint32Array<SharedArrayBuffer>
}

/** Many texts in few buffers, since a million strings or views would take more room than what they hold. */
export type Packed = {
  readonly length: number
  readonly segments: readonly Segment[]
  /** The bytes of one, where they stand; undefined beyond the last. */
  at(index: number): Buffer | undefined
}

/** What stands before and behind each text. */
export type Frame = { readonly before: Uint8Array; readonly after: Uint8Array }

export const noFrame: Frame = { before: new Uint8Array(0), after: new Uint8Array(0) }

/** Segments, in their order, as one. */
export const packed = (segments: readonly Segment[]): Packed => {
  // Where each begins among all; a segment is found by halving.
  const firsts: number[] = []
  let length = 0
  for (const { ends } of segments) {
    firsts.push(length)
    length += ends.length
  }
  const segmentOf = (index: number): number => {
    let [low, high] = [0, firsts.length - 1]
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if ((firsts[middle] ?? 0) <= index) low = middle
      else high = middle - 1
    }
    return low
  }
  return {
    length,
    segments,
    at: (index) => {
      const found = segmentOf(index)
      const segment = segments[found]
      const place = index - (firsts[found] ?? 0)
      const end = segment?.ends[place]
      if (segment === undefined || end === undefined) return undefined
      const start = place === 0 ? 0 : (segment.ends[place - 1] ?? 0)
      return Buffer.from(segment.bytes.buffer, segment.bytes.byteOffset + start, end - start)
    },
  }
}

/** So large a segment becomes, or as large as the one text that it holds. */
const segmentBytes = 16 * 2 ** 20

/** Copies texts, each in its frame, into segments. */
export const pack = (texts: Iterable<Uint8Array>, { before, after }: Frame = noFrame): Packed => {
  const segments: Segment[] = []
  let pieces: Uint8Array[] = []
  let bytes = 0
  const close = (): void => {
    if (pieces.length === 0) return
    segments.push(segmentFrom(pieces, bytes, { before, after }))
    pieces = []
    bytes = 0
  }
  for (const text of texts) {
    const length = before.length + text.length + after.length
    if (bytes + length > segmentBytes) close()
    pieces.push(text)
    bytes += length
  }
  close()
  return packed(segments)
}

const segmentFrom = (pieces: readonly Uint8Array[], length: number, { before, after }: Frame): Segment => {
  const bytes = new Uint8Array(new SharedArrayBuffer(length))
  const ends = new Uint32Array(new SharedArrayBuffer(pieces.length * Uint32Array.BYTES_PER_ELEMENT))
  let end = 0
  for (const [at, piece] of pieces.entries()) {
    for (const part of [before, piece, after]) {
      bytes.set(part, end)
      end += part.length
    }
    ends[at] = end
  }
  return { bytes, ends }
}
