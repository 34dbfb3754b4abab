import type { Topic } from '../config/suite.ts'
import { mismatchKinds } from '../judge/verdict.ts'
import { resultText } from './result-text.ts'
import { byTopic, isWaived } from './findings.ts'
import { groupBy } from './group.ts'
import { renderXml, type Outcome, type Suite, type TestCase } from './junit-xml.ts'
import type { Load, Report, Result } from './report.ts'
import { reasonOf } from './unlocks.ts'

/**
 * Renders JUnit XML as CI servers read it (the grammar of Jenkins' xUnit plug-in): a suite a topic; a failing or
 * warning result is a `failure`, an inconclusive one an `error`, one that doesn't apply or is waived `skipped`.
 */
export const renderJunit = (report: Report): string => {
  const suites = [
    ...suitesOf(report.conformance?.results ?? [], (topic) => topic),
    ...suitesOf(report.load?.results ?? [], (topic) => `under load: ${topic}`),
    ...(report.load === undefined ? [] : loadSuites(report.load)),
  ]
  return renderXml({
    name: `gateproof: ${report.target.name}`,
    suites,
    timestamp: report.started.slice(0, 19),
  })
}

const suitesOf = (results: readonly Result[], nameOf: (topic: Topic) => string): readonly Suite[] => {
  const groups = groupBy(results.toSorted(byTopic), (result) => result.topic)
  return [...groups].map(([topic, group]) => ({ name: nameOf(topic), cases: group.map(testCaseOf) }))
}

const testCaseOf = (result: Result): TestCase => {
  const outcome = outcomeOf(result)
  return {
    className: result.requirement,
    name: `${result.case}: ${result.title}`,
    seconds: (result.observed?.ms ?? 0) / 1000,
    ...(outcome === undefined ? {} : { outcome }),
  }
}

const outcomeOf = (result: Result): Outcome | undefined => {
  const { verdict } = result
  switch (verdict.status) {
    case 'pass':
    case 'observed':
      return undefined
    case 'inconclusive':
      return {
        element: 'error',
        type: 'inconclusive',
        message: reasonOf(verdict.reason).text,
        text: resultText(result),
      }
    case 'not-applicable': {
      const message = `missing ${verdict.missing.join(', ')}: ${verdict.unlock}`
      return { element: 'skipped', message, text: '' }
    }
    case 'fail':
    case 'warn': {
      if (isWaived(result)) return { element: 'skipped', message: waiverOf(result), text: resultText(result) }
      const kinds = verdict.mismatches.map((mismatch) => mismatchKinds[mismatch.kind].title)
      const [first] = verdict.mismatches
      const type = first === undefined ? verdict.status : `${verdict.status} ${first.safety} ${first.kind}`
      return { element: 'failure', type, message: kinds.join('; '), text: resultText(result) }
    }
  }
}

const waiverOf = (result: Result): string =>
  (result.waived ?? [])
    .map(({ reason, until }) => `waived: ${reason}${until === undefined ? '' : ` (until ${until})`}`)
    .join('; ')

const loadSuites = (load: Load): readonly Suite[] => [
  { name: 'load: verdicts', cases: load.phases.flatMap((phase) => verdictCases(phase)) },
  { name: 'load: measurement', cases: [validityCase(load)] },
  ...(load.thresholds.length === 0
    ? []
    : [{ name: 'load: thresholds', cases: load.thresholds.map(thresholdCase) }]),
]

const verdictCases = (phase: Load['phases'][number]): readonly TestCase[] =>
  phase.classes.map((each) => ({
    className: `load.${phase.name}`,
    name: each.case,
    seconds: phase.ms / 1000,
    ...(each.misjudged === 0
      ? {}
      : {
          outcome: {
            element: 'failure',
            type: each.falseAccepts > 0 ? 'fails-open' : 'fails-closed',
            message: `${each.misjudged} of ${each.requests} requests misjudged`,
            text: `bad requests let in: ${each.falseAccepts}\ngood requests refused: ${each.falseRefusals}`,
          },
        }),
  }))

const validityCase = ({ valid, invalid }: Load): TestCase => ({
  className: 'load.measurement',
  name: 'the measurement is valid',
  seconds: 0,
  ...(valid
    ? {}
    : {
        outcome: { element: 'error', type: 'invalid', message: invalid.join('; '), text: invalid.join('\n') },
      }),
})

const thresholdCase = ({ expression, value, ok }: Load['thresholds'][number]): TestCase => ({
  className: 'load.thresholds',
  name: expression,
  seconds: 0,
  ...(ok
    ? {}
    : {
        outcome: {
          element: 'failure',
          type: 'threshold',
          message: value === null ? 'no sample' : `measured ${value}`,
          text: '',
        },
      }),
})
