import { loadConfig } from '../config/load.ts'
import { ConfigError } from '../config/fault.ts'
import { checkWaivers } from '../config/waivers.ts'
import { mismatchKinds } from '../judge/verdict.ts'
import type { Config } from '../config/config.ts'
import { topics, type Suite } from '../config/suite.ts'
import { deliver, runCases, selectionOf, serveFor } from './conformance.ts'
import type { RunOptions } from './program.ts'
import { openSuite } from './suite.ts'
import type { Terminal } from './terminal.ts'

/** `gateproof test`: every selected case against the configured gateway. */
export const test = async (options: RunOptions, terminal: Terminal): Promise<number> => {
  const started = terminal.now()
  const config = loadConfig(options.config, terminal)
  const suite = openSuite(config.cases.files)
  holdWaivers(config, suite)
  selectionOf(config, suite, options)
  const served = await serveFor(config, terminal)
  try {
    const run = await runCases(config, suite, served, { options, terminal })
    return await deliver({ started, conformance: { run, suite }, doubts: [] }, config, { options, terminal })
  } finally {
    await served.stop()
  }
}

/** Throws a ConfigError where a waiver is of what the suite does not have. */
export const holdWaivers = (config: Config, suite: Suite): void => {
  const faults = checkWaivers(config, {
    cases: new Set(suite.requirements.flatMap(({ cases }) => cases.map(({ id }) => id))),
    topics: new Set(topics),
    kinds: mismatchKinds,
  })
  if (faults.length > 0) throw new ConfigError(faults)
}
