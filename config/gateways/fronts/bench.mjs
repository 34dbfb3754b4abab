import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { writeKeys } from '../keys.mjs'
import { outcomeOf } from '../outcome.mjs'
import { replaced, withFault } from './faults.mjs'

export const here = fileURLToPath(new URL('.', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
const gateproof = join(root, 'bin/gateproof.js')
const nginx = fileURLToPath(new URL('../nginx', import.meta.url))

/** Where all of it listens, one proof at a time. */
export const ports = { gateway: 8520, front: 8521, other: 8522, jwks: 9420, upstream: 9421, listener: 9422 }

/** What the fault `audience` fails, and as much again of what it leaves alone. */
export const near = ['audience', 'encoding', 'header', 'alg', 'scope', 'credential', 'path']

/** A run directory with keys and certificates, what runs in it, and how gateproof is run against that. */
export async function openBench({ names = [], signal, say }) {
  const lab = mkdtempSync(join(tmpdir(), 'gateproof-fronts-'))
  chmodSync(lab, 0o755) // the workers of some servers are other users
  const running = []
  const counts = { passed: 0, failed: 0, skipped: 0 }
  writeKeys(lab)
  await must([join(here, 'certificates.sh'), lab, ...names])

  const bench = {
    lab,
    counts,
    /** Counts and prints one thing that holds or does not. */
    check(sentence, holds, detail = '') {
      counts[holds ? 'passed' : 'failed'] += 1
      say(
        `${holds ? 'ok    ' : 'FAILED'} ${sentence}${holds || detail === '' ? '' : `\n       ${detail.slice(0, 2000)}`}`,
      )
    },
    /** Says what cannot be proved on this machine, and why. */
    skip(sentence, why) {
      counts.skipped += 1
      say(`skipped ${sentence}: ${why}`)
    },
    /** A folder below, one a server. */
    folder(name) {
      const folder = join(lab, name)
      mkdirSync(folder, { recursive: true })
      return folder
    },
    /** Runs a server until `stop`, or to the end of the proof; it throws where it does not answer at the URL. */
    async start(name, url, command, { within = [], environment = {} } = {}) {
      const folder = bench.folder(name)
      const words = [...within, join(here, 'run.sh'), folder, url, ...command]
      await must(words, { environment })
      running.unshift(name)
    },
    async stop(name) {
      await must([join(here, '../stop.sh'), join(lab, name)])
      running.splice(running.indexOf(name), 1)
    },
    /** The nginx gateway, sound or with one fault. */
    async startGateway({
      fault,
      tls,
      allow,
      listen = `127.0.0.1:${ports.gateway}`,
      upstream = `127.0.0.1:${ports.upstream}`,
      within,
    } = {}) {
      const folder = bench.folder('gateway')
      const script = readFileSync(join(nginx, 'bearer.js'), 'utf8')
      writeFileSync(join(folder, 'bearer.js'), withFault('bearer.js', script, fault))
      const key = readFileSync(join(lab, 'public.pem'), 'utf8').replace(/-----.*-----|\n/g, '')
      writeFileSync(join(folder, 'keys.js'), `export default { 'gateproof-lab': '${key}' }\n`)
      writeFileSync(join(folder, 'nginx.conf'), nginxConf({ lab, listen, upstream, tls, allow, fault }))
      const command = ['nginx', '-p', folder, '-c', 'nginx.conf', '-e', 'stderr']
      await bench.start('gateway', `${tls === undefined ? 'http' : 'https'}://${listen}/`, command, {
        within,
      })
    },
    /** Runs `gateproof test` with these settings, and returns what it came to. */
    async test(settings, { include = [], environment = {}, within = [], seconds = 300 } = {}) {
      if (signal?.aborted) throw new Error('interrupted')
      const file = join(lab, 'gateproof.json')
      const out = join(lab, 'report')
      rmSync(out, { recursive: true, force: true })
      writeFileSync(file, JSON.stringify(settings, null, 1))
      const selection = include.length === 0 ? [] : ['--include', include.join(',')]
      const began = Date.now()
      const words = [
        ...within,
        execPath,
        gateproof,
        'test',
        '--config',
        file,
        '--out',
        out,
        '--quiet',
        ...selection,
      ]
      const { code, stderr } = await run(words, { environment, signal, seconds })
      const report = join(out, 'report.json')
      const text = existsSync(report) ? readFileSync(report, 'utf8') : ''
      return outcomeOf({ exit: code, said: stderr, text, seconds: (Date.now() - began) / 1000 })
    },
    async stopAll() {
      for (const name of [...running]) await bench.stop(name)
    },
    async close() {
      await bench.stopAll()
      rmSync(lab, { recursive: true, force: true })
    },
  }
  return bench
}

function nginxConf({ lab, listen, upstream, tls, allow, fault }) {
  const lines = [
    ...(allow === undefined ? [] : [`allow ${allow};`, 'deny all;']),
    ...(tls === undefined
      ? []
      : [`ssl_certificate ${lab}/server.pem;`, `ssl_certificate_key ${lab}/server.key;`]),
    ...(tls === 'client' ? [`ssl_client_certificate ${lab}/ca.pem;`, 'ssl_verify_client on;'] : []),
  ]
  const text = readFileSync(join(nginx, 'nginx.conf'), 'utf8')
  const listening = `listen ${listen}${tls === undefined ? '' : ' ssl http2'};`
  const standing = replaced(text, 'listen 127.0.0.1:8502;', [listening, ...lines].join('\n        '))
  return withFault('nginx.conf', replaced(standing, 'server 127.0.0.1:9402;', `server ${upstream};`), fault)
}

/** The settings of gateproof for the gateway of ../nginx; `target` and `serve` complete or replace what stands here. */
export function settingsFor(bench, { target, serve, ...more }) {
  return {
    target: {
      routes: { protected: '/hello', scoped: { path: '/orders', scope: 'orders.read' }, public: '/ping' },
      ...target,
    },
    policy: {
      issuer: 'https://issuer.example.test/',
      audience: 'https://gateway.example.test',
      algorithms: ['RS256'],
      jwks: join(bench.lab, 'jwks.json'),
      clockSkew: '30s',
      enforces: ['typ-at-jwt', 'require-exp', 'algorithm-pinned', 'case-sensitive-paths'],
      forwards: { credential: 'keep', claims: { 'X-JWT-Sub': 'sub' } },
    },
    tokens: { keys: join(bench.lab, 'private.jwks.json'), header: { typ: 'at+jwt' } },
    serve: {
      upstream: `127.0.0.1:${ports.upstream}`,
      listener: { listen: `127.0.0.1:${ports.listener}`, reachable: true },
      ...serve,
    },
    ...more,
  }
}

/** Runs a command to its end. */
export async function must(words, { environment } = {}) {
  const { code, stderr } = await run(words, { environment })
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}:\n${stderr}`)
}

const mostSaid = 20_000

function run([command, ...words], { environment = {}, signal, seconds = 120 } = {}) {
  return new Promise((done, fail) => {
    // What a server started in the background writes goes to its own log, and so the pipes here end with the command.
    const child = spawn(command, words, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...bare(), ...environment },
    })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8')
      child[name].on('data', (text) => (said[name] = (said[name] + text).slice(-mostSaid)))
    }
    const interrupt = () => child.kill('SIGINT')
    const deadline = setTimeout(interrupt, seconds * 1000)
    signal?.addEventListener('abort', interrupt, { once: true })
    child.on('error', fail)
    child.on('close', (code, by) => {
      clearTimeout(deadline)
      signal?.removeEventListener('abort', interrupt)
      done({ code: code ?? by, ...said })
    })
  })
}

/** The environment without the proxies of whoever runs this: a proof brings its own. */
function bare() {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(https?|no|all)_proxy$/i.test(name)))
}
