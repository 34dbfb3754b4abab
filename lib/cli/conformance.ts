import { resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import type { Suite } from '../config/suite.ts'
import { openExchange } from '../exchange/exchange.ts'
import { runHook } from '../exchange/hook.ts'
import { publish, type Attackers } from '../forge/keyring.ts'
import { conformancePart } from '../report/conformance.ts'
import { conclude } from '../report/conclude.ts'
import type { Load, Report } from '../report/report.ts'
import { renderTerminal } from '../report/terminal.ts'
import { untaughtSentences } from '../report/misfit-text.ts'
import { troubleSentences } from '../report/trouble.ts'
import { visible } from '../report/escape.ts'
import { waiverDoubts } from '../report/waivers.ts'
import { writeReport } from '../report/write.ts'
import { runConformance, type ConformanceRun } from '../run.ts'
import type { RunEvent } from '../trial/world.ts'
import { startServing, type Serving } from '../serve/serve.ts'
import { createProgress } from './progress.ts'
import type { RunOptions } from './program.ts'
import { checkSelection } from './suite.ts'
import { UsageError, wantsColor, type Terminal } from './terminal.ts'
import { toolVersion } from './version.ts'

/** The names that a command line or a configuration selects, each checked to be there. */
export const selectionOf = (config: Config, suite: Suite, options: RunOptions) => {
  const include = options.include ?? config.cases.include
  const exclude = options.exclude ?? config.cases.exclude
  checkSelection(suite, [...include, ...exclude, ...config.cases.require])
  return { include, exclude, risky: options.risky === true }
}

/** Starts what the gateway under test may fetch from us or forward to us. Throws ServeError. */
export const serveFor = (config: Config, terminal: Terminal): Promise<Serving> =>
  startServing(config.serve, {
    issuer: config.policy.issuers[0] ?? config.target.origin,
    keys: config.tokens.kind === 'keys' ? config.tokens.keys.map((key) => publish(key).jwk) : [],
    now: () => terminal.now(),
  })

/** What a restart of a gateway may take. */
const hookTimeoutMs = 60_000

export type CaseRunning = {
  readonly options: RunOptions
  readonly terminal: Terminal
  /** The attacker's keys, as they are being made since before. */
  readonly attackers?: Promise<Attackers>
}

/** Runs the cases with progress on stderr. */
export const runCases = async (
  config: Config,
  suite: Suite,
  served: Serving,
  { options, terminal, attackers }: CaseRunning,
): Promise<ConformanceRun> => {
  const selection = selectionOf(config, suite, options)
  const progress = createProgress(terminal, options.quiet === true)
  const { upstream } = config.serve
  const exchanger = openExchange(config.target, {
    now: () => terminal.now(),
    environment: terminal.env,
    ...(config.binding === undefined ? {} : { certificates: config.binding }),
    ...(upstream === undefined ? {} : { attemptHeader: upstream.idHeader }),
  })
  try {
    return await runConformance(config, suite, selection, {
      exchanger,
      ...(served.upstream === undefined ? {} : { upstream: served.upstream }),
      ...(served.keySet === undefined ? {} : { keySet: served.keySet }),
      ...(served.listener === undefined ? {} : { listener: served.listener }),
      ...(attackers === undefined ? {} : { attackers }),
      runHook: (name, input) => runHook(config.target.hooks[name] ?? [], input, hookTimeoutMs),
      now: () => terminal.now(),
      sleep: (ms) => terminal.sleep(ms),
      newId: () => terminal.newId(),
      random: (bytes) => terminal.random(bytes),
      signal: terminal.signal,
      onEvent: (event) => {
        if (event.kind === 'planned' && event.cases === 0) throw new UsageError('the selection holds no case')
        if (event.kind === 'ends-early' || event.kind === 'not-renewed' || event.kind === 'policy-read')
          terminal.err(`gateproof: ${visible(tokenNews(event))}\n`)
        if (event.kind === 'progress') progress.show(`${event.done} of ${event.of} requests judged`)
      },
    })
  } finally {
    progress.clear()
    await exchanger.close()
  }
}

type TokenNews = Extract<RunEvent, { kind: 'ends-early' | 'not-renewed' | 'policy-read' }>

const tokenNews = (event: TokenNews): string => {
  if (event.kind === 'policy-read') {
    const { issuer, audiences, algorithm } = event.read
    const found = [
      ...(issuer === undefined ? [] : [`issuer ${issuer}`]),
      ...(audiences === undefined ? [] : [`audience ${audiences.join(' and ')}`]),
      ...(algorithm === undefined ? [] : [`algorithm ${algorithm}`]),
    ]
    return `the policy does not say so, but the good token does: ${found.join(', ')}`
  }
  if (event.kind === 'not-renewed') return `another token could not be got: ${event.message}`
  const rest = event.isRenewable
    ? 'others take its place'
    : 'what comes after that is inconclusive (token-expired)'
  return `the good token ends in ${event.inSeconds} s, which may be before the run does: ${rest}`
}

/** What a command has found, before it is a report. */
export type Outcome = {
  readonly started: number
  readonly conformance?: { readonly run: ConformanceRun; readonly suite: Suite }
  readonly load?: Load
  /** Why it could not tell. */
  readonly doubts: readonly string[]
}

/** Makes the report, writes it, prints the summary, and returns the exit code. */
export const deliver = async (
  outcome: Outcome,
  config: Config,
  { options, terminal }: { options: RunOptions; terminal: Terminal },
): Promise<number> => {
  const report = reportOf(outcome, config, { options, terminal })
  const dir = options.out === undefined ? config.report.dir : resolve(terminal.cwd, options.out)
  const files = await writeReport(report, { dir, formats: options.format ?? config.report.formats })
  if (options.quiet !== true)
    terminal.out(
      renderTerminal(report, {
        width: terminal.columns,
        color: wantsColor(terminal),
        files: files.map((file) => relativeTo(terminal.cwd, file)),
      }),
    )
  else for (const reason of report.exit?.reasons ?? []) terminal.err(`gateproof: ${visible(reason)}\n`)
  return report.exit?.code ?? 0
}

const relativeTo = (cwd: string, file: string): string =>
  file.startsWith(`${cwd}/`) ? file.slice(cwd.length + 1) : file

/** The report of what a command has found, with its exit code. */
export const reportOf = (
  { started, conformance, load, doubts }: Outcome,
  config: Config,
  { options, terminal }: { options: RunOptions; terminal: Terminal },
): Report => {
  const part =
    conformance === undefined
      ? undefined
      : conformancePart({
          ...conformance.run,
          suite: conformance.suite,
          waivers: config.waivers,
          secrets: [...config.secrets, ...conformance.run.secrets],
        })
  const results = [...(part?.results ?? []), ...(load?.results ?? [])]
  const today = new Date(terminal.now()).toISOString().slice(0, 10)
  const interrupted = terminal.signal.aborted
  const exit = conclude({
    results,
    ...(load === undefined ? {} : { load }),
    interrupted,
    doubts: [
      ...(conformance === undefined ? [] : troubleSentences(conformance.run.trouble, config)),
      ...untaughtSentences(conformance?.run.untaught ?? []),
      ...(part === undefined || conformance === undefined
        ? []
        : waiverDoubts(config.waivers, results, today, conformance.suite)),
      ...doubts,
    ],
    gate: {
      failOn: options.failOn,
      maxInconclusive: config.cases.maxInconclusive,
      require: part === undefined ? [] : config.cases.require,
    },
  })
  return {
    version: 1,
    tool: { name: 'gateproof', version: toolVersion() },
    started: new Date(started).toISOString(),
    finished: new Date(terminal.now()).toISOString(),
    complete: !interrupted,
    target: { name: config.target.name, url: config.target.origin + config.target.basePath },
    exit,
    ...(part === undefined ? {} : { conformance: part }),
    ...(load === undefined ? {} : { load }),
  }
}
