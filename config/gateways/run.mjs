#!/usr/bin/env node
// usage: run.mjs [GATEWAY...] [--out DIRECTORY] [--install] [--load] [--matrix] [-- ARGUMENT...]
import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { argv, env, execPath, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeKeys } from './keys.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const gateproof = join(root, 'bin/gateproof.js')
/** A folder that can be installed, started and tested is a gateway. */
const gateways = readdirSync(here)
  .filter((name) =>
    ['install.sh', 'start.sh', 'gateproof.yaml'].every((file) => existsSync(join(here, name, file))),
  )
  .toSorted()
const usage = `usage: run.mjs [GATEWAY...] [OPTION...] [-- ARGUMENT OF gateproof test...]
gateways: ${gateways.join(', ')} (default: all)
  --out DIRECTORY  reports go to DIRECTORY/GATEWAY (default: reports/gateways)
  --install        install what is missing (root, Debian)
  --load           measure each under load too: DIRECTORY/GATEWAY/load
  --matrix         set all side by side: DIRECTORY/compare.html and .md
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
  const outcomes = []
  for (const name of order.names) {
    if (interrupt.signal.aborted) return 130
    const began = Date.now()
    const outcome = await measure(name, { ...order, signal: interrupt.signal })
    const seconds = `${Math.round((Date.now() - began) / 1000)} s`
    stdout.write(`${name.padEnd(22)}${outcome.line}  ${seconds}\n`)
    outcomes.push(outcome)
  }
  if (interrupt.signal.aborted) return 130
  const reports = outcomes.flatMap((outcome) => outcome.reports ?? [])
  if (order.matrix && reports.length > 1) {
    const compared = await run([execPath, gateproof, 'compare', ...reports, '--out', order.out])
    if (compared !== 0) return 1
  }
  return outcomes.every(({ ran }) => ran) ? 0 : 1
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
        load: { type: 'boolean', default: false },
        matrix: { type: 'boolean', default: false },
      },
      allowPositionals: true,
    })
    if (positionals.some((name) => !gateways.includes(name))) return undefined
    const names = positionals.length === 0 ? gateways : positionals
    return { ...values, names, out: resolve(values.out), extra: words.slice(end + 1) }
  } catch (error) {
    if (error instanceof TypeError && String(error.code).startsWith('ERR_PARSE_ARGS_')) return undefined
    throw error
  }
}

/** Runs one gateway, and gateproof against it, in a run directory that lasts no longer. */
async function measure(name, { out, install, load, extra, signal }) {
  const folder = join(here, name)
  const lab = mkdtempSync(join(tmpdir(), 'gateproof-lab-'))
  const config = ['--config', join(folder, 'gateproof.yaml')]
  try {
    writeKeys(lab)
    if (install && (await run([join(folder, 'install.sh')])) !== 0)
      return { ran: false, line: 'not installed' }
    if ((await run([join(folder, 'start.sh'), lab])) !== 0) return { ran: false, line: 'did not start' }
    const tested = await call(['test', ...config, ...extra], { report: join(out, name), lab, signal })
    const parts = [verdicts(tested)]
    if (load && !signal.aborted)
      parts.push(rates(await call(['load', ...config], { report: join(out, name, 'load'), lab, signal })))
    return {
      ran: parts.every(({ ran }) => ran),
      line: parts.map(({ line }) => line).join('  '),
      reports: parts.flatMap(({ file }) => file ?? []),
    }
  } finally {
    await run([join(here, 'stop.sh'), lab])
    rmSync(lab, { recursive: true, force: true })
  }
}

/** Runs gateproof, its output in gateproof.log beside the report: exit code, where the report is, and what it says. */
async function call(command, { report, lab, signal }) {
  mkdirSync(report, { recursive: true })
  const file = join(report, 'report.json')
  rmSync(file, { force: true })
  const log = openSync(join(report, 'gateproof.log'), 'w')
  try {
    const exit = await run([execPath, gateproof, ...command, '--out', report], { lab, log, signal })
    return existsSync(file)
      ? { exit, file, told: JSON.parse(readFileSync(file, 'utf8')) }
      : { exit, log: join(report, 'gateproof.log') }
  } finally {
    closeSync(log)
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

function verdicts({ exit, file, told, log }) {
  if (told === undefined) return { ran: false, line: `exit ${exit}, no report: see ${log}` }
  const counts = Object.entries(told.conformance.summary).map(([verdict, count]) => `${count} ${verdict}`)
  return { ran: told.complete === true, file, line: ended(exit, told, counts) }
}

function rates({ exit, file, told, log }) {
  if (told === undefined) return { ran: false, line: `load: exit ${exit}, no report: see ${log}` }
  const [phase] = told.load.phases
  const { perSecond = 0, latencyMs = {} } = phase ?? {}
  const figures = [`${Math.round(perSecond)}/s`, `p50 ${latencyMs.p50} ms`, `p99 ${latencyMs.p99} ms`]
  return { ran: told.complete === true, file, line: `load: ${ended(exit, told, figures)}` }
}

function ended(exit, { complete }, words) {
  return `exit ${exit}  ${words.join('  ')}${complete ? '' : '  (incomplete)'}`
}
