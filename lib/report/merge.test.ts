import { describe, expect, it } from 'vitest'
import { decodeHistogram } from '../load/histogram-codec.ts'
import { Histogram } from '../load/histogram.ts'
import type { PhaseResult } from '../load/phase.ts'
import { seededRandom } from '../load/random.ts'
import type { ClassRecord } from '../load/record.ts'
import { Series } from '../load/series.ts'
import { summarizeLoad } from '../load/summary.ts'
import { loadPart } from './load-part.ts'
import { mergeReports, type ShardReport } from './merge.ts'
import type { Load, Report } from './report.ts'
import { checkReport } from './schema.ts'

const names = ['valid', 'aud-wrong'] as const
const shards = 8
const perShard = 5000

/** What is recorded of the nth request of all: its class, how long it took, how it was judged. */
const random = seededRandom(21)
const requests = Array.from({ length: shards * perShard }, (_, at) => ({
  name: names[at % 5 === 0 ? 1 : 0],
  microseconds: 200 + 300 / Math.max(1e-5, random()) ** 0.8,
  misjudged: at % 9973 === 5,
}))

const recorded = (part: readonly (typeof requests)[number][]): PhaseResult => {
  const classes = names.map((name): ClassRecord => ({
    name,
    expect: name === 'valid' ? 'accept' : 'refuse',
    pool: 100,
    taken: part.length,
    sent: 0,
    judged: 0,
    falseAccepts: 0,
    falseRefusals: 0,
    latency: new Histogram(),
    offenders: [],
  }))
  for (const { name, microseconds, misjudged } of part) {
    const record = classes[names.indexOf(name)]!
    record.sent++
    record.judged++
    record.latency.record(microseconds)
    if (!misjudged) continue
    if (record.expect === 'accept') record.falseRefusals++
    else record.falseAccepts++
    record.offenders.push({ class: name, index: 0, status: 200 })
  }
  const series = new Series()
  series.observe(1000, { classes, errors: new Map() })
  series.finish(1000, { classes, errors: new Map() })
  return {
    name: 'constant',
    model: 'open',
    open: { rate: { from: 100, to: 100 }, arrivals: 'uniform' },
    end: { kind: 'finished' },
    keepAlive: true,
    connections: 6,
    maxConnections: 10,
    connected: 6,
    ms: 1000,
    sent: part.length,
    answered: part.length,
    judged: part.length,
    lost: 0,
    classes,
    errors: { 503: 2 },
    service: new Histogram(),
    lateness: new Histogram(),
    waited: 0,
    loopDelayP99Ms: 1,
    busy: 0.2,
    seed: 1,
    series: series.slices,
    cpuShare: 0.3,
  }
}

const run = (index: number): NonNullable<Load['run']> => ({
  command: `gateproof load --shard ${index}/${shards}`,
  startedAt: `2030-01-31T12:00:00.00${index}Z`,
  suite: 'suite-digest',
  settings: 'settings-digest',
  mix: { valid: 80, 'aud-wrong': 20 },
  thresholds: ['p99 < 50ms', 'perSecond > 30000', 'class(aud-wrong).p99.9 < 1s'],
  shard: { index, of: shards },
  machine: { node: 'v20.20.2', system: 'Linux', processor: 'x', cores: 2, memoryMb: 4096 },
})

const reportOf = (phase: PhaseResult, made?: NonNullable<Load['run']>): Report => ({
  version: 1,
  tool: { name: 'gateproof', version: '0.1.0' },
  started: '2030-01-31T11:59:50.000Z',
  finished: '2030-01-31T12:00:05.000Z',
  complete: true,
  target: { name: 'gw', url: 'https://gw.example.test/v1' },
  load: loadPart(summarizeLoad({ phases: [phase] }, [], { loopDelayP99Ms: 100 }), {
    redact: (text) => text,
    ...(made === undefined ? {} : { run: made }),
  }),
})

const parts: readonly ShardReport[] = Array.from({ length: shards }, (_, index) => ({
  file: `shard-${index}.json`,
  report: reportOf(recorded(requests.filter((_request, at) => at % shards === index)), run(index)),
}))
const merged = (all: readonly ShardReport[]): Report => {
  const result = mergeReports(all, { failOn: 'must' })
  if (result.kind === 'refused') throw new Error(result.reasons.join('\n'))
  return result.report
}
const refused = (all: readonly ShardReport[]): readonly string[] => {
  const result = mergeReports(all, { failOn: 'must' })
  return result.kind === 'refused' ? result.reasons : []
}
const bucketsIn = (text: string | undefined) => [...decodeHistogram(text ?? '').buckets()]
const change = (at: number, alter: (part: ShardReport) => ShardReport): readonly ShardReport[] =>
  parts.map((part, index) => (index === at ? alter(part) : part))
