import { shuffle, type Random } from './random.ts'

const most = 1000

/**
 * Draws indexes of `weights` in random order and in exact proportion: a deck holds each index as often as its weight
 * says, is dealt to the end, and shuffled again. Every positive weight has at least one card in a thousand.
 */
export const createDeck = (weights: readonly number[], random: Random): (() => number) => {
  const cards = weights.flatMap((weight, index) =>
    Array.from({ length: cardsOf(weight, weights) }, () => index),
  )
  if (cards.length === 0) throw new RangeError('no class has a positive weight')
  let at = cards.length
  return () => {
    if (at === cards.length) {
      shuffle(cards, random)
      at = 0
    }
    return cards[at++] ?? 0
  }
}

/** Whole weights stand as they are, reduced; others are rounded to thousandths of the whole. */
const cardsOf = (weight: number, weights: readonly number[]): number => {
  if (weight <= 0) return 0
  const positive = weights.filter((each) => each > 0)
  const whole = positive.reduce((sum, each) => sum + each, 0)
  const unit = positive.every(Number.isSafeInteger) ? positive.reduce(greatestCommonDivisor) : Infinity
  return whole / unit <= most && unit !== Infinity
    ? weight / unit
    : Math.max(1, Math.round((weight / whole) * most))
}

const greatestCommonDivisor = (a: number, b: number): number =>
  b === 0 ? a : greatestCommonDivisor(b, a % b)
