import { describe, expect, it } from 'vitest'
import { load as wholeLoad } from '../../../test/fixtures/load.ts'
import type { Load, Report } from '../report.ts'
import { gate, gateCode } from './baseline.ts'
import {
  comparisonOf,
  fail,
  inconclusive,
  judged,
  loadFrom,
  loadOf,
  missing,
  pass,
  reportOf,
  type Sample,
} from './fixture.ts'

const runOver = (http: '1.1' | '2'): NonNullable<Load['run']> => {
  if (wholeLoad.run === undefined) throw new Error('the fixture says nothing of its run')
  return { ...wholeLoad.run, http }
}

const against = (reports: readonly Report[], { baselines = 1, tolerance = 0.1 } = {}) => {
  const gates = gate(comparisonOf(...reports), { baselines, tolerance })
  return { code: gateCode(gates), changes: gates.flatMap(({ changes }) => changes) }
}

describe('verdicts against a baseline', () => {
  const run = (...results: Parameters<typeof reportOf>[1]) => reportOf('staging', results)
  const waived = { waived: [{ kind: 'let-in', reason: 'ticket 1' }] }

  it.each([
    ['stayed', judged('aud-a', pass), judged('aud-a', pass), 0],
    ['went from pass to fail', judged('aud-a', pass), judged('aud-a', fail('let-in')), 1],
    [
      'went from observed to fail',
      judged('aud-a', { status: 'observed', notes: [] }),
      judged('aud-a', fail('let-in')),
      1,
    ],
    ['failed before', judged('aud-a', fail('let-in')), judged('aud-a', fail('let-in')), 0],
    [
      'is let in where only its status was wrong',
      judged('aud-a', fail('wrong-status')),
      judged('aud-a', fail('wrong-status', 'let-in')),
      1,
    ],
    ['fails and is waived', judged('aud-a', pass), judged('aud-a', fail('let-in'), waived), 0],
    ['is mended', judged('aud-a', fail('let-in')), judged('aud-a', pass), 0],
    ['is not judged any more', judged('aud-a', pass), judged('aud-a', missing), 2],
    ['fails, and was not judged before', judged('aud-a', inconclusive), judged('aud-a', fail('let-in')), 2],
    ['was never judged', judged('aud-a', missing), judged('aud-a', missing), 0],
  ] as const)('a case that %s', (_, before, now, code) => {
    expect(against([run(before), run(now)]).code).toBe(code)
  })

  it('a case that failed before by another variant', () => {
    const by = (...wrong: readonly string[]) =>
      judged('aud-a', fail('let-in'), {
        variants: ['x', 'y'].map((name) => ({ name, verdict: wrong.includes(name) ? fail('let-in') : pass })),
      })
    expect(against([run(by('x')), run(by('x'))]).code).toBe(0)
    const { code, changes } = against([run(by('x')), run(by('x', 'y'))])
    expect(code).toBe(1)
    expect(changes[0]?.detail).toMatch(/A bad request was let in \(y\)/)
  })

  it('a failing case that the baseline does not hold', () => {
    const { code, changes } = against([
      run(judged('aud-a', pass)),
      run(judged('aud-a', pass), judged('aud-b', fail('let-in'))),
    ])
    expect(code).toBe(2)
    expect(changes).toMatchObject([{ kind: 'unsure', what: 'aud-b' }])
  })

  it('a case that was left out of the later run', () => {
    expect(
      against([run(judged('aud-a', pass), judged('aud-b', pass)), run(judged('aud-a', pass))]).code,
    ).toBe(2)
  })
})

