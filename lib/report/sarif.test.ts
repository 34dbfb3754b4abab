import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, it } from 'vitest'
import {
  cleanReport,
  hostileReport,
  loadReport,
  partialReport,
  richReport,
} from '../../test/fixtures/report.ts'
import { sarifSchema } from '../../test/fixtures/sarif-schema.ts'
import { renderSarif } from './sarif.ts'
import type { Report } from './report.ts'

type Log = {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } }
      readonly results: readonly {
        readonly ruleId: string
        readonly ruleIndex: number
        readonly level: string
        readonly partialFingerprints: Readonly<Record<string, string>>
        readonly suppressions?: readonly unknown[]
        readonly properties: { readonly case: string }
      }[]
      readonly invocations: readonly [{ readonly toolExecutionNotifications: readonly unknown[] }]
    },
  ]
}
const runOf = (report: Report) => (JSON.parse(renderSarif(report)) as Log).runs[0]
const fingerprintsOf = (report: Report) =>
  new Map(
    runOf(report).results.map((each) => [each.properties.case, each.partialFingerprints['gateproof/v1']]),
  )

const holds = new Ajv2020({
  allErrors: true,
  formats: {
    'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
    uri: (text: string) => URL.canParse(text),
    'uri-reference': /^[\w.~:/?#[\]@!$&'()*+,;=%-]+$/,
  },
}).compile(sarifSchema)

it('renders the log as it was last agreed', async () => {
  await expect(renderSarif(richReport)).toMatchFileSnapshot('__snapshots__/report.sarif')
})

it('keeps to the schema of SARIF 2.1.0', () => {
  for (const report of [richReport, cleanReport, partialReport, loadReport, hostileReport]) {
    holds(JSON.parse(renderSarif(report)))
    expect(holds.errors ?? []).toEqual([])
  }
})

it('has a rule for each requirement with a finding, and a result for each finding', () => {
  const { tool, results } = runOf(richReport)
  for (const each of results) expect(tool.driver.rules[each.ruleIndex]?.id).toBe(each.ruleId)
  const ids = tool.driver.rules.map((rule) => rule.id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(results.map((each) => `${each.level} ${each.properties.case}`)).toEqual([
    'error alg-none-case',
    'error aud-prefix',
    'error time-exp-huge',
    'error res-challenge',
    'warning scope-missing',
    'error alg-lowercase',
    'error time-exp-past',
    'error time-exp-past',
  ])
})

it('suppresses what is waived, and nothing else', () => {
  const suppressed = runOf(richReport).results.filter((each) => each.suppressions !== undefined)
  expect(suppressed.map((each) => each.properties.case)).toEqual(['alg-lowercase'])
})

it('notifies of what could not be judged', () => {
  expect(runOf(richReport).invocations[0].toolExecutionNotifications).toHaveLength(1)
})

it('keeps a fingerprint while the same case fails in the same way, and changes it when it fails in another', () => {
  const { conformance } = richReport
  if (conformance === undefined) throw new Error('the fixture has no conformance part')
  const later: Report = {
    ...richReport,
    started: '2028-01-01T00:00:00Z',
    conformance: {
      ...conformance,
      results: conformance.results.map((each) =>
        each.case === 'res-challenge' && each.verdict.status === 'fail'
          ? {
              ...each,
              verdict: {
                ...each.verdict,
                mismatches: [{ kind: 'leaks', safety: 'fails-open', level: 'must', detail: '' }],
              },
            }
          : { ...each, title: `${each.title}, reworded` },
      ),
    },
  }
  const [before, after] = [fingerprintsOf(richReport), fingerprintsOf(later)]
  const changed = [...before].filter(([id, fingerprint]) => after.get(id) !== fingerprint).map(([id]) => id)
  expect(changed).toEqual(['res-challenge'])
})
