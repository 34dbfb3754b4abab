import { setMaxListeners } from 'node:events'
import { CommanderError } from 'commander'
import { terminalOf } from './process-terminal.ts'
import { createProgram } from './program.ts'
import { UsageError, type Terminal } from './terminal.ts'

/** The command line: runs what the process was asked for, and sets its exit code. */
export const main = async (process: NodeJS.Process): Promise<void> => {
  const stop = new AbortController()
  // Everything that is under way listens to it, and more than ten things may be.
  setMaxListeners(0, stop.signal)
  const onSignal = () => {
    // The second time the user means it.
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.stdout.on('error', endQuietly(process))
  try {
    process.exitCode = await run(process.argv.slice(2), terminalOf(process, stop.signal))
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

/** A reader that has seen enough (`| head`) is no failure of ours. */
const endQuietly = (process: NodeJS.Process) => (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
}

/** Runs a command line and returns its exit code; never throws but for what no one expected inside of it. */
export const run = async (args: readonly string[], terminal: Terminal): Promise<number> => {
  let code = 0
  const program = createProgram(terminal, (result) => {
    code = result
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    return exitOf(error, terminal)
  }
}

const exitOf = async (error: unknown, terminal: Terminal): Promise<number> => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64
  if (error instanceof UsageError) {
    terminal.err(`gateproof: ${error.message}\n`)
    return 64
  }
  const { ConfigError, formatFaults } = await import('../config/fault.ts')
  if (error instanceof ConfigError) {
    terminal.err(`${formatFaults(error)}\n`)
    return 64
  }
  const { ServeError } = await import('../serve/open.ts')
  if (error instanceof ServeError) {
    terminal.err(`gateproof: ${error.message}\n`)
    return 64
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  terminal.err(`gateproof: a bug of gateproof, please report it:\n${stack}\n`)
  return 70
}
