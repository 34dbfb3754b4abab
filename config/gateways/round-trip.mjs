#!/usr/bin/env node
// usage: round-trip.mjs GATEWAY [--out DIRECTORY] [-- ARGUMENT OF gateproof test...]
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { argv, env, execPath, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { parse, stringify } from 'yaml'
import { writeKeys } from './keys.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const gateproof = join(root, 'bin/gateproof.js')

/** What `gateproof init` calls the gateway, and which file of the run directory it reads. */
const imports = {
  envoy: { kind: 'envoy', file: 'envoy.yaml' },
  'envoy-remote': { kind: 'envoy', file: 'envoy.yaml' },
  traefik: { kind: 'traefik', file: 'routes.yaml' },
}

process.exitCode = await main(argv.slice(2))

/** Exit code 0 where both configurations give the same verdicts, 1 where they don't, 2 where a run failed, 64 for bad usage. */
async function main(words) {
  const order = read(words)
  if (order === undefined) {
    stderr.write(`usage: round-trip.mjs GATEWAY [--out DIRECTORY] [-- ARGUMENT OF gateproof test...]
gateways: ${Object.keys(imports).join(', ')}
`)
    return 64
  }
  const { name, out, extra } = order
  const lab = mkdtempSync(join(tmpdir(), 'gateproof-lab-'))
  const reports = out === undefined ? lab : resolve(out)
  try {
    writeKeys(lab)
    if ((await run([join(here, name, 'start.sh'), lab])) !== 0) return 2
    const written = join(here, name, 'gateproof.yaml')
    const imported = await importOf(name, lab)
    const verdicts = []
    for (const [label, config] of Object.entries({ written, imported })) {
      const report = join(reports, label)
      mkdirSync(report, { recursive: true })
      const test = [execPath, gateproof, 'test', '--quiet', '--config', config, '--out', report, ...extra]
      const file = join(report, 'report.json')
      rmSync(file, { force: true })
      const exit = await run(test, { GATEPROOF_LAB: lab })
      if (!existsSync(file)) return 2
      const { complete, conformance } = JSON.parse(readFileSync(file, 'utf8'))
      stdout.write(`${label.padEnd(9)} exit ${exit}  ${JSON.stringify(conformance.summary)}\n`)
      if (complete !== true) return 2
      verdicts.push(verdictsOf(conformance.results))
    }
    return differences(...verdicts)
  } finally {
    await run([join(here, 'stop.sh'), lab])
    rmSync(lab, { recursive: true, force: true })
  }
}

/** What was asked for, or undefined. */
function read(words) {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  try {
    const { values, positionals } = parseArgs({
      args: words.slice(0, end),
      options: { out: { type: 'string' } },
      allowPositionals: true,
    })
    const [name, second] = positionals
    if (second !== undefined || name === undefined || !Object.hasOwn(imports, name)) return undefined
    return { name, out: values.out, extra: words.slice(end + 1) }
  } catch (error) {
    if (error instanceof TypeError && String(error.code).startsWith('ERR_PARSE_ARGS_')) return undefined
    throw error
  }
}

/** The configuration that `gateproof init` makes of the gateway's own, with what it can't know from the hand-written one. */
async function importOf(name, lab) {
  const { kind, file } = imports[name]
  const path = join(lab, 'imported.yaml')
  const exit = await run([execPath, gateproof, 'init', '--from', kind, join(lab, file), '--out', path])
  if (exit !== 0) throw new Error(`gateproof init ended with ${exit}`)
  const written = parse(readFileSync(join(here, name, 'gateproof.yaml'), 'utf8'))
  const imported = parse(readFileSync(path, 'utf8'))
  const taken = []
  const complete = {
    target: {
      ...completed(
        imported.target,
        { ...written.target, url: new URL(written.target.url).origin },
        'target',
        taken,
      ),
      routes: imported.target.routes,
    },
    policy: completed(imported.policy, written.policy, 'policy', taken),
    // Who signs, and what the gateway may fetch, is never in its own configuration.
    tokens: written.tokens,
    serve: written.serve,
  }
  writeFileSync(path, stringify(complete))
  stdout.write(`not in ${file}, and so taken from gateproof.yaml: ${taken.join(', ') || 'nothing'}\n`)
  return path
}

/** What was imported, with the rest from the hand-written; a list of both, where both have one. */
function completed(imported, written, place, taken) {
  const both = { ...imported }
  for (const [key, value] of Object.entries(written)) {
    const mine = imported[key]
    const where = `${place}.${key}`
    if (mine === undefined || JSON.stringify(mine).includes('FILL_IN_')) {
      both[key] = value
      taken.push(where)
    } else if (key === 'enforces') {
      const more = value.filter((one) => !mine.includes(one))
      both[key] = [...mine, ...more]
      taken.push(...more.map((one) => `${where} ${one}`))
    }
  }
  return both
}

/** The verdict of each case, and of each of its variants. */
function verdictsOf(results) {
  return new Map(
    results.flatMap(({ case: id, verdict, variants = [] }) => [
      [id, verdict.status],
      ...variants.map((one) => [`${id}/${one.name}`, one.verdict.status]),
    ]),
  )
}

function differences(written, imported) {
  const differing = [...new Set([...written.keys(), ...imported.keys()])].filter(
    (id) => written.get(id) !== imported.get(id),
  )
  for (const id of differing)
    stdout.write(`${id}: ${written.get(id) ?? 'no verdict'}, imported ${imported.get(id) ?? 'no verdict'}\n`)
  stdout.write(`${differing.length} of ${written.size} verdicts differ\n`)
  return differing.length === 0 ? 0 : 1
}

/** The exit code of a command, or the signal that ended it. Its output goes to our stderr. */
function run([command, ...args], more = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...env, ...more } })
    child.on('error', fail)
    child.on('close', (code, by) => done(code ?? by))
  })
}
