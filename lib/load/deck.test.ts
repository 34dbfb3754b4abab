import { describe, expect, it } from 'vitest'
import { createDeck } from './deck.ts'
import { seededRandom } from './random.ts'

const counts = (weights: readonly number[], draws: number): number[] => {
  const draw = createDeck(weights, seededRandom(1))
  const seen = weights.map(() => 0)
  for (let at = 0; at < draws; at++) seen[draw()]!++
  return seen
}

describe('a deck', () => {
  it('deals whole weights in exact proportion within each round', () => {
    expect(counts([90, 10], 10)).toEqual([9, 1])
    expect(counts([3, 2, 1], 600)).toEqual([300, 200, 100])
  })

  it('deals broken weights to a thousandth', () => {
    expect(counts([99.5, 0.5], 1000)).toEqual([995, 5])
  })

  it('never leaves out a class however small, and always one without weight', () => {
    expect(counts([1e9, 1, 0], 1001)).toEqual([1000, 1, 0])
  })

  it('deals in the same order for the same seed and in another for another', () => {
    const order = (seed: number): string => {
      const draw = createDeck([5, 5], seededRandom(seed))
      return Array.from({ length: 50 }, draw).join('')
    }
    expect(order(4)).toBe(order(4))
    expect(order(4)).not.toBe(order(5))
  })

  it('refuses to be dealt from nothing', () => {
    expect(() => createDeck([0, 0], seededRandom(1))).toThrow('positive weight')
  })
})
