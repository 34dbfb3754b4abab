import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import type { Suite } from '../config/suite.ts'
import { openExchange } from '../exchange/exchange.ts'
import { DialError } from '../exchange/loss.ts'
import { resolvedProxy } from '../exchange/proxy.ts'
import { parseThresholds } from '../load/thresholds.ts'
import { engineFor } from '../load/engines.ts'
import { MixError } from '../load/load-bytes.ts'
import { runLoad as runPipeline, type LoadRun } from '../load.ts'
import { emptyLoad, loadPart } from '../report/load-part.ts'
import { redactor } from '../report/redact.ts'
import type { Load } from '../report/report.ts'
import { troubleSentences } from '../report/trouble.ts'
import type { Upstream } from '../serve/upstream.ts'
import { deliver, serveFor } from './conformance.ts'
import { runCasesUnderLoad } from './load-cases.ts'
import { describeRun, readCall, type LoadOptions, type RunFacts } from './load-run.ts'
import { createLoadProgress } from './progress.ts'
import { checkAgainstSuite, openSuite } from './suite.ts'
import { UsageError, type Terminal } from './terminal.ts'

/** `gateproof load`: throughput, misjudged requests and what validation costs. */
export const load = async (options: LoadOptions, terminal: Terminal): Promise<number> => {
  const started = terminal.now()
  const given = loadConfig(options.config, terminal)
  const suite = openSuite(given.cases.files)
  checkAgainstSuite(given, suite)
  checkEngine(given)
  const config = { ...given, target: { ...given.target, proxy: proxyOf(given, terminal) } }
  const served = await serveFor(config, terminal)
  try {
    const { upstream } = served
    const world = { options, terminal, ...(upstream === undefined ? {} : { upstream }) }
    const part =
      options.cases === true
        ? await runCasesUnderLoad(config, suite, served, { options, terminal })
        : await runLoad(config, suite, world)
    return await deliver({ started, load: part, doubts: [] }, config, { options, terminal })
  } finally {
    await served.stop()
  }
}

/** What the engines of this version cannot do is said before anything is sent. */
const checkEngine = ({ file, load: { ceiling }, binding, thresholds }: Config): void => {
  if (ceiling !== undefined && thresholds.length === 0)
    throw new UsageError(`${file}: load.ceiling searches the rate up to which the thresholds hold: name some`)
  // A DPoP proof is for one request, and made in advance it would be refused as old or as used before.
  if (binding?.dpop === true)
    throw new UsageError(
      `${file}: tokens.binding.dpop needs a proof signed for each request, which a load test of this version does not make`,
    )
}

/** The target's proxy, or that which the environment names for it. */
const proxyOf = ({ file, target }: Config, { env }: Terminal): Config['target']['proxy'] => {
  try {
    return resolvedProxy(target, env)
  } catch (error) {
    if (error instanceof DialError) throw new UsageError(`${file}: ${error.message}`)
    throw error
  }
}

/** Runs the load pipeline with progress on stderr. */
export const runLoad = async (
  whole: Config,
  suite: Suite,
  {
    options,
    terminal,
    upstream,
  }: { readonly options: LoadOptions; readonly terminal: Terminal; readonly upstream?: Upstream },
): Promise<Load> => {
  const { config, shard, ...call } = readCall(whole, options, terminal)
  checkWorkers(config)
  const thresholds = thresholdsOf(whole)
  const progress = createLoadProgress(terminal, options.quiet === true)
  const exchanger = openExchange(config.target, {
    now: () => terminal.now(),
    environment: terminal.env,
    ...(config.binding === undefined ? {} : { certificates: config.binding }),
  })
  const describe = (facts: Pick<RunFacts, 'startedAt' | 'http'>) =>
    describeRun(whole, suite, {
      ...facts,
      command: options.command ?? 'gateproof load',
      ...(shard === undefined ? {} : { shard }),
    })
  try {
    const run = await runPipeline(
      config,
      suite,
      {
        // A part of the load says nothing of the thresholds of the whole: `merge` holds them against all parts.
        thresholds: shard === undefined ? thresholds : [],
        seed: terminal.random(4).readUInt32LE(),
        onProgress: progress.show,
        onOpened: (endpoint) => {
          const { engine } = config.load
          if (engineFor(engine, endpoint) !== engine && options.quiet !== true) terminal.err(otherEngine)
        },
        ...call,
        // On a gateway at rest: one process measures it, when the load of all is over.
        withoutValidation: shard !== undefined && shard.index > 0,
      },
      { ...terminal, exchanger, ...(upstream === undefined ? {} : { upstream }), onEvent: () => undefined },
    )
    return run.kind === 'measured'
      ? loadPart(run.result, { redact: redactor(whole.secrets), run: describe(run) })
      : {
          ...emptyLoad(config.load, reasonsOf(run, config)),
          run: describe({ startedAt: terminal.now() }),
        }
  } catch (error) {
    if (error instanceof MixError) throw new UsageError(`${config.file}: ${error.message}`)
    throw error
  } finally {
    progress.clear()
    await exchanger.close()
  }
}

const otherEngine =
  'load.engine: autocannon knows neither proxies nor HTTP/2, so our own client sends instead\n'

/** Every thread has a connection of its own at least. */
const checkWorkers = ({ file, load }: Config): void => {
  const fewest = Math.min(load.connections, ...load.phases.map(({ connections }) => connections))
  if (fewest < load.workers)
    throw new UsageError(`${file}: load.connections: ${fewest} cannot be shared by ${load.workers} workers`)
}

/** The thresholds, each checked for sense before anything is sent. Throws UsageError. */
const thresholdsOf = ({ file, load, thresholds: expressions, target, tokens, policy }: Config) => {
  const rates = load.phases.flatMap(({ rate }) => rate ?? [])
  const isOpen = rates.length === load.phases.length && load.ceiling === undefined
  const { thresholds, faults } = parseThresholds(expressions, {
    classes: Object.entries(load.mix).flatMap(([name, weight]) => (weight > 0 ? [name] : [])),
    validation: target.routes.public !== undefined && tokens.kind === 'keys',
    algorithms:
      tokens.kind === 'keys'
        ? tokens.keys.slice(1).flatMap(({ alg }) => (policy.algorithms.includes(alg) ? [alg] : []))
        : [],
    ...(isOpen
      ? {
          rate: Math.max(...rates.flatMap(({ from, to }) => [from, to])),
          planned: (name) => plannedRequests(load) * shareOfMix(load.mix, name),
        }
      : {}),
  })
  if (faults.length > 0) throw new UsageError(`${file}: ${faults.join('\n           ')}`)
  return thresholds
}

const plannedRequests = ({ phases }: Config['load']): number =>
  phases.reduce(
    (sum, { rate, durationMs }) =>
      sum + (rate === undefined ? 0 : ((rate.from + rate.to) / 2) * (durationMs / 1000)),
    0,
  )

const shareOfMix = (mix: Config['load']['mix'], name: string | undefined): number => {
  const whole = Object.values(mix).reduce((sum, weight) => sum + weight, 0)
  return name === undefined ? 1 : (mix[name] ?? 0) / whole
}

const reasonsOf = (run: Extract<LoadRun, { kind: 'trouble' }>, config: Config): readonly string[] =>
  troubleSentences(run.trouble, config)
