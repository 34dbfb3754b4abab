import type { Head } from './parser.ts'
import { Malformed, readLine, readSome, type Source, type Steps } from './source.ts'

/** Where a body ends. */
export type Framing =
  | { readonly by: 'length'; readonly bytes: number }
  | { readonly by: 'chunks' }
  /** The peer closes. */
  | { readonly by: 'close' }

/** How the body of an answer is delimited (RFC 9112 section 6.3); an ambiguous answer is malformed. */
export const framingOf = ({ status, headers }: Pick<Head, 'status' | 'headers'>, method: string): Framing => {
  const tunnel = method === 'CONNECT' && status >= 200 && status < 300
  if (method === 'HEAD' || tunnel || status < 200 || status === 204 || status === 304) {
    return { by: 'length', bytes: 0 }
  }
  const valuesOf = (wanted: string) =>
    headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
  const lengths = valuesOf('content-length')
  const codings = valuesOf('transfer-encoding').join(',').toLowerCase()
  if (codings !== '' && lengths.length > 0) throw new Malformed('both Content-Length and Transfer-Encoding')
  if (codings !== '') return /(?:^|,)[ \t]*chunked$/.test(codings) ? { by: 'chunks' } : { by: 'close' }
  const [length] = lengths
  if (length === undefined) return { by: 'close' }
  if (lengths.length > 1 || !/^\d{1,15}$/.test(length)) throw new Malformed('no usable Content-Length')
  return { by: 'length', bytes: Number(length) }
}

/** Collects at most `left` bytes; returns whether the body came to its end within that. */
export function* readBody(source: Source, framing: Framing, take: Taker): Steps<boolean> {
  switch (framing.by) {
    case 'length':
      return yield* readLength(source, framing.bytes, take)
    case 'chunks':
      return yield* readChunks(source, take)
    case 'close':
      return yield* readToClose(source, take)
  }
}

/** Where the bytes of a body go. */
export type Taker = { readonly pieces: Buffer[]; left: number }

function* readLength(source: Source, bytes: number, take: Taker): Steps<boolean> {
  for (let missing = bytes; missing > 0;) {
    if (take.left === 0) return false
    const piece = yield* readSome(source, Math.min(missing, take.left))
    missing -= piece.length
    keep(piece, take)
  }
  return true
}

function* readChunks(source: Source, take: Taker): Steps<boolean> {
  const lineBound = 4096
  for (;;) {
    const size = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/is.exec(yield* readLine(source, { left: lineBound }))?.[1]
    if (size === undefined) throw new Malformed('no usable chunk size')
    const bytes = Number.parseInt(size, 16)
    if (bytes === 0) break
    if (!(yield* readLength(source, bytes, take))) return false
    if ((yield* readLine(source, { left: lineBound })) !== '')
      throw new Malformed('a chunk longer than its size')
  }
  const trailers = { left: sectionBytes }
  while ((yield* readLine(source, trailers)) !== '');
  return true
}

function* readToClose(source: Source, take: Taker): Steps<boolean> {
  for (;;) {
    if (source.pending.length === 0) {
      if (source.ended) return true
      yield
    } else {
      if (take.left === 0) return false
      keep(yield* readSome(source, take.left), take)
    }
  }
}

const keep = (piece: Buffer, take: Taker): void => {
  take.pieces.push(piece)
  take.left -= piece.length
}

/** Bytes of a header or trailer section beyond which nothing is read. */
export const sectionBytes = 64 * 1024
