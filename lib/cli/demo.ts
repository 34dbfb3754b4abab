import { resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { faults as faultTable, type FaultName } from '../reference/gateway/faults.ts'
import { makeAttackers } from '../forge/keyring.ts'
import { startServing } from '../serve/serve.ts'
import { deliver, runCases, selectionOf } from './conformance.ts'
import { embeddedConfig, startEmbedded } from './embedded.ts'
import { runLoad } from './load.ts'
import type { RunOptions } from './program.ts'
import { openSuite } from './suite.ts'
import { UsageError, type Terminal } from './terminal.ts'

/** `gateproof demo`: the embedded gateway and identity domain, tested and loaded. */
export const demo = async (
  options: RunOptions & { readonly fault?: readonly string[] },
  terminal: Terminal,
): Promise<number> => {
  const started = terminal.now()
  const faults = (options.fault ?? []).map(faultNamed)
  const upstream = { host: '127.0.0.1', port: 0, idHeader: 'x-gateproof-id' }
  // Named, so that the names below it lead to it as well.
  const listener = { host: 'localhost', port: 0, reachable: true }
  const attackers = makeAttackers()
  const served = await startServing(
    { upstream, listener },
    { issuer: '', keys: [], now: () => terminal.now() },
  )
  try {
    if (served.upstream === undefined) throw new Error('the upstream did not start')
    const embedded = await startEmbedded(terminal, { fixed: false, faults, upstreamUrl: served.upstream.url })
    try {
      const dir = resolve(terminal.cwd, 'reports')
      const config: Config = { ...embeddedConfig(embedded, '/backend', dir), serve: { upstream, listener } }
      const suite = openSuite([])
      selectionOf(config, suite, options)
      const run = await runCases(config, suite, served, { options, terminal, attackers })
      // The witness is a server of ours: what it costs is no part of what the gateway costs.
      const load = await runLoad(embeddedConfig(embedded, '/hello', dir), suite, { options, terminal })
      return await deliver({ started, conformance: { run, suite }, load, doubts: [] }, config, {
        options,
        terminal,
      })
    } finally {
      await embedded.stack.close()
    }
  } finally {
    await served.stop()
  }
}

const isFault = (name: string): name is FaultName => Object.hasOwn(faultTable, name)

const faultNamed = (name: string): FaultName => {
  if (isFault(name)) return name
  throw new UsageError(
    `the embedded gateway has no fault \`${name}\`; it has ${Object.keys(faultTable).join(', ')}`,
  )
}
