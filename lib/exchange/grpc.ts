import { headerIn, type Fields } from './answer.ts'

/**
 * The trailer fields in the last frame of a gRPC-Web body: a byte with its first bit set, four of length, and lines as
 * in HTTP/1.1. Nothing where the body is of another type, or was cut before it.
 */
export const grpcWebTrailers = (headers: Fields, body: Uint8Array): Fields => {
  const type = headerIn(headers, 'content-type')?.toLowerCase() ?? ''
  if (!type.startsWith('application/grpc-web')) return []
  const bytes = type.startsWith('application/grpc-web-text') ? fromText(body) : Buffer.from(body)
  for (let at = 0; at + prefixBytes <= bytes.length;) {
    const flags = bytes.readUInt8(at)
    const start = at + prefixBytes
    at = start + bytes.readUInt32BE(at + 1)
    if (flags === trailerFlag && at <= bytes.length) return linesOf(bytes.toString('latin1', start, at))
  }
  return []
}

const prefixBytes = 5
const trailerFlag = 0x80

/** Each piece may have been encoded by itself, with padding in the middle. */
const fromText = (body: Uint8Array): Buffer => {
  const groups =
    Buffer.from(body)
      .toString('latin1')
      .match(/[^\s=]{2,4}={0,2}/g) ?? []
  return Buffer.concat(groups.map((group) => Buffer.from(group, 'base64')))
}

const linesOf = (text: string): Fields =>
  text.split('\r\n').flatMap((line) => {
    const colon = line.indexOf(':')
    return colon <= 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1).trim()] as const]
  })
