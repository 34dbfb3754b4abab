import type { KeyObject } from 'node:crypto'
import { algorithmOf, signBytes } from './algorithm.ts'
import { encode } from './base64.ts'
import type { Frame, Segment } from './packed.ts'
import type { Members } from './scene.ts'

/** One thread's share of a pool: good tokens that are alike but for their `jti`. */
export type MintOrder = {
  readonly key: KeyObject
  readonly alg: string
  readonly header: Members
  /** The `jti` of each token is added to them. */
  readonly claims: Members
  /** What each `jti` begins with; the token's number follows. */
  readonly prefix: string
  /** The number of the first token. */
  readonly first: number
  readonly count: number
  /** What each token stands in, such as a request. */
  readonly frame: Frame
}

/** Signs the tokens of an order, one after the other. Throws where the key cannot sign with the algorithm. */
export const mint = (order: MintOrder): Segment => {
  const algorithm = algorithmOf(order.alg)
  if (algorithm === undefined) throw new Error(`unknown algorithm ${order.alg}`)
  const sign = (input: Uint8Array) => signBytes(algorithm, order.key, input)
  const { before, after } = order.frame
  const ends = new Uint32Array(new SharedArrayBuffer(order.count * Uint32Array.BYTES_PER_ELEMENT))
  if (order.count === 0) return { bytes: new Uint8Array(new SharedArrayBuffer(0)), ends }
  const { start, tail } = templateOf(order)
  const longestNumber = String(order.first + order.count - 1).length
  const longest =
    before.length +
    start.length +
    encodedLength(tail.length + longestNumber + closing.length) +
    1 +
    encodedLength(sign(start).length) +
    after.length
  // Shared, so that threads that send have it as it is.
  const bytes = Buffer.from(new SharedArrayBuffer(order.count * longest))
  let end = 0
  for (let at = 0; at < order.count; at++) {
    bytes.set(before, end)
    const from = end + before.length
    bytes.set(start, from)
    end = from + start.length
    const number = Buffer.from(`${order.first + at}${closing}`, 'latin1')
    end += bytes.write(encode(Buffer.concat([tail, number])), end, 'latin1')
    const signature = encode(sign(bytes.subarray(from, end)))
    end += bytes.write(`.${signature}`, end, 'latin1')
    bytes.set(after, end)
    end += after.length
    ends[at] = end
  }
  return { bytes: sharedUpTo(bytes, end), ends }
}

const sharedUpTo = ({ buffer }: Buffer, end: number): Segment['bytes'] => {
  if (buffer instanceof SharedArrayBuffer) return new Uint8Array(buffer, 0, end)
  throw new Error('a buffer over shared memory is not shared')
}

/** Ends the claims behind the number in the `jti`. */
const closing = '"}'

/** Characters of base64url without padding (RFC 4648 section 5) that so many bytes take. */
const encodedLength = (bytes: number): number => Math.ceil((bytes * 4) / 3)

/**
 * What all tokens of an order begin with, and the claims' text from there to the number in the `jti`: it stands last,
 * so that only the last bytes of each token are written and encoded anew, and signing is nearly all that a token costs.
 */
const templateOf = ({
  header,
  claims,
  prefix,
}: MintOrder): { readonly start: Uint8Array; readonly tail: Uint8Array } => {
  const { jti: _replaced, ...others } = claims
  const text = Buffer.from(JSON.stringify({ ...others, jti: `${prefix}-` }).slice(0, -'"}'.length))
  // Base64 takes three bytes at a time.
  const edge = text.length - (text.length % 3)
  const start = Buffer.from(`${encode(JSON.stringify(header))}.${encode(text.subarray(0, edge))}`)
  return { start, tail: text.subarray(edge) }
}
