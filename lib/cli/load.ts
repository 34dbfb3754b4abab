import type { Config } from '../config/config.ts'
import { loadConfig } from '../config/load.ts'
import type { Suite } from '../config/suite.ts'
import { openExchange } from '../exchange/exchange.ts'
import { parseThresholds } from '../load/thresholds.ts'
import { MixError } from '../load/traffic.ts'
import { runLoad as runPipeline, type LoadRun } from '../load.ts'
import { emptyLoad, loadPart } from '../report/load-part.ts'
import type { Load } from '../report/report.ts'
import { troubleSentences } from '../report/trouble.ts'
import { deliver, serveFor } from './conformance.ts'
import { createProgress } from './progress.ts'
import type { RunOptions } from './program.ts'
import { checkAgainstSuite, openSuite } from './suite.ts'
import { UsageError, type Terminal } from './terminal.ts'

/** `gateproof load`: throughput, misjudged requests and what validation costs. */
export const load = async (options: RunOptions, terminal: Terminal): Promise<number> => {
  const started = terminal.now()
  const config = loadConfig(options.config, terminal)
  const suite = openSuite(config.cases.files)
  checkAgainstSuite(config, suite)
  checkEngine(config)
  const served = await serveFor(config, terminal)
  try {
    const part = await runLoad(config, suite, { options, terminal })
    return await deliver({ started, load: part, doubts: [] }, config, { options, terminal })
  } finally {
    await served.stop()
  }
}

/** What the engine of this version cannot do is said before anything is sent. */
const checkEngine = ({ file, load: { model, workers }, target }: Config): void => {
  const lacks = [
    ...(model === 'open' ? ['load.model `open`: `closed` is there'] : []),
    ...(workers > 1 ? ['load.workers above 1'] : []),
    ...(target.http === '2' ? ['target.http 2'] : []),
    ...(target.proxy.kind === 'url' ? ['target.proxy'] : []),
  ]
  if (lacks.length > 0)
    throw new UsageError(`${file}: a load test of this version has no ${lacks.join(', no ')}`)
}

/** Runs the load pipeline with progress on stderr. */
export const runLoad = async (
  config: Config,
  suite: Suite,
  { options, terminal }: { options: RunOptions; terminal: Terminal },
): Promise<Load> => {
  const { thresholds, faults } = parseThresholds(config.thresholds, {
    classes: Object.keys(config.load.mix),
    validation: config.target.routes.public !== undefined && config.tokens.kind === 'keys',
  })
  if (faults.length > 0) throw new UsageError(`${config.file}: ${faults.join('\n           ')}`)
  const progress = createProgress(terminal, options.quiet === true)
  const exchanger = openExchange(config.target, { now: () => terminal.now(), environment: terminal.env })
  try {
    const run = await runPipeline(
      config,
      suite,
      {
        thresholds,
        seed: terminal.random(4).readUInt32LE(),
        onProgress: ({ stage, answered }) => progress.show(`load: ${stage}, ${answered} answers`),
      },
      { ...terminal, exchanger, onEvent: () => undefined },
    )
    return run.kind === 'measured'
      ? loadPart(run.result)
      : emptyLoad(config.load.connections, reasonsOf(run, config))
  } catch (error) {
    if (error instanceof MixError) throw new UsageError(`${config.file}: ${error.message}`)
    throw error
  } finally {
    progress.clear()
    await exchanger.close()
  }
}

const reasonsOf = (run: Extract<LoadRun, { kind: 'trouble' }>, config: Config): readonly string[] =>
  troubleSentences(run.trouble, config)