type Run = NonNullable<Load['run']>
const altered =
  (changes: Partial<Run>) =>
  ({ file, report }: ShardReport): ShardReport => ({
    file,
    report: { ...report, load: { ...report.load!, run: { ...report.load!.run!, ...changes } } },
  })
const rerun = (at: number, changes: Partial<Run>) => change(at, altered(changes))
const spoken = (http: NonNullable<Run['http']>) => altered({ http })

describe('eight shards', () => {
  const whole = reportOf(recorded(requests)).load!.phases[0]!
  const joint = merged(parts.toReversed())
  const phase = joint.load!.phases[0]!

  it('joined are the histogram that one process would have recorded, bucket by bucket', () => {
    expect(phase.histogram).toBe(whole.histogram)
    expect(bucketsIn(phase.histogram)).toEqual(bucketsIn(whole.histogram))
    for (const [at, each] of phase.classes.entries()) {
      expect(each.case).toBe(whole.classes[at]?.case)
      expect(each.histogram).toBe(whole.classes[at]?.histogram)
    }
    expect(phase.latencyMs).toEqual(whole.latencyMs)
    expect(phase.series).toEqual(whole.series)
  })

  it('joined have counted what one process would have counted', () => {
    expect(phase).toMatchObject({
      sent: requests.length,
      judged: requests.length,
      perSecond: 40_000,
      rate: 800,
      connections: 48,
      errors: { 503: 16 },
    })
    const misjudged = requests.filter((request) => request.misjudged).length
    expect(phase.classes.reduce((sum, each) => sum + each.misjudged, 0)).toBe(misjudged)
    expect(phase.offenders).toHaveLength(misjudged)
    expect(phase.classes[0]?.tokens).toMatchObject({ pool: 800, distinct: 800 })
  })

  it('joined hold the thresholds of the whole, and end as one run would', () => {
    expect(joint.load?.thresholds).toMatchObject([
      { expression: 'p99 < 50ms', ok: true },
      { expression: 'perSecond > 30000', value: 40_000, ok: true },
      { expression: 'class(aud-wrong).p99.9 < 1s' },
    ])
    expect(joint.load?.invalid).toEqual([
      'threshold "class(aud-wrong).p99.9 < 1s" rests on 8000 samples, of 10000 that it needs: load for longer',
    ])
    expect(joint.exit?.code).toBe(1)
  })

  it('joined are a report, which says of which shards', () => {
    expect(checkReport(JSON.parse(JSON.stringify(joint)))).toMatchObject({ ok: true })
    expect(joint.load?.run?.shard).toBeUndefined()
    expect(joint.load?.run?.merged).toHaveLength(shards)
    expect(joint.load?.run?.merged?.[3]).toMatchObject({ shard: { index: 3, of: 8 } })
  })

  it('keep the version of HTTP, which a shard that fired nothing has none of', () => {
    const [first, ...others] = parts
    expect(merged([first!, ...others.map(spoken('2'))]).load?.run?.http).toBe('2')
  })

  it('that did not begin together are no valid measurement', () => {
    expect(merged(rerun(2, { startedAt: '2030-01-31T12:00:09Z' })).load?.invalid).toContain(
      'the shards began up to 9000 ms apart: give all of them the same --start-at',
    )
  })

  it.each([
    [
      'other targets',
      change(3, ({ file, report }) => ({ file, report: { ...report, target: { name: 'x', url: 'y' } } })),
      'shard-0.json and shard-3.json differ in their target',
    ],
    [
      'other versions',
      change(3, ({ file, report }) => ({
        file,
        report: { ...report, tool: { ...report.tool, version: '0.2.0' } },
      })),
      'differ in the version of gateproof: 0.1.0, 0.2.0',
    ],
    ['other suites', rerun(3, { suite: 'another-digest' }), 'differ in the suite'],
    ['other mixes', rerun(3, { mix: { valid: 1 } }), 'differ in the mix'],
    ['other settings', rerun(3, { settings: 'others-digest' }), 'differ in the settings of load'],
    ['other thresholds', rerun(3, { thresholds: [] }), 'differ in the thresholds'],
    ['another number of shards', rerun(3, { shard: { index: 3, of: 9 } }), 'differ in the number of shards'],
    [
      'one number twice',
      rerun(3, { shard: { index: 4, of: 8 } }),
      'shard-4.json is shard 4 of 8, as shard-3.json is',
    ],
    ['one missing', parts.slice(1), 'of 8 shards these are missing: 0'],
    ['none', [], 'nothing to join'],
    [
      'one that is no shard',
      [...parts.slice(1), { file: 'whole.json', report: reportOf(recorded([])) }],
      'whole.json holds no load run',
    ],
    [
      'other versions of HTTP',
      [...parts.slice(0, 7).map(spoken('1.1')), ...parts.slice(7).map(spoken('2'))],
      'they differ in the version of HTTP: 1.1, 2',
    ],
  ])('are not joined where they have %s', (_what, all, reason) => {
    expect(refused(all).join('\n')).toContain(reason)
  })
})
