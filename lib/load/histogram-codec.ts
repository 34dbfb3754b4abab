import { bucketCount, Histogram, highestMicroseconds } from './histogram.ts'

/**
 * Base64 of: the bytes 0x47 0x48 ("GH") and the version 0x01; then unsigned LEB128 numbers: how many values were
 * clamped, the sum of all values and the greatest of them, both in microseconds; then, for each bucket that holds
 * something, lowest first, the number of empty buckets since the last one and its count. Equal histograms have equal
 * texts.
 *
 * Bucket i below 2048 holds the value i. Bucket 2048 + 1024·(s − 1) + j, for s from 1 to 16 and j from 0 to 1023, holds
 * the 2^s values from (1024 + j)·2^s.
 */
export const encodeHistogram = (histogram: Histogram): string => {
  const bytes = [...signature]
  for (const number of [histogram.clamped, histogram.sum, histogram.max]) pushNumber(bytes, number)
  let next = 0
  for (const [index, count] of histogram.buckets()) {
    pushNumber(bytes, index - next)
    pushNumber(bytes, count)
    next = index + 1
  }
  return Buffer.from(bytes).toString('base64')
}

/** Reads what {@link encodeHistogram} wrote. Throws a RangeError that says what is wrong with any other text. */
export const decodeHistogram = (text: string): Histogram => {
  const bytes = Buffer.from(text, 'base64')
  if (!signature.every((byte, at) => bytes[at] === byte)) throw new RangeError('not a histogram of version 1')
  const numbers = readNumbers(bytes.subarray(signature.length))
  const [clamped, sum, max] = numbers
  if (clamped === undefined || sum === undefined || max === undefined || numbers.length % 2 === 0)
    throw new RangeError('the histogram is cut short')
  if (max > highestMicroseconds) throw new RangeError('the histogram has a greater value than it can hold')
  return Histogram.restore({ buckets: readBuckets(numbers.slice(3)), sum, max, clamped })
}

const signature = [0x47, 0x48, 0x01] as const

/** By division, not by shifts, because sums need more than 32 bits. */
const pushNumber = (bytes: number[], number: number): void => {
  let rest = number
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

const readNumbers = (bytes: Uint8Array): number[] => {
  const numbers: number[] = []
  let number = 0
  let place = 1
  for (const byte of bytes) {
    number += (byte % 128) * place
    if (!Number.isSafeInteger(number)) throw new RangeError('the histogram has a number beyond 2^53')
    place *= 128
    if (byte >= 128) continue
    numbers.push(number)
    number = 0
    place = 1
  }
  if (place !== 1) throw new RangeError('the histogram is cut short')
  return numbers
}

const readBuckets = (numbers: readonly number[]): (readonly [index: number, count: number])[] => {
  const buckets: [number, number][] = []
  let next = 0
  for (let at = 0; at + 1 < numbers.length; at += 2) {
    const index = next + (numbers[at] ?? 0)
    const count = numbers[at + 1] ?? 0
    if (index >= bucketCount || count === 0) throw new RangeError('the histogram has a bucket that cannot be')
    buckets.push([index, count])
    next = index + 1
  }
  return buckets
}
