import { describe, expect, it } from 'vitest'
import type { ValidationResult } from './differences.ts'
import { decodeHistogram } from './histogram-codec.ts'
import { Histogram } from './histogram.ts'
import type { PhaseResult } from './phase.ts'
import type { ClassRecord } from './record.ts'
import { summarizeLoad, type LoadResult } from './summary.ts'
import { parseThresholds } from './thresholds.ts'

const record = (name: string, microseconds: number, change: Partial<ClassRecord> = {}): ClassRecord => {
  const latency = new Histogram()
  for (let at = 1; at <= 1000; at++) latency.record(at === 1000 ? 90_000 : microseconds)
  return {
    name,
    expect: name === 'valid' ? 'accept' : 'refuse',
    pool: 400,
    taken: 1200,
    sent: 1000,
    judged: 1000,
    falseAccepts: 0,
    falseRefusals: 0,
    latency,
    offenders: [],
    ...change,
  }
}
const phase: PhaseResult = {
  name: 'load',
  model: 'closed',
  end: { kind: 'finished' },
  connections: 50,
  connected: 52,
  ms: 2000,
  sent: 2000,
  answered: 1995,
  judged: 2000,
  lost: 5,
  classes: [record('valid', 400), record('aud-wrong', 200, { falseAccepts: 3 })],
  errors: { timeout: 5 },
  keepAlive: true,
  maxConnections: 50,
  service: new Histogram(),
  lateness: new Histogram(),
  waited: 0,
  loopDelayP99Ms: 0.5,
  busy: 0.4,
  cpuShare: 0.31,
  seed: 1,
}
const validation: ValidationResult = {
  unit: 'µs',
  valid: true,
  relative: false,
  blocks: 900,
  dropped: 0,
  leftOut: [],
  variants: {},
  differences: [{ name: 'validation', of: 'a', from: 'b', median: 63, low: 60, high: 66, significant: true }],
  aa: null,
}

const summarize = (
  { expressions = [], ...change }: Partial<PhaseResult> & { expressions?: string[] },
  measured: ValidationResult = validation,
): LoadResult => {
  const { thresholds, faults } = parseThresholds(expressions, {
    classes: ['valid', 'aud-wrong'],
    validation: true,
  })
  expect(faults).toEqual([])
  return summarizeLoad({ phases: [{ ...phase, ...change }], validation: measured }, thresholds, {
    loopDelayP99Ms: 10,
  })
}

