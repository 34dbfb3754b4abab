import { describe, expect, it } from 'vitest'
import { armNames, armsOf, type Variants } from './arms.ts'
import type { Variant } from './validation.ts'

const variant: Variant = { requests: [Buffer.from('GET / HTTP/1.1\r\n\r\n')], isExpected: () => true }
const least: Variants = { repeated: variant, distinct: variant, algorithm: 'RS256', others: [] }
const most: Variants = {
  ...least,
  public: { bare: variant, withBytes: variant },
  others: [{ algorithm: 'ES256', variant }],
  large: variant,
  refused: variant,
}

describe('the arms of a measurement', () => {
  it('are all that a target allows, each compared with what differs in one thing', () => {
    const plan = armsOf(most)
    expect(plan.relative).toBe(false)
    expect(plan.comparisons.map(([name, of, from]) => `${name}: ${of} − ${from}`)).toEqual([
      'validation: protected distinct − public+bytes',
      'validation, token seen before: protected repeated − public+bytes',
      'validation, ES256: protected distinct, ES256 − public+bytes',
      'token not seen before: protected distinct − protected repeated',
      'token header: public+bytes − public',
      'large token: protected distinct, large − protected distinct',
      'refusal: refused − protected distinct',
      'ES256 against RS256: protected distinct, ES256 − protected distinct',
    ])
  })

  it('compare nothing that is not there', () => {
    const plan = armsOf(least)
    expect(plan.relative).toBe(true)
    expect(plan.comparisons).toEqual([['token not seen before', armNames.distinct, armNames.repeated]])
  })

  it.each([most, least])('have two that are one and the same', (variants) => {
    const { arms, twins } = armsOf(variants)
    const [one, other] = twins.map((name) => arms.find((arm) => arm.name === name))
    expect(one?.requests).toBe(other?.requests)
    expect(one?.name).not.toBe(other?.name)
  })

  it('send a token once that must not have been seen, and may lack only what is no control', () => {
    const { arms } = armsOf(most)
    expect(arms.filter(({ once }) => once).map(({ name }) => name)).toEqual([
      'protected distinct',
      'protected distinct, ES256',
      'protected distinct, large',
    ])
    expect(arms.filter(({ optional }) => optional).map(({ name }) => name)).toEqual([
      'protected distinct, ES256',
      'protected distinct, large',
      'refused',
    ])
  })
})
