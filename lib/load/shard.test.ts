import { describe, expect, it } from 'vitest'
import type { LoadSettings } from '../config/load-settings.ts'
import { parseShard, parseStartAt, shareOf, startOf, type Shard } from './shard.ts'

const load: LoadSettings = {
  model: 'open',
  engine: 'native',
  connections: 50,
  maxConnections: 1000,
  arrivals: 'uniform',
  keepAlive: true,
  workers: 1,
  warmupMs: 0,
  phases: [
    { name: 'low', durationMs: 1000, connections: 50, rate: { from: 800, to: 800 } },
    { name: 'ramp', durationMs: 1000, connections: 20, rate: { from: 800, to: 4000 } },
  ],
  mix: { valid: 100 },
  tokens: 1000,
}
const all: readonly Shard[] = Array.from({ length: 8 }, (_, index) => ({ index, of: 8 }))
const shares = all.map((shard) => {
  const share = shareOf(load, shard)
  if (typeof share === 'string') throw new Error(share)
  return share
})
const sum = (of: (share: LoadSettings) => number): number =>
  shares.reduce((whole, each) => whole + of(each), 0)

describe('a shard', () => {
  it.each([
    ['0/8', { index: 0, of: 8 }],
    ['7/8', { index: 7, of: 8 }],
    ['0/1', { index: 0, of: 1 }],
  ])('is read from %s', (text, shard) => {
    expect(parseShard(text)).toEqual(shard)
  })

  it.each([
    ['8/8', 'from 0/8 to 7/8'],
    ['1/0', 'no part of nothing'],
    ['1', 'not of the form 0/8'],
    ['1/8/9', 'not of the form 0/8'],
    ['-1/8', 'not of the form 0/8'],
  ])('is not read from %s', (text, words) => {
    expect(parseShard(text)).toContain(words)
  })

  it('has a share of connections and rates, and all shares together are the whole', () => {
    expect(sum(({ connections }) => connections)).toBe(50)
    expect(sum(({ maxConnections }) => maxConnections)).toBe(1000)
    expect(sum(({ phases }) => phases[1]?.connections ?? 0)).toBe(20)
    expect(sum(({ phases }) => phases[1]?.rate?.to ?? 0)).toBe(4000)
    expect(Math.min(...shares.map(({ connections }) => connections))).toBe(6)
  })

  it('cannot have less than a connection, nor a part of a search', () => {
    expect(shareOf({ ...load, connections: 7 }, { index: 0, of: 8 })).toContain('7 cannot be shared by 8')
    const ceiling = { from: 1, upTo: 2, stepMs: 1000, withinPercent: 5 }
    expect(shareOf({ ...load, ceiling }, { index: 0, of: 8 })).toContain('cannot be shared')
  })

  it('starts later by its part of the distance between two requests, where a clock says when they go', () => {
    const starts = all.map((shard, at) => startOf(10_000, shares[at] ?? load, shard) - 10_000)
    expect(starts).toEqual([0, 1.25, 2.5, 3.75, 5, 6.25, 7.5, 8.75])
    const closed = { ...load, phases: [{ name: 'constant', durationMs: 1, connections: 8 }] }
    expect(startOf(10_000, closed, { index: 7, of: 8 })).toBe(10_000)
  })
})

describe('a common start', () => {
  const now = Date.parse('2030-01-31T11:00:00Z')

  it.each(['2030-01-31T12:00:00Z', '2030-01-31T14:00:00+02:00', String(now / 1000 + 3600)])(
    'is read from %s',
    (text) => {
      expect(parseStartAt(text, now)).toBe(now + 3_600_000)
    },
  )

  it.each([
    ['2030-01-31T10:59:59Z', 'is over'],
    ['2030-02-02T12:00:00Z', 'more than a day away'],
    ['2030-01-31T12:00:00', 'not a moment'],
    ['noon', 'not a moment'],
    ['5', 'not a moment'],
  ])('is not read from %s', (text, words) => {
    expect(parseStartAt(text, now)).toContain(words)
  })
})
