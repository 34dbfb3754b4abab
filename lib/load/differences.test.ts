import { describe, expect, it } from 'vitest'
import { summarizeBlocks, variantNames, type ValidationResult } from './differences.ts'
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
  [variantNames.public]: 0,
  [variantNames.publicWithToken]: 2,
  [variantNames.publicTwin]: 2,
  [variantNames.repeated]: 4,
  [variantNames.distinct]: 65,
  [variantNames.refused]: 30,
}
const plain = { relative: false, leftOut: [], dropped: 0 }
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
      blocks({ ...withPublic, [variantNames.publicWithToken]: 0, [variantNames.publicTwin]: 0 }),
      plain,
    )
    expect(result.aa!.significant).toBe(false)
    expect(named(result, 'token header')!.significant).toBe(false)
  })

  it('are not valid where equal requests differ', () => {
    const result = summarizeBlocks(blocks({ ...withPublic, [variantNames.publicTwin]: 20 }), plain)
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

  it('are relative to a token seen before where there is no public route', () => {
    const times = blocks({
      [variantNames.repeatedTwin]: 0,
      [variantNames.repeated]: 0,
      [variantNames.distinct]: 60,
    })
    const result = summarizeBlocks(times, { ...plain, relative: true })
    expect(result).toMatchObject({ valid: true, relative: true })
    expect(result.differences.map(({ name }) => name)).toEqual(['token not seen before'])
    expect(result.aa).toMatchObject({ of: 'protected repeated (twin)' })
  })
})
