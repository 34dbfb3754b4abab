import { richReport } from '../../../test/fixtures/report.ts'
import { result } from '../../../test/fixtures/report-parts.ts'
import { encodeHistogram } from '../../load/histogram-codec.ts'
import { Histogram } from '../../load/histogram.ts'
import { seededRandom } from '../../load/random.ts'
import type { Load, Phase, Report, Result } from '../report.ts'
import { compareReports, type Comparison } from './comparison.ts'

type Verdict = Result['verdict']

export const pass: Verdict = { status: 'pass', notes: [] }
export const missing: Verdict = {
  status: 'not-applicable',
  missing: ['upstream'],
  unlock: 'own it',
  notes: [],
}
export const inconclusive: Verdict = { status: 'inconclusive', reason: 'lost', notes: [] }
export const fail = (...kinds: readonly ('let-in' | 'wrong-status')[]): Verdict => ({
  status: 'fail',
  mismatches: kinds.map((kind) => ({
    kind,
    safety: kind === 'let-in' ? 'fails-open' : 'protocol',
    level: 'must',
    detail: 'let in',
  })),
  notes: [],
})

/** A result of the topic audience. */
export const judged = (id: string, verdict: Verdict, more: Partial<Result> = {}): Result =>
  result({ case: id, requirement: 'audience.exact-match', title: `The case ${id}`, verdict, ...more })

/** A report of these results and no load. */
export const reportOf = (name: string, results: readonly Result[]): Report => {
  const { conformance, load, exit, ...rest } = richReport
  if (conformance === undefined) throw new Error('the fixture has no conformance part')
  return { ...rest, target: { name, url: 'http://127.0.0.1/v1' }, conformance: { ...conformance, results } }
}

/** A report of load alone. */
export const loadOf = (name: string, load: Load): Report => {
  const { conformance, exit, ...rest } = richReport
  return { ...rest, target: { name, url: 'http://127.0.0.1/v1' }, load }
}

/** Reports named a.json, b.json and so on, compared. Throws where they are refused. */
export const comparisonOf = (...reports: readonly Report[]): Comparison => {
  const compared = compareReports(
    reports.map((report, at) => ({ file: `${String.fromCharCode(97 + at)}.json`, report })),
  )
  if (compared.kind === 'refused') throw new Error(compared.reason)
  return compared.comparison
}

export type Sample = {
  /** Of the latency, in microseconds. */
  readonly median: number
  readonly requests: number
  readonly seed: number
}

/** Latencies with a long tail, drawn anew for each seed. */
export const drawn = ({ median, requests, seed }: Sample): Histogram => {
  const random = seededRandom(seed)
  const histogram = new Histogram()
  for (let at = 0; at < requests; at++) histogram.record(median * (0.6 + 0.4 / (1 - random()) ** 0.32193))
  return histogram
}

/** A load part of one closed phase. */
export const loadFrom = (sample: Sample, more: Partial<Phase> = {}): Load => {
  const { requests } = sample
  const histogram = drawn(sample)
  return {
    phases: [
      {
        name: 'constant',
        model: 'closed',
        connections: 10,
        rate: null,
        ms: 10_000,
        requests,
        perSecond: 10 / ((histogram.mean() ?? 1) / 1e6),
        sent: requests,
        answered: requests,
        lost: 0,
        latencyMs: histogram.latencyMs(),
        histogram: encodeHistogram(histogram),
        classes: [
          {
            case: 'valid',
            requests,
            falseAccepts: 0,
            falseRefusals: 0,
            misjudged: 0,
            latencyMs: histogram.latencyMs(),
          },
        ],
        errors: {},
        offenders: [],
        ...more,
      },
    ],
    results: [],
    thresholds: [],
    valid: true,
    invalid: [],
  }
}
