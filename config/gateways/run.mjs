#!/usr/bin/env node
// usage: run.mjs [GATEWAY...] [--out DIRECTORY] [--install] [-- ARGUMENT...]
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { argv, env, execPath, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeKeys } from './keys.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const gateproof = join(root, 'bin/gateproof.js')
const gateways = ['haproxy', 'nginx', 'apache', 'apache-remote', 'envoy', 'envoy-remote']
const usage = `usage: run.mjs [GATEWAY...] [--out DIRECTORY] [--install] [-- ARGUMENT OF gateproof test...]
gateways: ${gateways.join(', ')} (default: all)
`

process.exitCode = await main(argv.slice(2))

/** Exit code 0 if each gateway was tested to the end, whatever the verdicts; 1 if one was not; 64 for bad usage. */
async function main(words) {
  const order = read(words)
  if (order === undefined) {
    stderr.write(usage)
    return 64
  }
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupt.abort())
  let ran = true
  for (const name of order.names) {
    if (interrupt.signal.aborted) return 130
    const outcome = await measure(name, { ...order, signal: interrupt.signal })
    stdout.write(`${name.padEnd(14)}${outcome.line}\n`)
    ran &&= outcome.ran
  }
  return interrupt.signal.aborted ? 130 : ran ? 0 : 1
}

/** What was asked for, or undefined. */
function read(words) {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  try {
    const { values, positionals } = parseArgs({
      args: words.slice(0, end),
      options: {
        out: { type: 'string', default: 'reports/gateways' },
        install: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    if (positionals.some((name) => !gateways.includes(name))) return undefined
    const names = positionals.length === 0 ? gateways : positionals
    return { names, out: resolve(values.out), install: values.install, extra: words.slice(end + 1) }
  } catch (error) {
    if (error instanceof TypeError && String(error.code).startsWith('ERR_PARSE_ARGS_')) return undefined
    throw error
  }
}

/** Runs one gateway, and gateproof against it, in a run directory that lasts no longer. */
async function measure(name, { out, install, extra, signal }) {
  const folder = join(here, name)
  const report = join(out, name)
  const lab = mkdtempSync(join(tmpdir(), 'gateproof-lab-'))
  try {
    writeKeys(lab)
    rmSync(join(report, 'report.json'), { force: true })
    if (install && (await run([join(folder, 'install.sh')])) !== 0)
      return { ran: false, line: 'not installed' }
    if ((await run([join(folder, 'start.sh'), lab])) !== 0) return { ran: false, line: 'did not start' }
    const command = ['test', '--config', join(folder, 'gateproof.yaml'), '--out', report, ...extra]
    mkdirSync(report, { recursive: true })
    const log = openSync(join(report, 'gateproof.log'), 'w')
    try {
      return summary(await run([execPath, gateproof, ...command], { lab, log, signal }), report)
    } finally {
      closeSync(log)
    }
  } finally {
    await run([join(here, 'stop.sh'), lab])
    rmSync(lab, { recursive: true, force: true })
  }
}

/** The exit code of a command, or the signal that ended it. Its output goes to the log, or to our stderr. */
function run([command, ...args], { lab, log = 2, signal } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd: root, // where the hooks of each gateproof.yaml begin
      stdio: ['ignore', log, log],
      env: { ...env, ...(lab === undefined ? {} : { GATEPROOF_LAB: lab }) },
    })
    // gateproof itself ends an interrupted run, and keeps what was finished.
    const interrupt = () => child.kill('SIGINT')
    if (signal?.aborted) interrupt()
    signal?.addEventListener('abort', interrupt, { once: true })
    child.on('error', fail)
    child.on('close', (code, by) => {
      signal?.removeEventListener('abort', interrupt)
      done(code ?? by)
    })
  })
}

function summary(exit, report) {
  const file = join(report, 'report.json')
  if (!existsSync(file))
    return { ran: false, line: `exit ${exit}, no report: see ${join(report, 'gateproof.log')}` }
  const { complete, conformance } = JSON.parse(readFileSync(file, 'utf8'))
  const counts = Object.entries(conformance.summary).map(([verdict, count]) => `${count} ${verdict}`)
  return {
    ran: complete === true,
    line: `exit ${exit}  ${counts.join('  ')}${complete ? '' : '  (incomplete)'}`,
  }
}
