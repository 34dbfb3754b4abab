import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** Names and values; the names in lower case. */
export type Fields = readonly (readonly [name: string, value: string])[]

/**
 * The connection of a client, as its HTTP/2 library sees it: to the header block of each request that goes out these fields
 * are appended, one list a stream. The library would refuse or merge what a case has to send. A header block is a sequence,
 * and fields that are never indexed leave the state of the compression as it is (RFC 7541 section 6.2.3).
 */
export const withFields = (socket: Socket, fieldsOfStreams: readonly Fields[]): Duplex => {
  // Streams of a client have the numbers 1, 3, 5… (RFC 9113 section 5.1.1).
  const rewrite = rewriter((stream) => blockOf(fieldsOfStreams[(stream - 1) / 2] ?? []))
  const seen = new Duplex({
    read: () => void socket.resume(),
    write: (piece: Buffer, _, done) => {
      const bytes = rewrite(piece)
      if (bytes.length === 0) done()
      else socket.write(bytes, () => done())
    },
    final: (done) => void socket.end(() => done()),
    destroy: (error, done) => {
      socket.destroy()
      done(error)
    },
  })
  socket
    .on('data', (piece) => {
      if (!seen.push(piece)) socket.pause()
    })
    .on('end', () => seen.push(null))
    .on('error', (error) => seen.destroy(error))
    .on('close', () => seen.destroy())
  return seen
}

const prefaceBytes = 24
const frameHeadBytes = 9
const headersType = 1
const continuationType = 9
const endHeaders = 0x4
/** The largest payload that everybody takes (RFC 9113 section 4.2). */
const payloadBytes = 16_384

/** Passes on what a client writes, frame by frame (RFC 9113 section 4.1), each header block with what is added to it. */
const rewriter = (added: (stream: number) => Buffer): ((piece: Buffer) => Buffer) => {
  let pending = Buffer.alloc(0)
  let isBegun = false
  return (piece) => {
    pending = Buffer.concat([pending, piece])
    const out: Buffer[] = []
    if (!isBegun && pending.length >= prefaceBytes) {
      out.push(pending.subarray(0, prefaceBytes))
      pending = pending.subarray(prefaceBytes)
      isBegun = true
    }
    while (isBegun && pending.length >= frameHeadBytes) {
      const size = frameHeadBytes + pending.readUIntBE(0, 3)
      if (pending.length < size) break
      const frame = pending.subarray(0, size)
      pending = pending.subarray(size)
      out.push(...(frame.readUInt8(3) === headersType ? extended(frame, added) : [frame]))
    }
    return Buffer.concat(out)
  }
}

/** The frame with more in its block, and what goes beyond its bound in frames that continue it. */
const extended = (frame: Buffer, added: (stream: number) => Buffer): readonly Buffer[] => {
  const flags = frame.readUInt8(4)
  const stream = frame.readUInt32BE(5)
  if ((flags & endHeaders) === 0) throw new Error('the library wrote a header block in several frames')
  const block = Buffer.concat([frame.subarray(frameHeadBytes), added(stream)])
  const count = Math.ceil(block.length / payloadBytes)
  return Array.from({ length: count }, (_, index) => {
    const payload = block.subarray(index * payloadBytes, (index + 1) * payloadBytes)
    const own = index === 0 ? flags & ~endHeaders : 0
    const head = Buffer.alloc(frameHeadBytes)
    head.writeUIntBE(payload.length, 0, 3)
    head.writeUInt8(index === 0 ? headersType : continuationType, 3)
    head.writeUInt8(index === count - 1 ? own | endHeaders : own, 4)
    head.writeUInt32BE(stream, 5)
    return Buffer.concat([head, payload])
  })
}

/** Literal fields that are never indexed, without Huffman coding (RFC 7541 sections 6.2.3 and 5.2). */
const blockOf = (fields: Fields): Buffer =>
  Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0x10]), textOf(name), textOf(value)]))

const textOf = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1')
  return Buffer.concat([lengthOf(bytes.length), bytes])
}

/** An integer with a prefix of seven bits (RFC 7541 section 5.1). */
const lengthOf = (length: number): Buffer => {
  if (length < 127) return Buffer.from([length])
  const octets = [127]
  let rest = length - 127
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) + 128)
  return Buffer.from([...octets, rest])
}
