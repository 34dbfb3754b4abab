import type { Config } from '../config/config.ts'
import type { Suite } from '../config/suite.ts'
import { openExchange } from '../exchange/exchange.ts'
import { runLoadCases } from '../load/cases/run.ts'
import { loadCasesPart } from '../report/load-results.ts'
import { redactor } from '../report/redact.ts'
import type { Load } from '../report/report.ts'
import { troubleSentences } from '../report/trouble.ts'
import type { Serving } from '../serve/serve.ts'
import { describeRun, type LoadOptions } from './load-run.ts'
import { createLoadProgress } from './progress.ts'
import { checkSelection } from './suite.ts'
import { UsageError, type Terminal } from './terminal.ts'

/** Runs the selected load cases with progress on stderr. Throws UsageError where the selection holds none. */
export const runCasesUnderLoad = async (
  config: Config,
  suite: Suite,
  served: Serving,
  { options, terminal }: { readonly options: LoadOptions; readonly terminal: Terminal },
): Promise<Load> => {
  const selection = selectionOf(config, suite, options)
  const startedAt = terminal.now()
  const progress = createLoadProgress(terminal, options.quiet === true)
  const { upstream } = config.serve
  const exchanger = openExchange(config.target, {
    now: () => terminal.now(),
    environment: terminal.env,
    ...(config.binding === undefined ? {} : { certificates: config.binding }),
    ...(upstream === undefined ? {} : { attemptHeader: upstream.idHeader }),
  })
  try {
    const run = await runLoadCases(
      config,
      suite,
      { selection, seed: terminal.random(4).readUInt32LE(), onProgress: progress.show },
      {
        ...terminal,
        exchanger,
        ...(served.upstream === undefined ? {} : { upstream: served.upstream }),
        ...(served.keySet === undefined ? {} : { keySet: served.keySet }),
        onEvent: () => undefined,
      },
    )
    return loadCasesPart(run, {
      waivers: config.waivers,
      redact: redactor(config.secrets),
      run: describeRun(config, suite, {
        startedAt,
        command: options.command ?? 'gateproof load --cases',
        http: run.http,
      }),
      doubts: troubleSentences(run.trouble, config),
    })
  } finally {
    progress.clear()
    await exchanger.close()
  }
}

const selectionOf = ({ cases }: Config, suite: Suite, options: LoadOptions) => {
  const include = options.include ?? []
  const exclude = options.exclude ?? cases.exclude
  checkSelection(suite, [...include, ...exclude])
  for (const name of ['shard', 'startAt', 'abortOn', 'tokenCache'] as const)
    if (options[name] !== undefined)
      throw new UsageError(`--cases runs short phases of its own: it goes without ${optionNames[name]}`)
  const isChosen = (names: readonly string[], list: readonly string[]) =>
    names.some((name) => list.includes(name))
  const holds = suite.requirements.some((requirement) =>
    requirement.cases.some((one) => {
      const names = [requirement.topic, requirement.id, one.id]
      return (
        one.load !== undefined &&
        (include.length === 0 || isChosen(names, include)) &&
        !isChosen(names, exclude)
      )
    }),
  )
  if (!holds) throw new UsageError('the selection holds no load case')
  return { include, exclude, risky: options.risky === true }
}

const optionNames = {
  shard: '--shard',
  startAt: '--start-at',
  abortOn: '--abort-on',
  tokenCache: '--token-cache',
} as const
