import type { KeyObject } from 'node:crypto'
import { algorithmOf, signBytes } from './algorithm.ts'
import { encode } from './base64.ts'
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
}

/** Tokens one behind the other, and where each ends: what can be handed from thread to thread without a copy. */
export type PackedTokens = {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly ends: Uint32Array<ArrayBuffer>
}

/** Signs the tokens of an order, one after the other. Throws where the key cannot sign with the algorithm. */
export const mint = (order: MintOrder): PackedTokens => {
  const algorithm = algorithmOf(order.alg)
  if (algorithm === undefined) throw new Error(`unknown algorithm ${order.alg}`)
  const sign = (input: Uint8Array) => signBytes(algorithm, order.key, input)
  const ends = new Uint32Array(order.count)
  if (order.count === 0) return { bytes: new Uint8Array(0), ends }
  const { start, tail } = templateOf(order)
  const signatureLength = encodedLength(sign(start).length)
  const longest = start.length + encodedLength(tail.length + longestNumber + 2) + 1 + signatureLength
  // Of an ArrayBuffer of its own, because one of Buffer's pool cannot be handed to another thread.
  const bytes = Buffer.from(new ArrayBuffer(order.count * longest))
  let end = 0
  for (let at = 0; at < order.count; at++) {
    const from = end
    bytes.set(start, end)
    end += start.length
    const number = Buffer.from(`${order.first + at}"}`, 'latin1')
    end += bytes.write(encode(Buffer.concat([tail, number])), end, 'latin1')
    const signature = encode(sign(bytes.subarray(from, end)))
    end += bytes.write(`.${signature}`, end, 'latin1')
    ends[at] = end
  }
  return { bytes: new Uint8Array(bytes.buffer, 0, end), ends }
}

/** Digits of the greatest number that a `jti` ends with. */
const longestNumber = 16

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

/** The tokens that were packed. */
export const unpack = ({ bytes, ends }: PackedTokens): string[] => {
  const packed = Buffer.from(bytes.buffer)
  return Array.from(ends, (end, at) => packed.toString('latin1', at === 0 ? 0 : ends[at - 1], end))
}
