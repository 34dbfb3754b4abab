// The commands of others, each on the one core that a generator has, and how to read what they print.
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { connections, token } from './requests.js'

const runFile = promisify(execFile)
const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const autocannonFile = createRequire(import.meta.url).resolve('autocannon/autocannon.js')

/** A command on a core of its own, where the system can pin one. */
export const pinned = (core, command, args) =>
  process.platform === 'linux' ? ['taskset', ['-c', String(core), command, ...args]] : [command, args]

/** What a generator prints on core 0, and the seconds of CPU that it took. */
export const run = async (command, args, env = {}) => {
  const [file, all] = pinned(0, command, args)
  const { stdout } = await runFile('sh', ['-c', '"$@"; code=$?; times; exit $code', 'sh', file, ...all], {
    env: { ...process.env, ...env },
    maxBuffer: 1 << 26,
  })
  // `times` ends with two lines: of the shell, and of its children.
  const lines = stdout.trimEnd().split('\n')
  const spent = [...lines.at(-1).matchAll(/(\d+)m([\d.]+)s/g)]
  const cpuSeconds = spent.reduce((sum, [, minutes, seconds]) => sum + minutes * 60 + Number(seconds), 0)
  return { printed: lines.slice(0, -2).join('\n'), cpuSeconds }
}

const numberAfter = (pattern, text) => Number(pattern.exec(text)?.[1] ?? NaN)

const runAutocannon = async (port, seconds, rate) => {
  const header = `Authorization: Bearer ${token('good', 0)}`
  const pace = rate === undefined ? [] : ['-R', String(rate)]
  const { printed, cpuSeconds } = await run(process.execPath, [
    ...[autocannonFile, '-j', '-n', '-c', String(connections), '-d', String(seconds), ...pace],
    ...['-H', header, `http://127.0.0.1:${port}/good`],
  ])
  const start = await run(process.execPath, [autocannonFile, '-v'])
  const { requests, duration, latency } = JSON.parse(printed)
  return {
    perSecond: requests.total / duration,
    latencyMs: latency,
    cpuSeconds: cpuSeconds - start.cpuSeconds,
  }
}

const runOurs = async (engine, port, seconds, rate) => {
  const { printed } = await run(process.execPath, [
    ...[here('ours.js'), engine, String(port), String(seconds)],
    ...(rate === undefined ? [] : [String(rate)]),
  ])
  const result = JSON.parse(printed)
  if (result.wrong > 0 || result.lost > 0)
    throw new Error(`${engine}: ${result.wrong} wrong verdicts, ${result.lost} lost`)
  return result
}

/** Name to a function of port, seconds and, for those that keep one, rate. */
export const generators = {
  'gateproof, native': (...args) => runOurs('native', ...args),
  'gateproof, autocannon': (...args) => runOurs('autocannon', ...args),
  'autocannon (one request)': runAutocannon,
  'wrk (script)': async (port, seconds) => {
    const at = `http://127.0.0.1:${port}/`
    const { printed, cpuSeconds } = await run('wrk', [
      ...['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', here('wrk.lua'), at],
    ])
    return { perSecond: numberAfter(/Requests\/sec:\s+([\d.]+)/, printed), cpuSeconds }
  },
  'hey (one request)': async (port, seconds) => {
    const { printed, cpuSeconds } = await run('hey', [
      ...['-c', String(connections), '-z', `${seconds}s`, '-cpus', '1'],
      ...['-H', `Authorization: Bearer ${token('good', 0)}`, `http://127.0.0.1:${port}/good`],
    ])
    return { perSecond: numberAfter(/Requests\/sec:\s+([\d.]+)/, printed), cpuSeconds }
  },
  'k6 (script)': async (port, seconds) => {
    const env = { PORT: String(port), SECONDS: String(seconds), CONNECTIONS: String(connections) }
    const { printed, cpuSeconds } = await run('k6', ['run', '--quiet', here('k6.js')], {
      ...env,
      GOMAXPROCS: '1',
    })
    return { perSecond: numberAfter(/http_reqs[. ]*:\s*\d+\s+([\d.]+)\/s/, printed), cpuSeconds }
  },
}

/** Those whose command is there. */
export const installed = async () => {
  const there = await Promise.all(
    Object.keys(generators).map(async (name) => {
      const [command = ''] = name.split(' ')
      if (/^(gateproof|autocannon)/.test(command)) return name
      return runFile('which', [command]).then(
        () => name,
        () => undefined,
      )
    }),
  )
  return there.filter((name) => name !== undefined)
}
