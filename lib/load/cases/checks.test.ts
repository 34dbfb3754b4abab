import { describe, expect, it } from 'vitest'
import type { ValidationResult } from '../differences.ts'
import { Unjudged } from './bench.ts'
import { checkLoad } from './checks.ts'

const validation = (more: Partial<ValidationResult> = {}): ValidationResult => ({
  unit: 'µs',
  valid: true,
  relative: false,
  blocks: 500,
  dropped: 0,
  leftOut: [],
  variants: { refused: { p50: 400 }, 'protected distinct': { p50: 100 } },
  differences: [
    {
      ...{ name: 'ES256 against RS256', of: 'a', from: 'b' },
      ...{ median: 40, low: 38, high: 42, significant: true },
    },
  ],
  aa: null,
  ...more,
})

const bounded = (atMost: number) => [
  { 'bounded-cost': { of: 'refused', from: 'protected distinct', atMost } },
]

const whyOf = (run: () => unknown): unknown => {
  try {
    run()
  } catch (error) {
    return error instanceof Unjudged ? error.why : error
  }
  return undefined
}

describe('the check of what a refusal costs', () => {
  it('warns above its bound, at the level of the case, and tells the ratio', () => {
    const found = checkLoad({ check: bounded(3) }, { level: 'should', validation: validation() })
    expect(found.mismatches).toMatchObject([
      {
        kind: 'out-of-proportion',
        level: 'should',
        detail: 'refused takes 4 times as long as protected distinct',
      },
    ])
    expect(found.measured.ratio).toBe(4)
  })

  it('holds at its bound', () => {
    expect(
      checkLoad({ check: bounded(4) }, { level: 'should', validation: validation() }).mismatches,
    ).toEqual([])
  })

  it('says nothing of a measurement that is not valid, or that left the arm out', () => {
    const invalid = validation({ valid: false, reason: 'too noisy' })
    expect(whyOf(() => checkLoad({ check: bounded(3) }, { level: 'should', validation: invalid }))).toEqual({
      reason: 'measurement-not-valid: too noisy',
    })
    const partial = validation({ variants: {}, leftOut: [{ name: 'refused', reason: 'the gateway closes' }] })
    expect(whyOf(() => checkLoad({ check: bounded(3) }, { level: 'should', validation: partial }))).toEqual({
      reason: 'not-measured: the gateway closes',
    })
  })
})

describe('the report of differences', () => {
  it('finds them by a pattern', () => {
    const check = [{ 'reports-difference': ['* against *'] }]
    const { measured, mismatches } = checkLoad({ check }, { level: 'may', validation: validation() })
    expect(mismatches).toEqual([])
    expect(measured).toEqual({
      'ES256 against RS256: us': 40,
      'ES256 against RS256: 95 %': '38 to 42',
      'ES256 against RS256: noise': false,
    })
  })

  it('takes no other text for a pattern', () => {
    const check = [{ 'reports-difference': ['ES256.against.RS256'] }]
    expect(whyOf(() => checkLoad({ check }, { level: 'may', validation: validation() }))).toEqual({
      reason: 'not-measured: ES256.against.RS256',
    })
  })
})
