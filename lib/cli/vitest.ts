import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, test, type TestContext } from 'vitest'
import type { Config, FailOn } from '../config/config.ts'
import { ConfigError, formatFaults } from '../config/fault.ts'
import { loadConfig } from '../config/load.ts'
import type { Suite } from '../config/suite.ts'
import { plan, type PlannedCase } from '../plan/plan.ts'
import { assertionOf } from '../report/assertion.ts'
import { groupBy } from '../report/group.ts'
import type { Report } from '../report/report.ts'
import { writeReport } from '../report/write.ts'
import { reportOf, runCases, selectionOf, serveFor } from './conformance.ts'
import { terminalOf } from './process-terminal.ts'
import type { RunOptions } from './program.ts'
import { checkAgainstSuite, openSuite } from './suite.ts'
import type { Terminal } from './terminal.ts'

export type CaseOptions = {
  /** Topics, requirements, cases, CASE/VARIANT; left out, what the configuration selects. */
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  /** Send also what may harm the target. */
  readonly risky?: boolean
  /** What counts as a failure: `must`, the default, every `fail`. */
  readonly failOn?: FailOn
  /** Write the report of the run into this folder, in the formats of the configuration. */
  readonly out?: string
  /** How long the run may take, ten minutes where left out. */
  readonly timeoutMs?: number
}

/**
 * Registers the cases of a configuration as Vitest tests, one test a case under its topic and requirement. They are sent
 * in one run, before the first test; what Vitest's own filters leave out is not sent. Throws where the configuration is
 * wrong, with all that is wrong in it.
 */
export const registerCases = (configFile: string, options: CaseOptions = {}): void => {
  const stop = new AbortController()
  const terminal = terminalOf(process, stop.signal)
  const { config, suite, selection } = open(configFile, options, terminal)
  const planned = plan(suite, selection, { target: config.target, features: new Set(), risky: true })
  const byName = new Map(planned.map((one) => [nameOf(one), one]))
  let report: Report | undefined
  const gate = describe(`gateproof: ${config.target.name}`, () => {
    beforeAll(async () => {
      const chosen = chosenNames(gate.suite?.tasks ?? []).flatMap((name) => byName.get(name) ?? [])
      const include = chosen.length === planned.length ? selection.include : chosen.flatMap(namesOf)
      const run: RunOptions = {
        failOn: 'must',
        ...options,
        ...selection,
        include,
        config: configFile,
        quiet: true,
      }
      report = await runOnce({ config, suite }, run, terminal)
      if (options.out !== undefined)
        await writeReport(report, { dir: resolve(terminal.cwd, options.out), formats: config.report.formats })
    }, options.timeoutMs ?? tenMinutes)
    afterAll(() => stop.abort())
    registerTopics(planned, options.failOn ?? 'must', () => report)
    test('the run could tell', () => {
      const reasons = report?.exit?.reasons ?? ['it did not end']
      if (reasons.length > 0) throw new Error(reasons.join('\n'))
    })
  })
}

const tenMinutes = 600_000

const open = (configFile: string, options: CaseOptions, terminal: Terminal) => {
  try {
    const config = loadConfig(configFile, terminal)
    const suite = openSuite(config.cases.files)
    checkAgainstSuite(config, suite)
    const selection = selectionOf(config, suite, { config: configFile, failOn: 'must', ...options })
    return { config, suite, selection }
  } catch (error) {
    if (error instanceof ConfigError) throw new Error(formatFaults(error), { cause: error })
    throw error
  }
}

const registerTopics = (
  planned: readonly PlannedCase[],
  failOn: FailOn,
  reportNow: () => Report | undefined,
): void => {
  for (const [topic, ofTopic] of groupBy(planned, ({ requirement }) => requirement.topic))
    describe(topic, () => {
      for (const [requirement, members] of groupBy(ofTopic, (one) => one.requirement))
        describe(`${requirement.id} · ${requirement.title}`, () => {
          for (const one of members)
            test(nameOf(one), (context) => assertCase(one.case.id, reportNow(), { failOn, context }))
        })
    })
}

const nameOf = ({ case: { id, title } }: PlannedCase): string => `${id} · ${title}`

const assertCase = async (
  id: string,
  report: Report | undefined,
  { failOn, context }: { readonly failOn: FailOn; readonly context: TestContext },
): Promise<void> => {
  const result = report?.conformance?.results.find((one) => one.case === id)
  if (result === undefined) throw new Error(`${id} is not in the report of this run`)
  const assertion = assertionOf(result, failOn)
  if (assertion.kind === 'skips') context.skip(assertion.reason)
  if (assertion.kind === 'fails') throw new Error(assertion.message)
  if (assertion.kind === 'passes' && assertion.remark !== undefined)
    await context.annotate(assertion.remark, 'warning')
}

/** The tests of a suite that are to run: the runner has applied its filters by now. */
type Task = { readonly name: string; readonly mode: string; readonly tasks?: readonly Task[] }

const chosenNames = (tasks: readonly Task[]): readonly string[] =>
  tasks.flatMap(({ name, mode, tasks: inner }) => {
    if (inner !== undefined) return chosenNames(inner)
    return mode === 'skip' || mode === 'todo' ? [] : [name]
  })

/** What selects the case as far as it was planned. */
const namesOf = ({ case: { id, variants }, variants: planned }: PlannedCase): readonly string[] =>
  planned.length < Object.keys(variants ?? {}).length
    ? planned.map(({ name }) => `${id}/${name ?? ''}`)
    : [id]

const runOnce = async (
  { config, suite }: { readonly config: Config; readonly suite: Suite },
  options: RunOptions,
  terminal: Terminal,
): Promise<Report> => {
  const started = terminal.now()
  const served = await serveFor(config, terminal)
  try {
    const run = await runCases(config, suite, served, { options, terminal })
    return reportOf({ started, conformance: { run, suite }, doubts: [] }, config, { options, terminal })
  } finally {
    await served.stop()
  }
}
