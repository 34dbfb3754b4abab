/** A DER writer (ITU-T X.690), as far as certificates need one. */

/** One tag-length-value; the length is written in as few bytes as it takes, as DER demands. */
export function tagged(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const value = Buffer.concat(content)
  return Buffer.concat([Buffer.from([tag]), length(value.length), value])
}

function length(count: number): Buffer {
  if (count < 0x80) return Buffer.from([count])
  const bytes = bigEndian(BigInt(count))
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

function bigEndian(value: bigint): Buffer {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}

export const sequence = (...items: readonly Uint8Array[]): Buffer => tagged(0x30, ...items)

export const set = (...items: readonly Uint8Array[]): Buffer => tagged(0x31, ...items)

export const boolean = (value: boolean): Buffer => tagged(0x01, Buffer.from([value ? 0xff : 0x00]))

/** A non-negative INTEGER from its big-endian bytes: no needless zeros in front, and one where it would read as negative. */
export function unsigned(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0)
  const significant = start === -1 ? Buffer.from([0]) : bytes.subarray(start)
  const leading = significant[0] ?? 0
  return leading < 0x80 ? tagged(0x02, significant) : tagged(0x02, Buffer.from([0]), significant)
}

export const nothing = tagged(0x05)

export const octets = (bytes: Uint8Array): Buffer => tagged(0x04, bytes)

/** A BIT STRING; `unused` is how many bits of the last byte do not count. */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => tagged(0x03, Buffer.from([unused]), bytes)

export const utf8 = (text: string): Buffer => tagged(0x0c, Buffer.from(text, 'utf8'))

/** An OBJECT IDENTIFIER from its dotted form. */
export function objectId(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([40 * first + second, ...rest.flatMap(base128)]))
}

function base128(arc: number): number[] {
  const low = [arc & 0x7f]
  for (let rest = arc >>> 7; rest > 0; rest >>>= 7) low.unshift(0x80 | (rest & 0x7f))
  return low
}

/** UTCTime up to 2049 and GeneralizedTime after it, in whole seconds (RFC 5280 section 4.1.2.5). */
export function time(at: Date): Buffer {
  const digits = at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replace(/[-:T]/g, '')
  return at.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(digits.slice(2), 'latin1'))
    : tagged(0x18, Buffer.from(digits, 'latin1'))
}
