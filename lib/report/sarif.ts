import { createHash } from 'node:crypto'
import { severities, type Level, type Severity } from '../config/suite.ts'
import { mismatchKinds } from '../judge/verdict.ts'
import { describeExpected, describeObserved } from './describe.ts'
import { visible } from './escape.ts'
import { byTopic, findingsOf, isWaived, resultsOf } from './findings.ts'
import { groupBy } from './group.ts'
import { paragraphsOf } from './prose.ts'
import type { Phase, Report, Result } from './report.ts'
import { specLink } from './spec-link.ts'
import { reasonOf } from './unlocks.ts'

/**
 * Renders SARIF 2.1.0: a rule a requirement, a result a finding. A waived finding is a suppressed result; what could
 * not be judged is a notification of the invocation. The fingerprint stays the same for as long as the same case
 * fails in the same way at the same target.
 */
export const renderSarif = (report: Report): string => {
  const found = findingsOf(report).map((finding) => finding.result)
  const told = [...found, ...resultsOf(report).filter(isWaived)]
  const classes = misjudgedClasses(report)
  const rules = [...rulesOf(told), ...(classes.length === 0 ? [] : [loadRule])]
  const ids = rules.map((rule) => rule.id)
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: report.tool.name, version: report.tool.version, rules } },
        automationDetails: { id: `gateproof/${visible(report.target.name)}/` },
        columnKind: 'unicodeCodePoints',
        invocations: [invocationOf(report)],
        results: [
          ...told.map((result) => resultOf(result, { ids, target: report.target })),
          ...classes.map((each) => loadResultOf(each, { ids, target: report.target })),
        ],
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

const levels = { must: 'error', should: 'warning', may: 'note' } as const satisfies Record<Level, string>

/** On the scale of CVSS, which code-scanning services sort by. */
const securitySeverity: Readonly<Record<Severity, string>> = {
  critical: '9.5',
  major: '7.5',
  minor: '4.0',
  info: '1.0',
}

const rulesOf = (results: readonly Result[]) => {
  const groups = groupBy(results.toSorted(byTopic), (result) => result.requirement)
  const worst = [...groups.values()].map(
    (group) => group.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity))[0],
  )
  return worst.flatMap((result) => (result === undefined ? [] : [ruleOf(result)]))
}

const ruleOf = (result: Result) => {
  const { requirement, requirementTitle, spec, why, level, severity, topic, advisories } = result
  const cited = `${spec.document}, section ${spec.section}`
  const link = specLink(spec)
  return {
    id: requirement,
    shortDescription: { text: visible(requirementTitle ?? requirement) },
    fullDescription: { text: visible(`${requirementTitle ?? requirement} (${cited})`) },
    help: { text: visible([...(why === undefined ? [] : paragraphsOf(why)), `See ${cited}.`].join(' ')) },
    ...(link === undefined ? {} : { helpUri: link }),
    defaultConfiguration: { level: levels[level] },
    properties: {
      tags: ['security', 'oauth2', topic, ...(advisories ?? []).map(visible)],
      'security-severity': securitySeverity[severity],
    },
  }
}

type Setting = { readonly ids: readonly string[]; readonly target: Report['target'] }

const resultOf = (result: Result, { ids, target }: Setting) => {
  const { verdict } = result
  const mismatches = verdict.status === 'fail' || verdict.status === 'warn' ? verdict.mismatches : []
  const titles = mismatches.map((each) => `${mismatchKinds[each.kind].title}: ${each.detail}`)
  const sentence = [
    `${result.title}.`,
    ...titles.map((title) => `${title.replace(/\.$/, '')}.`),
    `Expected: ${describeExpected(result.expected)}. Observed: ${describeObserved(result.observed)}.`,
  ].join(' ')
  const kinds = mismatches.map((each) => each.kind).toSorted()
  return {
    ruleId: result.requirement,
    ruleIndex: ids.indexOf(result.requirement),
    kind: 'fail',
    level: verdict.status === 'fail' ? 'error' : 'warning',
    message: { text: visible(sentence) },
    locations: [locationOf(suiteFile(result.requirement), target)],
    partialFingerprints: { 'gateproof/v1': fingerprint([target.name, result.case, ...kinds]) },
    ...(isWaived(result)
      ? {
          suppressions: (result.waived ?? []).map(({ reason }) => ({
            kind: 'external',
            justification: visible(reason),
          })),
        }
      : {}),
    properties: {
      case: result.case,
      severity: result.severity,
      safety: mismatches.map((each) => each.safety),
    },
  }
}

const locationOf = (uri: string, target: Report['target']) => ({
  physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } },
  logicalLocations: [
    { name: visible(target.name), fullyQualifiedName: visible(target.url), kind: 'resource' },
  ],
})

/** A requirement's id names its file; what is wrong lies at the target, which has no file of its own. */
const suiteFile = (requirement: string): string =>
  `suites/${requirement.split('.').map(encodeURIComponent).join('/')}.yaml`

const fingerprint = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

const loadRule = {
  id: 'load.verdicts',
  shortDescription: { text: 'A request is judged under load as it is judged alone' },
  fullDescription: { text: 'Under load, no bad request gets in and no good one is refused.' },
  help: { text: 'A gateway that gives way under load is as open as one that never checks.' },
  defaultConfiguration: { level: levels.must },
  properties: { tags: ['security', 'oauth2', 'load'], 'security-severity': securitySeverity.critical },
}

const misjudgedClasses = (report: Report): readonly Misjudged[] =>
  (report.load?.phases ?? []).flatMap((phase) =>
    phase.classes.filter((each) => each.misjudged > 0).map((each) => ({ ...each, phase: phase.name })),
  )
type Misjudged = Phase['classes'][number] & { readonly phase: string }

const loadResultOf = (each: Misjudged, { ids, target }: Setting) => ({
  ruleId: loadRule.id,
  ruleIndex: ids.indexOf(loadRule.id),
  kind: 'fail',
  level: 'error',
  message: {
    text: visible(
      `Under load (${each.phase}), ${each.misjudged} of ${each.requests} requests of ${each.case} were misjudged: ` +
        `${each.falseAccepts} bad ones let in, ${each.falseRefusals} good ones refused.`,
    ),
  },
  locations: [locationOf('gateproof.yaml', target)],
  partialFingerprints: {
    'gateproof/v1': fingerprint([
      target.name,
      loadRule.id,
      each.case,
      each.falseAccepts > 0 ? 'fails-open' : 'fails-closed',
    ]),
  },
  properties: { case: each.case, phase: each.phase },
})

const invocationOf = (report: Report) => ({
  executionSuccessful: report.complete,
  startTimeUtc: report.started,
  endTimeUtc: report.finished,
  ...(report.exit === undefined ? {} : { exitCode: report.exit.code }),
  toolExecutionNotifications: resultsOf(report).flatMap(({ case: id, verdict }) =>
    verdict.status === 'inconclusive'
      ? [
          {
            level: 'warning',
            message: { text: visible(`${id} could not be judged: ${reasonOf(verdict.reason).text}`) },
          },
        ]
      : [],
  ),
})
