#!/usr/bin/env node
// usage: prove.mjs [FRONT...] [--install]
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { argv, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openBench } from './bench.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const fronts = ['proxy', 'client-certificate', 'firewall', 'lock-out', 'namespace']
const usage = `usage: prove.mjs [FRONT...] [--install]
fronts: ${fronts.join(', ')} (default: all)
`

process.exitCode = await main(argv.slice(2))

/** Exit code 0 if all holds, 1 if something does not, 64 for bad usage, 130 if interrupted. */
async function main(given) {
  const order = read(given)
  if (order === undefined) {
    stderr.write(usage)
    return 64
  }
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const name of order.names) {
    if (stop.signal.aborted) break
    const counts = await proveFront(name, order.install, stop.signal)
    for (const key of Object.keys(sum)) sum[key] += counts[key]
  }
  stdout.write(
    `${sum.passed} passed, ${sum.failed} failed${sum.skipped > 0 ? `, ${sum.skipped} skipped` : ''}\n`,
  )
  return stop.signal.aborted ? 130 : sum.failed === 0 ? 0 : 1
}

/** What was asked for, or undefined. */
function read(given) {
  try {
    const { values, positionals } = parseArgs({
      args: given,
      options: { install: { type: 'boolean', default: false } },
      allowPositionals: true,
    })
    if (positionals.some((name) => !fronts.includes(name))) return undefined
    return { names: positionals.length === 0 ? fronts : positionals, install: values.install }
  } catch (error) {
    if (error instanceof TypeError && String(error.code).startsWith('ERR_PARSE_ARGS_')) return undefined
    throw error
  }
}

/** Proves one front on a bench of its own. What ends a proof early is a failure, and the next one begins. */
async function proveFront(name, install, signal) {
  const began = Date.now()
  const say = (line) => stdout.write(`${line}\n`)
  say(`# ${name}`)
  if (install && spawnSync(join(here, name, 'install.sh'), { stdio: ['ignore', 2, 2] }).status !== 0) {
    say('FAILED to install')
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const { prove, names } = await import(`./${name}/prove.mjs`)
  const bench = await openBench({ names, signal, say })
  try {
    await prove(bench)
  } catch (error) {
    bench.check(`${name} is proved to its end`, false, error.stack)
  } finally {
    await bench.close()
  }
  say(
    `  ${bench.counts.passed} of ${bench.counts.passed + bench.counts.failed} in ${Math.round((Date.now() - began) / 1000)} s`,
  )
  return bench.counts
}