describe('the summary of a load run', () => {
  it('gives the phase with its classes and what the numbers rest on', () => {
    const { phases, valid, invalid } = summarize({})
    expect({ valid, invalid }).toEqual({ valid: true, invalid: [] })
    expect(phases[0]).toMatchObject({
      name: 'load',
      model: 'closed',
      connections: 50,
      ms: 2000,
      requests: 2000,
      perSecond: 1000,
      errors: { timeout: 5 },
      honesty: { sent: 2000, answered: 1995, lost: 5, connectionsMade: 52 },
    })
    expect(phases[0]!.latencyMs).toEqual({ p50: 0.4, p90: 0.4, p99: 0.4, 'p99.9': 0.4, max: 90, mean: 0.39 })
    expect(phases[0]!.classes[1]).toMatchObject({
      case: 'aud-wrong',
      requests: 1000,
      falseAccepts: 3,
      falseRefusals: 0,
      misjudged: 3,
      tokens: { pool: 400, distinct: 400, timesEach: 3 },
    })
    expect(decodeHistogram(phases[0]!.histogram).total).toBe(2000)
  })

  it('has null for latencies and 0 for the rate where nothing was measured', () => {
    const classes = [record('valid', 0, { sent: 0, judged: 0, latency: new Histogram() })]
    const { phases, valid } = summarize({ classes, ms: 0, sent: 0, judged: 0, answered: 0, lost: 0 })
    expect(valid).toBe(false)
    expect(phases[0]).toMatchObject({ perSecond: 0, latencyMs: { p50: null, max: null, mean: null } })
  })

  it.each([
    ['p99 < 50ms', 0.4, true],
    ['p99 < 300us', 400, false],
    ['max < 0.05s', 0.09, false],
    ['class(aud-wrong).p99 < 300us', 200, true],
    ['class(valid).mean <= 1ms', 0.4896, true],
    ['perSecond > 1000', 1000, false],
    ['perSecond >= 1000', 1000, true],
    ['errors < 0.1%', 0.25, false],
    ['errors <= 5', 5, true],
    ['lost < 1%', 0.25, true],
    ['misjudged = 0', 3, false],
    ['class(valid).misjudged = 0', 0, true],
    ['falseAccepts < 0.2%', 0.15, true],
    ['falseRefusals = 0', 0, true],
    ['validation.p50 < 1ms', 0.063, true],
  ])('holds the run against "%s"', (expression, value, ok) => {
    const { thresholds, valid } = summarize({ expressions: [expression] })
    expect(thresholds).toEqual([{ expression, value: expect.closeTo(value, 6), ok }])
    expect(valid).toBe(true)
  })

  it.each([
    'p99 < 50ms',
    'p99 > 0ms',
    'max < 1s',
    'perSecond > 0',
    'misjudged = 0',
    'errors < 1%',
    'class(valid).misjudged = 0',
  ])('does not take "%s" for met where nothing was measured', (expression) => {
    const classes = [record('valid', 0, { sent: 0, judged: 0, latency: new Histogram() })]
    const nothing = { classes, sent: 0, judged: 0, answered: 0, lost: 0, errors: {} }
    expect(summarize({ ...nothing, expressions: [expression] }).thresholds).toEqual([
      { expression, value: null, ok: false },
    ])
  })

  it.each<[string, Partial<PhaseResult>]>([
    [
      'unreachable: 127.0.0.1:9: connect ECONNREFUSED',
      { end: { kind: 'unreachable', detail: '127.0.0.1:9: connect ECONNREFUSED' } },
    ],
    ['untrusted: no', { end: { kind: 'untrusted', detail: 'no' } }],
    ['interrupted', { end: { kind: 'interrupted' } }],
    ['2000 requests were sent, but 1900 answered and 5 lost', { answered: 1900 }],
    [
      'no request of aud-wrong came to a verdict',
      { classes: [record('valid', 1), record('aud-wrong', 1, { judged: 0 })] },
    ],
    ['most requests came to no verdict: 429 ×1500', { judged: 500, errors: { 429: 1500 } }],
    [
      'the generator itself was late by 25.0 ms (p99): use fewer connections or a quieter machine',
      { loopDelayP99Ms: 25 },
    ],
  ])('is not valid: %s', (reason, change) => {
    expect(summarize(change)).toMatchObject({ valid: false, invalid: [reason] })
  })

  it('is not valid where a threshold rests on too few samples', () => {
    expect(summarize({ expressions: ['p99.9 < 1s'] }).invalid).toEqual([
      'threshold "p99.9 < 1s" rests on 2000 samples, of 10000 that it needs: load for longer',
    ])
  })

  it('takes no value from a validation that is not valid, which matters only where a threshold asks for it', () => {
    const noisy = { ...validation, valid: false, reason: 'environment too noisy' }
    expect(summarize({}, noisy).valid).toBe(true)
    expect(summarize({ expressions: ['validation.p50 < 1ms'] }, noisy)).toMatchObject({
      thresholds: [{ value: null, ok: false }],
      valid: false,
      invalid: ['validation: environment too noisy'],
    })
  })

  it('holds thresholds against all phases together', () => {
    const { thresholds } = parseThresholds(['perSecond > 1', 'errors = 10', 'class(valid).p50 < 1s'], {
      classes: ['valid'],
      validation: false,
    })
    const slower = { ...phase, ms: 6000 }
    const result = summarizeLoad({ phases: [phase, slower] }, thresholds, { loopDelayP99Ms: 10 })
    expect(result.phases).toHaveLength(2)
    expect(result.thresholds).toMatchObject([{ value: 500 }, { value: 10, ok: true }, { ok: true }])
  })

  it('tells in which the generator of an open model did not keep up', () => {
    const lateness = new Histogram()
    for (let at = 0; at < 100; at++) lateness.record(8000)
    const open = {
      model: 'open' as const,
      open: { rate: { from: 100, to: 300 }, arrivals: 'uniform' as const },
    }
    const result = summarize({ ...open, lateness })
    expect(result.phases[0]).toMatchObject({ rate: 200, honesty: { latenessP99Ms: expect.closeTo(8, 1) } })
    expect(result.invalid).toEqual([expect.stringContaining('the generator sent late by 8.0 ms')])
  })

  it('that was stopped because it was asked to be is a crossed threshold, and no broken measurement', () => {
    const stopped = { expression: 'abort on errors > 5%', value: 7, ok: false }
    const end = { kind: 'interrupted' as const }
    const result = summarizeLoad({ phases: [{ ...phase, end }], stopped }, [], { loopDelayP99Ms: 10 })
    expect(result).toMatchObject({ valid: true, thresholds: [stopped] })
  })
})