describe('load against a baseline', () => {
  const sample = (more: Partial<Sample> = {}): Sample => ({
    median: 500,
    requests: 100_000,
    seed: 1,
    ...more,
  })
  const run = (load: Load) => loadOf('staging', load)
  const weigh = (before: Load, now: Load) => against([run(before), run(now)])
  const kinds = ({ changes }: ReturnType<typeof against>) =>
    Object.fromEntries(changes.map(({ what, kind }) => [what, kind]))

  it('holds where only the samples are others', () => {
    const { code, changes } = weigh(
      loadFrom(sample({ requests: 400_000 })),
      loadFrom(sample({ requests: 400_000, seed: 2 })),
    )
    expect(changes.map(({ kind }) => kind)).toEqual(['held', 'held', 'held'])
    expect(code).toBe(0)
  })

  it('is worse where latency grew by more than noise and tolerance', () => {
    const told = weigh(loadFrom(sample()), loadFrom(sample({ median: 700, seed: 2 })))
    expect(told.code).toBe(1)
    expect(kinds(told)).toEqual({
      'phase constant: rate': 'worse',
      'phase constant: p50': 'worse',
      'phase constant: p99': 'worse',
    })
    expect(told.changes[1]?.detail).toMatch(
      /^0\.\d+ ms before, 0\.\d+ ms now: 4\d\.\d % worse, with noise between/,
    )
  })

  it('is better where it shrank', () => {
    const told = weigh(loadFrom(sample()), loadFrom(sample({ median: 300, seed: 2 })))
    expect(told.code).toBe(0)
    expect(Object.values(kinds(told))).toEqual(['better', 'better', 'better'])
  })

  it('cannot tell where the tolerance lies inside the noise', () => {
    const told = weigh(
      loadFrom(sample({ requests: 2000 })),
      loadFrom(sample({ requests: 2000, median: 550, seed: 2 })),
    )
    expect(told.code).toBe(2)
    expect(kinds(told)).toMatchObject({ 'phase constant: p50': 'unsure' })
  })

  it('cannot tell of a percentile with too few samples, and says so', () => {
    const told = weigh(loadFrom(sample({ requests: 500 })), loadFrom(sample({ requests: 500 })))
    expect(told.code).toBe(2)
    expect(told.changes.find(({ what }) => what.endsWith('p99'))?.detail).toMatch(/too few samples/)
  })

  it('takes what changes between runs of the baseline for noise', () => {
    const [slow, fast, now] = [600, 500, 640].map((median, seed) => run(loadFrom(sample({ median, seed }))))
    if (slow === undefined || fast === undefined || now === undefined) throw new Error('three runs')
    const p50 = (reports: readonly Report[], baselines: number) =>
      kinds(against(reports, { baselines }))['phase constant: p50']
    expect(p50([fast, now], 1)).toBe('worse')
    expect(p50([fast, slow, now], 2)).not.toBe('worse')
  })

  it.each<[string, (load: Load) => Load, RegExp]>([
    [
      'is not valid',
      (load) => ({ ...load, valid: false, invalid: ['the generator ran late'] }),
      /generator ran late/,
    ],
    [
      'has another phase',
      (load) => ({ ...load, phases: load.phases.map((phase) => ({ ...phase, name: 'other' })) }),
      /has this phase/,
    ],
    [
      'had other connections',
      (load) => ({ ...load, phases: load.phases.map((phase) => ({ ...phase, connections: 20 })) }),
      /not the same load/,
    ],
    [
      'spoke another HTTP',
      (load) => ({ ...load, run: runOver('2') }),
      /not the same protocol: HTTP\/1.1 before, HTTP\/2 now/,
    ],
    [
      'has a histogram that cannot be read',
      (load) => ({ ...load, phases: load.phases.map((phase) => ({ ...phase, histogram: 'bm9wZQ==' })) }),
      /too few samples/,
    ],
  ])('cannot tell where the later run %s', (_, change, words) => {
    const told = weigh({ ...loadFrom(sample()), run: runOver('1.1') }, change(loadFrom(sample())))
    expect(told.code).toBe(2)
    expect(told.changes.map(({ detail }) => detail).join()).toMatch(words)
  })

  it('cannot tell where the later run was not measured', () => {
    const one = reportOf('staging', [judged('aud-a', pass)])
    expect(against([{ ...one, load: loadFrom(sample()) }, one]).code).toBe(2)
    expect(against([one, { ...one, load: loadFrom(sample()) }]).code).toBe(0)
  })

  it('is worse where a request is misjudged that none was before, however noisy the rest', () => {
    const misjudging = (load: Load): Load => ({
      ...load,
      valid: false,
      invalid: ['too short'],
      phases: load.phases.map((phase) => ({
        ...phase,
        classes: phase.classes.map((each) => ({ ...each, falseAccepts: 1, misjudged: 1 })),
      })),
    })
    const good = loadFrom(sample())
    expect(weigh(good, misjudging(good)).code).toBe(1)
    expect(weigh(misjudging(good), misjudging(good)).code).toBe(2)
  })

  it('does not hold the rate of the open model against a gateway', () => {
    const open = { model: 'open', rate: 1000, perSecond: 1000 } as const
    const told = weigh(loadFrom(sample(), open), loadFrom(sample({ seed: 2 }), { ...open, perSecond: 500 }))
    expect(Object.keys(kinds(told))).toEqual(['phase constant: p50', 'phase constant: p99'])
  })

  const costing = (median: number, half: number, valid = true): Load => ({
    ...loadFrom(sample()),
    validation: {
      unit: 'us',
      baseline: 'public',
      blocks: 1000,
      valid,
      aa: { low: -1, high: 1 },
      variants: [],
      differences: [
        { name: 'validation', median, low: median - half, high: median + half, significant: true },
      ],
    },
  })

  it.each([
    ['grew beyond noise', costing(60, 2), costing(80, 2), 'worse'],
    ['stayed', costing(60, 1), costing(61, 1), 'held'],
    ['is next to nothing, and twice that now', costing(1, 0.5), costing(2, 0.5), 'held'],
    ['is too noisy', costing(60, 20), costing(62, 20), 'unsure'],
    ['was measured by an invalid comparison', costing(60, 1), costing(60, 1, false), 'unsure'],
    ['is not measured any more', costing(60, 1), loadFrom(sample()), 'unsure'],
  ] as const)('the cost of validation that %s', (_, before, now, kind) => {
    const told = weigh(before, now).changes.find(({ what }) => what.startsWith('validation cost'))
    expect(told?.kind).toBe(kind)
  })
})
