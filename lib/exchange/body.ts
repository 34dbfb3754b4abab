import { createHash } from 'node:crypto'
import type { Transform } from 'node:stream'
import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import type { Answered } from './answer.ts'
import { grpcWebTrailers } from './grpc.ts'
import { codeOf } from './loss.ts'
import type { Received } from './parser.ts'

/** Bytes of a decoded body that are looked at, and those that are kept. */
const decodedBytes = 64 * 1024
const excerptBytes = 2 * 1024

/** The answer as it is handed on: decoded, hashed and cut. */
export const answeredFrom = async (
  { head, body, complete, trailers = [] }: Received,
  ms: number,
): Promise<Answered> => {
  const codings = head.headers
    .filter(([name]) => name.toLowerCase() === 'content-encoding')
    .flatMap(([, value]) => value.toLowerCase().split(','))
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity')
  const { bytes, whole } = await decode(body, codings)
  const fields = [...trailers, ...grpcWebTrailers(head.headers, bytes)]
  const truncated = !complete || !whole || bytes.length > excerptBytes
  return {
    kind: 'answered',
    status: head.status,
    headers: head.headers,
    ...(fields.length === 0 ? {} : { trailers: fields }),
    body: {
      bytes: body.length,
      excerpt: textOf(bytes.subarray(0, excerptBytes), truncated),
      truncated,
      hash: createHash('sha256').update(bytes).digest('hex'),
    },
    ms,
    receivedAt: head.receivedAt,
  }
}

type Decoded = { readonly bytes: Buffer; readonly whole: boolean }

/** Takes the codings off from the last to the first; a body that is not what its header says stays as it came. */
const decode = async (body: Buffer, codings: readonly string[]): Promise<Decoded> => {
  const asItCame = bounded(body)
  if (codings.length > mostCodings) return asItCame
  let decoded: Decoded = { bytes: body, whole: true }
  for (const coding of codings.toReversed()) {
    const next = await unpack(decoded.bytes, coding)
    if (next === undefined) return asItCame
    decoded = { bytes: next.bytes, whole: decoded.whole && next.whole }
  }
  const { bytes, whole } = bounded(decoded.bytes)
  return { bytes, whole: whole && decoded.whole }
}

const mostCodings = 3

const bounded = (bytes: Buffer): Decoded => ({
  bytes: bytes.subarray(0, decodedBytes),
  whole: bytes.length <= decodedBytes,
})

/** An input that was cut gives what it holds. */
const tolerant = { finishFlush: constants.Z_SYNC_FLUSH }
const tolerantBrotli = { finishFlush: constants.BROTLI_OPERATION_FLUSH }

const unpack = async (bytes: Buffer, coding: string): Promise<Decoded | undefined> => {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return inflate(bytes, createGunzip(tolerant))
    case 'br':
      return inflate(bytes, createBrotliDecompress(tolerantBrotli))
    case 'deflate':
      // Meant is the zlib format, but some send the bare one (RFC 9110 section 8.4.1.2).
      return (await inflate(bytes, createInflate(tolerant))) ?? inflate(bytes, createInflateRaw(tolerant))
    default:
      return undefined
  }
}

/** Stops at the bound, whatever the input would become; undefined where nothing could be decoded. */
const inflate = async (bytes: Buffer, decoder: Transform): Promise<Decoded | undefined> => {
  const pieces: Buffer[] = []
  let size = 0
  decoder.end(bytes)
  try {
    for await (const piece of decoder) {
      if (!Buffer.isBuffer(piece)) continue
      pieces.push(piece)
      size += piece.length
      if (size > decodedBytes) return { bytes: Buffer.concat(pieces), whole: false }
    }
    return { bytes: Buffer.concat(pieces), whole: true }
  } catch (error) {
    if (codeOf(error) === undefined) throw error
    return size === 0 ? undefined : { bytes: Buffer.concat(pieces), whole: false }
  }
}

/** A character that the cut went through is left out. */
const textOf = (bytes: Buffer, cut: boolean): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes, { stream: cut })
