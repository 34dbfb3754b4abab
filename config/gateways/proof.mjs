import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, execPath, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { outcomeOf } from './outcome.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const gateproof = join(root, 'bin/gateproof.js')

/** A run directory, what runs in it, and how gateproof is run against that; `close` ends all of it. */
export function openProof(name) {
  const folder = mkdtempSync(join(tmpdir(), `gateproof-${name}-`))
  chmodSync(folder, 0o755) // the workers of some servers are other users
  const servers = new Map()
  const counts = { passed: 0, failed: 0 }
  const say = (line) => stdout.write(`${line}\n`)

  const proof = {
    folder,
    say,
    counts,
    /** Counts and prints one thing that holds or does not. */
    check(sentence, holds, detail = '') {
      counts[holds ? 'passed' : 'failed'] += 1
      say(`${holds ? 'ok    ' : 'FAILED'} ${sentence}${holds || detail === '' ? '' : `\n       ${detail.trim().slice(0, 600)}`}`)
    },
    /** Runs a server until `stop`; returns once it takes connections, and throws where it does not. */
    async start(server, port, [command, ...words], environment = {}) {
      if (await takesConnections(port)) throw new Error(`something else listens at port ${port}`)
      const log = openSync(join(folder, `${server}.log`), 'w')
      const child = spawn(command, words, { cwd: folder, stdio: ['ignore', log, log], env: { ...env, ...environment } })
      closeSync(log)
      const ended = new Promise((done) => {
        child.on('error', done)
        child.on('close', done)
      })
      servers.set(server, { child, ended })
      for (let tries = 0; tries < 200; tries++) {
        if (await takesConnections(port)) return
        if (child.exitCode !== null || child.signalCode !== null) break
        await pause(50)
      }
      throw new Error(`${server} does not answer:\n${proof.log(server)}`)
    },
    log: (server) => readFileSync(join(folder, `${server}.log`), 'utf8').slice(-2000),
    async stop(server) {
      const running = servers.get(server)
      servers.delete(server)
      running?.child.kill()
      const late = setTimeout(() => running?.child.kill('SIGKILL'), 5000)
      await running?.ended
      clearTimeout(late)
    },
    /** Runs `gateproof test` with these settings, and returns what it came to. */
    async test(settings, { include = [], environment = {} } = {}) {
      const file = join(folder, 'gateproof.json')
      const out = join(folder, 'report')
      rmSync(out, { recursive: true, force: true })
      writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings, null, 1))
      const selection = include.length === 0 ? [] : ['--include', include.join(',')]
      const words = [gateproof, 'test', '--config', file, '--out', out, '--quiet', ...selection]
      const began = Date.now()
      const { code, said } = await run([execPath, ...words], environment)
      const report = join(out, 'report.json')
      const text = existsSync(report) ? readFileSync(report, 'utf8') : ''
      return outcomeOf({ exit: code, said, text, seconds: (Date.now() - began) / 1000 })
    },
    async close() {
      for (const server of [...servers.keys()].reverse()) await proof.stop(server)
      rmSync(folder, { recursive: true, force: true })
      say(`${counts.passed} passed, ${counts.failed} failed`)
      return counts.failed === 0 ? 0 : 1
    },
  }
  return proof
}

/** Runs a command to its end. */
export function run([command, ...words], environment = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...env, ...environment } })
    const said = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text))
    const deadline = setTimeout(() => child.kill('SIGINT'), 300_000)
    child.on('error', fail)
    child.on('close', (code, signal) => {
      clearTimeout(deadline)
      done({ code: code ?? signal, out: said.out, said: said.err })
    })
  })
}

export async function must(words, environment) {
  const { code, out, said } = await run(words, environment)
  if (code !== 0) throw new Error(`${words[0]} ended with ${code}:\n${said}`)
  return out
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms))

const takesConnections = (port) =>
  new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port })
    const end = (answer) => {
      socket.destroy()
      done(answer)
    }
    socket.on('connect', () => end(true)).on('error', () => end(false))
  })
