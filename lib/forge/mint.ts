import type { KeyObject } from 'node:crypto'
import { algorithmOf, signBytes } from './algorithm.ts'
import { encode } from './base64.ts'
import type { Members } from './value.ts'

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
  const header = encode(JSON.stringify(order.header))
  const tokens = Array.from({ length: order.count }, (_, at) => {
    const claims = { ...order.claims, jti: `${order.prefix}-${order.first + at}` }
    const input = `${header}.${encode(JSON.stringify(claims))}`
    return `${input}.${encode(signBytes(algorithm, order.key, Buffer.from(input)))}`
  })
  return pack(tokens)
}

const pack = (tokens: readonly string[]): PackedTokens => {
  const bytes = new Uint8Array(tokens.reduce((sum, { length }) => sum + length, 0))
  const ends = new Uint32Array(tokens.length)
  let end = 0
  for (const [at, token] of tokens.entries()) {
    bytes.set(Buffer.from(token, 'latin1'), end)
    ends[at] = end += token.length
  }
  return { bytes, ends }
}

/** The tokens that were packed. */
export const unpack = ({ bytes, ends }: PackedTokens): string[] => {
  const packed = Buffer.from(bytes.buffer)
  return Array.from(ends, (end, at) => packed.toString('latin1', at === 0 ? 0 : ends[at - 1], end))
}
