import { describe, expect, it } from 'vitest'
import { armNames } from './arms.ts'
import { summarizeBlocks, type Circumstances, type Comparison, type ValidationResult } from './differences.ts'
import { seededRandom } from './random.ts'

const random = seededRandom(3)
/** Blocks on a machine that slows down as a whole, with noise and a long tail for each request. */
const blocks = (costs: Record<string, number>, count = 1000): { name: string; times: number[] }[] => {
  const slow = Array.from({ length: count }, (_, block) => 200 + 100 * Math.sin(block / 40))
  return Object.entries(costs).map(([name, cost]) => ({
    name,
    times: slow.map((base) => base + cost + random() * 20 + (random() < 0.02 ? 5000 : 0)),
  }))
}
const withPublic = {
  [armNames.public]: 0,
  [armNames.publicWithBytes]: 2,
  [armNames.publicTwin]: 2,
  [armNames.repeated]: 4,
  [armNames.distinct]: 65,
  [armNames.refused]: 30,
}
const comparisons: readonly Comparison[] = [
  ['validation', armNames.distinct, armNames.publicWithBytes],
  ['token header', armNames.publicWithBytes, armNames.public],
  ['refusal', armNames.refused, armNames.repeated],
]
const plain: Circumstances = {
  relative: false,
  leftOut: [],
  dropped: 0,
  comparisons,
  twins: [armNames.publicTwin, armNames.publicWithBytes],
  needed: [armNames.public, armNames.distinct],
  loopDelayP99Ms: 1,
  seed: 7,
}
const named = ({ differences }: ValidationResult, name: string) =>
  differences.find((each) => each.name === name)

describe('the differences within the blocks', () => {
  it('show what validation costs, though the machine varies by more', () => {
    const result = summarizeBlocks(blocks(withPublic), plain)
    expect(result).toMatchObject({ valid: true, blocks: 900, unit: 'µs' })
    expect(named(result, 'validation')).toMatchObject({ of: 'protected distinct', significant: true })
    expect(named(result, 'validation')!.low).toBeLessThan(63)
    expect(named(result, 'validation')!.high).toBeGreaterThan(63)
    expect(Math.abs(named(result, 'validation')!.median - 63)).toBeLessThan(3)
    expect(named(result, 'refusal')!.median).toBeGreaterThan(20)
  })

  it('do not find a difference where there is none', () => {
    const result = summarizeBlocks(
      blocks({ ...withPublic, [armNames.publicWithBytes]: 0, [armNames.publicTwin]: 0 }),
      plain,
    )
    expect(result.aa!.significant).toBe(false)
    expect(named(result, 'token header')!.significant).toBe(false)
  })

  it('are not valid where equal requests differ', () => {
    const result = summarizeBlocks(blocks({ ...withPublic, [armNames.publicTwin]: 20 }), plain)
    expect(result.valid).toBe(false)
    expect(result.reason).toContain('environment too noisy')
  })

  it('are not valid where the blocks are few, or most were given up', () => {
    expect(summarizeBlocks(blocks(withPublic, 100), plain)).toMatchObject({
      valid: false,
      reason: 'too few blocks: 90, of 120 at least',
      aa: null,
      differences: [],
    })
    expect(summarizeBlocks(blocks(withPublic), { ...plain, dropped: 901 }).reason).toContain(
      'more blocks were given up',
    )
  })

  it('are not valid where the measuring process was late, or an arm that is needed is missing', () => {
    expect(summarizeBlocks(blocks(withPublic), { ...plain, loopDelayP99Ms: 80 }).reason).toBe(
      'the generator itself was late by 80.0 ms (p99)',
    )
    const leftOut = [{ name: armNames.distinct, reason: 'answered with 401' }]
    expect(summarizeBlocks(blocks(withPublic), { ...plain, leftOut }).reason).toContain('answered with 401')
    const unneeded = [{ name: armNames.refused, reason: 'closes' }]
    expect(summarizeBlocks(blocks(withPublic), { ...plain, leftOut: unneeded }).valid).toBe(true)
  })

  it('call a cost of nothing noise nine times of ten at least, and hardly ever find equal requests different', () => {
    let [noise, valid] = [0, 0]
    for (let run = 0; run < 100; run++) {
      const result = summarizeBlocks(
        blocks({ ...withPublic, [armNames.publicWithBytes]: 0, [armNames.publicTwin]: 0 }, 400),
        { ...plain, comparisons: [['token header', armNames.publicWithBytes, armNames.public]], seed: run },
      )
      if (!named(result, 'token header')!.significant) noise++
      if (result.valid) valid++
    }
    expect(noise).toBeGreaterThanOrEqual(90)
    expect(valid).toBeGreaterThanOrEqual(97)
  })

  it('tell a cost of two microseconds from nothing', () => {
    const result = summarizeBlocks(blocks(withPublic, 4000), plain)
    expect(named(result, 'token header')).toMatchObject({ significant: true })
  })
})
