import { describe, expect, it } from 'vitest'
import { parseThresholds } from './thresholds.ts'

const scope = { classes: ['valid', 'aud-wrong'], validation: true }
const read = (expression: string, change = {}) => parseThresholds([expression], { ...scope, ...change })

describe('a threshold', () => {
  it.each([
    [
      'p99 < 50ms',
      { metric: { kind: 'latency', of: { quantile: 0.99 } }, operator: '<', limit: 50, unit: 'ms' },
    ],
    [
      'p99.9<=1.5s',
      { metric: { kind: 'latency', of: { quantile: 0.999 } }, operator: '<=', limit: 1.5, unit: 's' },
    ],
    ['max < 800 us', { metric: { kind: 'latency', of: 'max' }, limit: 800, unit: 'us' }],
    ['perSecond > 1000', { metric: { kind: 'perSecond' }, operator: '>', limit: 1000, unit: '' }],
    ['errors < 0.1%', { metric: { kind: 'count', of: 'errors' }, limit: 0.1, unit: '%' }],
    ['misjudged = 0', { metric: { kind: 'count', of: 'misjudged' }, operator: '=', limit: 0, unit: '' }],
    ['validation.p50 < 1ms', { metric: { kind: 'validation' }, limit: 1, unit: 'ms' }],
    [
      'class(aud-wrong).p99 < 20ms',
      { metric: { kind: 'latency', of: { quantile: 0.99 }, class: 'aud-wrong' }, limit: 20 },
    ],
    ['class(valid).falseRefusals = 0', { metric: { kind: 'count', of: 'falseRefusals', class: 'valid' } }],
  ])('is read from "%s"', (expression, threshold) => {
    const { thresholds, faults } = read(expression)
    expect(faults).toEqual([])
    expect(thresholds[0]).toMatchObject({ expression, ...threshold })
  })

  it.each([
    ['fast please', 'not of the form "p99 < 50ms"'],
    ['p99 < 50', 'a unit is missing; right would be "p99 < 50ms"'],
    ['p99 < 50%', '"%" is not a unit of p99; right would be "p99 < 50ms"'],
    ['p99 < 5min', '"min" is not a unit of p99; right would be "p99 < 5ms"'],
    ['perSecond > 10ms', '"ms" is not a unit of perSecond; right would be "perSecond > 10"'],
    ['p99 == 5ms', 'the operators are <= >= < > ='],
    ['p0 < 5ms', 'unknown metric "p0"; known are p50,'],
    ['p100 < 5ms', 'unknown metric "p100"'],
    ['latency < 5ms', 'unknown metric "latency"'],
    ['class(aud).p99 < 5ms', 'no class "aud" in load.mix; there are valid, aud-wrong'],
    ['class(valid).errors = 0', 'a class has no "errors"; it has p50,'],
  ])('makes no sense as "%s", which is said together with what would', (expression, fault) => {
    const { thresholds, faults } = read(expression)
    expect(thresholds).toEqual([])
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(`threshold "${expression}": `)
    expect(faults[0]).toContain(fault)
  })

  it('of validation needs a public route', () => {
    expect(read('validation.p50 < 1ms', { validation: false }).faults[0]).toContain('target.routes.public')
  })

  it('is told with all other faults at once', () => {
    expect(parseThresholds(['p99 < 5', 'p50 < 5ms', 'x < 1'], scope)).toMatchObject({
      thresholds: [{ expression: 'p50 < 5ms' }],
      faults: [{}, {}].map(() => expect.any(String)),
    })
  })

  it.each([
    [['p99 < 0ms'], 'can never hold'],
    [['errors < 120%'], 'a share is at most 100%'],
    [['perSecond > 5000'], 'only 1000 a second are sent (load.rate)'],
    [['p99.9 < 5ms'], 'it needs 10000 samples, and 5000 requests are planned'],
    [['class(aud-wrong).p99 < 5ms'], 'it needs 1000 samples, and 500 requests are planned'],
    [['p99 > 50ms', 'p99 < 0.01s'], 'thresholds "p99 > 50ms" and "p99 < 0.01s" can never hold together'],
  ])('%j makes no sense where 1000 a second are sent for 5 s', (expressions, fault) => {
    const planned = (name: string | undefined) => (name === 'aud-wrong' ? 500 : 5000)
    const { faults } = parseThresholds(expressions, { ...scope, rate: 1000, planned })
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(fault)
  })

  it.each([
    ['p99 < 50ms', 'p99 > 1ms'],
    ['p50 > 50ms', 'p99 < 20s'],
    ['errors < 100%', 'errors >= 0'],
  ])('makes sense as %s beside %s', (...expressions) => {
    expect(parseThresholds(expressions, scope).faults).toEqual([])
  })

  it('speaks of the validation of an algorithm that is measured', () => {
    expect(read('validation(ES256).p50 < 1ms', { algorithms: ['ES256'] })).toMatchObject({
      thresholds: [{ metric: { kind: 'validation', algorithm: 'ES256' } }],
    })
    expect(read('validation(ES512).p50 < 1ms', { algorithms: ['ES256'] }).faults[0]).toContain(
      'beyond the first it is for ES256',
    )
  })
})
