import { describe, expect, it } from 'vitest'
import { decodeHistogram, encodeHistogram } from './histogram-codec.ts'
import { Histogram, highestMicroseconds } from './histogram.ts'
import { seededRandom } from './random.ts'

const random = seededRandom(7)
const distributions: Record<string, () => number> = {
  'small values': () => 1 + Math.floor(random() * 50),
  'milliseconds with a long tail': () => Math.ceil(200 / (1.0001 - random())),
  'two humps': () => Math.ceil(random() < 0.9 ? 150 + random() * 100 : 900_000 + random() * 300_000),
  'the whole range': () => Math.ceil(2 ** (random() * Math.log2(highestMicroseconds))),
}
const recorded = (values: readonly number[]): Histogram => {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram
}

describe.each(Object.entries(distributions))('a histogram of %s', (_name, draw) => {
  const values = Array.from({ length: 20_000 }, draw)
  const sorted = values.toSorted((a, b) => a - b)
  const histogram = recorded(values)

  it('gives every percentile within 0.1 % of the sorted values', () => {
    for (const q of [0, 0.001, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1]) {
      const truth = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!
      expect(Math.abs(histogram.percentile(q)! - truth) / truth).toBeLessThanOrEqual(0.001)
    }
  })

  it('knows total, greatest and mean exactly', () => {
    expect(histogram.total).toBe(values.length)
    expect(histogram.max).toBe(sorted.at(-1))
    expect(histogram.mean()).toBeCloseTo(values.reduce((a, b) => a + b, 0) / values.length, 6)
  })

  it('is the same whether recorded at once or merged from shards', () => {
    const shards = [0, 1, 2].map((shard) => recorded(values.filter((_, at) => at % 3 === shard)))
    const merged = new Histogram()
    for (const shard of shards) merged.merge(shard)
    expect(encodeHistogram(merged)).toBe(encodeHistogram(histogram))
  })

  it('survives being written and read', () => {
    const text = encodeHistogram(histogram)
    const read = decodeHistogram(text)
    expect(read.latencyMs()).toEqual(histogram.latencyMs())
    expect(read.total).toBe(histogram.total)
    expect(encodeHistogram(read)).toBe(text)
  })
})

describe('a histogram', () => {
  it('tells every bucket edge apart from its neighbour by at most 0.1 %', () => {
    for (let value = 1; value <= highestMicroseconds; value = Math.ceil(value * 1.013)) {
      for (const each of [value, Math.min(highestMicroseconds, value + 1)]) {
        const one = recorded([each, highestMicroseconds])
        expect(Math.abs(one.percentile(0.5)! - each) / each).toBeLessThanOrEqual(0.0005)
      }
    }
  })

  it('has null for everything when empty', () => {
    expect(new Histogram().latencyMs()).toEqual({
      p50: null,
      p90: null,
      p99: null,
      'p99.9': null,
      max: null,
      mean: null,
    })
    expect(decodeHistogram(encodeHistogram(new Histogram())).total).toBe(0)
  })

  it('shows microseconds where milliseconds would be 0', () => {
    expect(recorded([111, 111, 170]).latencyMs()).toMatchObject({ p50: 0.111, p99: 0.17 })
  })

  it('clamps what is longer than two minutes, and says how often', () => {
    const histogram = recorded([5, 3e8, Infinity])
    expect(histogram.max).toBe(highestMicroseconds)
    expect(decodeHistogram(encodeHistogram(histogram)).clamped).toBe(2)
  })

  it.each([
    ['', 'not a histogram'],
    [Buffer.from('GH').toString('base64'), 'not a histogram'],
    [Buffer.from([0x47, 0x48, 1, 0, 0]).toString('base64'), 'cut short'],
    [Buffer.from([0x47, 0x48, 1, 0, 0, 0x80]).toString('base64'), 'cut short'],
    [
      Buffer.from([0x47, 0x48, 1, 0, 0, 0, 0xff, 0xff, 0x7f, 1]).toString('base64'),
      'a bucket that cannot be',
    ],
    [Buffer.from([0x47, 0x48, 1, 0, 0, 0, 1, 0]).toString('base64'), 'a bucket that cannot be'],
  ])('refuses to read %j', (text, reason) => {
    expect(() => decodeHistogram(text)).toThrow(reason)
  })
})
