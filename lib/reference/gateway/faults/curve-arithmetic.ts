import type { KeyObject } from 'node:crypto'
import type { JsonObject } from '../strict-json.ts'

/** The prime of P-256 (FIPS 186-4, D.1.2.3). Its `b` is never needed, which is how a point of another curve gets by. */
const prime = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n

type Point = { readonly x: bigint; readonly y: bigint }

const mod = (value: bigint): bigint => ((value % prime) + prime) % prime

/** By Fermat's little theorem. */
const inverse = (value: bigint): bigint => {
  let [result, base, exponent] = [1n, mod(value), prime - 2n]
  for (; exponent > 0n; exponent >>= 1n) {
    if ((exponent & 1n) === 1n) result = mod(result * base)
    base = mod(base * base)
  }
  return result
}

/** The sum of two points; undefined is the neutral one. */
const add = (p: Point | undefined, q: Point | undefined): Point | undefined => {
  if (p === undefined || q === undefined) return p ?? q
  if (p.x === q.x && mod(p.y + q.y) === 0n) return undefined
  const slope =
    p.x === q.x ? mod((3n * p.x * p.x - 3n) * inverse(2n * p.y)) : mod((q.y - p.y) * inverse(q.x - p.x))
  const x = mod(slope * slope - p.x - q.x)
  return { x, y: mod(slope * (p.x - x) - p.y) }
}

const multiply = (factor: bigint, point: Point): Point | undefined => {
  let sum: Point | undefined
  let doubled: Point | undefined = point
  for (let left = factor; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) sum = add(sum, doubled)
    doubled = add(doubled, doubled)
  }
  return sum
}

const integer = (base64url: string): bigint =>
  BigInt(`0x0${Buffer.from(base64url, 'base64url').toString('hex')}`)

/** What a private key of P-256 and a public one come to, on whatever curve the latter lies. */
export const secretX = (privateKey: KeyObject, { crv, x, y }: JsonObject): Buffer | undefined => {
  const { crv: own, d } = privateKey.export({ format: 'jwk' })
  if (own !== 'P-256' || crv !== own || d === undefined || typeof x !== 'string' || typeof y !== 'string')
    return undefined
  const shared = multiply(integer(d), { x: integer(x), y: integer(y) })
  return shared && Buffer.from(shared.x.toString(16).padStart(64, '0'), 'hex')
}
