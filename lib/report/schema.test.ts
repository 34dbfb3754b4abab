import { expect, it } from 'vitest'
import * as reports from '../../test/fixtures/report.ts'
import { renderJson } from './json.ts'
import { parseReport } from './report.ts'
import { ReportSchema } from './schema.ts'

const { richReport } = reports
const faultsOf = (value: unknown): readonly string[] => {
  const parsed = parseReport(JSON.stringify(value))
  return parsed.kind === 'faulty' ? parsed.faults : []
}

/** A copy of a value with the member at a path replaced, or taken out where it is undefined. */
const changed = (value: unknown, path: string, member: unknown): unknown => {
  const [key = '', ...rest] = path.split('.')
  if (Array.isArray(value))
    return value.map((each, at) => (String(at) === key ? changed(each, rest.join('.'), member) : each))
  const object = value as Record<string, unknown>
  return { ...object, [key]: rest.length === 0 ? member : changed(object[key], rest.join('.'), member) }
}

it('is published as it stands', async () => {
  await expect(`${JSON.stringify(ReportSchema, null, 2)}\n`).toMatchFileSnapshot(
    '../../config/schema/report.schema.json',
  )
})

it.each(['richReport', 'cleanReport', 'partialReport', 'loadReport', 'hostileReport'] as const)(
  'holds of the %s, written and read again',
  (name) => {
    const report = reports[name]
    const parsed = parseReport(renderJson(report))
    expect(parsed.kind).toBe('report')
  },
)

it.each([
  ...['version', 'tool', 'started', 'finished', 'complete', 'target', 'tool.name', 'tool.version'],
  ...['target.name', 'target.url'],
  ...['suite', 'features', 'style', 'summary', 'results'].map((name) => `conformance.${name}`),
  ...['pass', 'fail', 'warn', 'observed', 'inconclusive', 'notApplicable', 'waived'].map(
    (name) => `conformance.summary.${name}`,
  ),
  ...['case', 'requirement', 'topic', 'title', 'level', 'severity', 'spec', 'digest', 'verdict'].map(
    (name) => `conformance.results.0.${name}`,
  ),
  ...['phases', 'results', 'thresholds', 'valid', 'invalid'].map((name) => `load.${name}`),
  ...['name', 'model', 'connections', 'rate', 'ms', 'requests', 'perSecond', 'latencyMs', 'histogram'].map(
    (name) => `load.phases.0.${name}`,
  ),
  ...['classes', 'errors', 'sent', 'answered', 'lost', 'offenders'].map((name) => `load.phases.0.${name}`),
  ...['p50', 'p90', 'p99', 'max', 'mean'].map((name) => `load.phases.0.latencyMs.${name}`),
  ...['case', 'requests', 'falseAccepts', 'falseRefusals', 'misjudged', 'latencyMs'].map(
    (name) => `load.phases.0.classes.0.${name}`,
  ),
  ...['expression', 'value', 'ok'].map((name) => `load.thresholds.0.${name}`),
])('demands %s', (path) => {
  expect(faultsOf(changed(richReport, path, undefined))).toHaveLength(1)
})

it.each([
  ['version', 2],
  ['tool.name', 'other'],
  ['tool.version', 'new'],
  ['started', 'yesterday'],
  ['conformance.results', []],
  ['conformance.summary.pass', -1],
  ['conformance.results.0.case', 'Not An Id'],
  ['conformance.results.0.digest', 'short'],
  ['conformance.results.0.topic', 'other'],
  ['conformance.results.0.verdict', { status: 'fail', notes: [] }],
  ['conformance.results.0.verdict', { status: 'fail', mismatches: [], notes: [] }],
  ['conformance.results.0.verdict', { status: 'inconclusive', notes: [] }],
  ['conformance.results.0.verdict', { status: 'not-applicable', notes: [] }],
  ['load.phases', []],
  ['load.phases.0.model', 'ajar'],
  ['load.phases.0.latencyMs.p99', -1],
  ['load.phases.0.errors', { reset: 1.5 }],
  ['surprise', 1],
])('refuses %s to be %j', (path, value) => {
  expect(faultsOf(changed(richReport, path, value))).not.toHaveLength(0)
})

it('lets a latency without a sample be null', () => {
  expect(faultsOf(changed(richReport, 'load.phases.0.latencyMs.p99', null))).toEqual([])
})

it('demands a conformance part or a load part', () => {
  const { conformance, load, ...neither } = richReport
  expect(conformance !== undefined && load !== undefined).toBe(true)
  expect(faultsOf(neither)).toEqual([expect.stringMatching(/^\/ must have required property/)])
})

it('says where a report is wrong, and what would be right', () => {
  const wrong = changed(changed(richReport, 'version', 2), 'conformance.results.0.verdict.status', 'great')
  expect(faultsOf(wrong)).toEqual(
    expect.arrayContaining([
      '/version must be 1',
      expect.stringMatching(/^\/conformance\/results\/0\/verdict\/status must be one of \[/),
    ]),
  )
})

it('says where a text is no JSON, without letting it act', () => {
  const parsed = parseReport('\u001b[31m{')
  expect(parsed).toEqual({
    kind: 'faulty',
    faults: [expect.stringMatching(/^is not JSON: [\p{L}\p{N}\p{P}\p{S} ]+$/u)],
  })
})
