import { loadConfig } from '../config/load.ts'
import { makeAttackers } from '../forge/keyring.ts'
import { deliver, runCases, selectionOf, serveFor } from './conformance.ts'
import type { RunOptions } from './program.ts'
import { checkAgainstSuite, openSuite } from './suite.ts'
import type { Terminal } from './terminal.ts'

/** `gateproof test`: every selected case against the configured gateway. */
export const test = async (options: RunOptions, terminal: Terminal): Promise<number> => {
  const started = terminal.now()
  const config = loadConfig(options.config, terminal)
  const suite = openSuite(config.cases.files)
  checkAgainstSuite(config, suite)
  selectionOf(config, suite, options)
  const attackers = makeAttackers()
  const served = await serveFor(config, terminal)
  try {
    const run = await runCases(config, suite, served, { options, terminal, attackers })
    return await deliver({ started, conformance: { run, suite }, doubts: [] }, config, { options, terminal })
  } finally {
    await served.stop()
  }
}
