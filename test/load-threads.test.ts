import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runIn } from '../lib/cli/fixture.ts'
import type { SigningKey } from '../lib/config/config.ts'
import { algorithmOf, freshKey } from '../lib/forge/algorithm.ts'
import { decodeHistogram } from '../lib/load/histogram-codec.ts'
import { startStack, type Stack } from '../lib/reference/stack.ts'
import { parseReport, type Load } from '../lib/report/report.ts'

/** `load.workers`: threads that share the load of one process, the whole way from the command line. */

let cwd: string
let stack: Stack
let lax: Stack
let watched: Stack
let upstream: string

/** An address that is free, as far as anybody can tell. */
const freeAddress = async (): Promise<string> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `127.0.0.1:${port}`
}

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-threads-'))
  const key: SigningKey = { kid: 'gateproof', alg: 'RS256', ...(await freshKey(algorithmOf('RS256')!)) }
  const jwk = { ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: key.alg, use: 'sig' }
  writeFileSync(join(cwd, 'private.jwks.json'), JSON.stringify({ keys: [jwk] }))
  stack = await startStack({ now: () => Date.now(), signingKeys: [key], faults: [] })
  lax = await startStack({ now: () => Date.now(), signingKeys: [key], faults: ['exp-unchecked'] })
  upstream = await freeAddress()
  const upstreamUrl = `http://${upstream}`
  watched = await startStack({ now: () => Date.now(), signingKeys: [key], faults: [], upstreamUrl })
})
afterAll(async () => {
  await Promise.all([stack.close(), lax.close(), watched.close()])
  rmSync(cwd, { recursive: true, force: true })
})

const configOf = (load: string, { gatewayUrl, issuer, audience }: Stack): string => `
target: { url: ${gatewayUrl}, routes: { protected: /hello } }
policy: { issuer: ${issuer}, audience: ${audience}, algorithms: [RS256], clockSkew: 0s }
tokens: { keys: private.jwks.json }
thresholds: [misjudged = 0]
load: { tokens: 100, warmup: 50ms, mix: { valid: 80, time-exp-past: 20 }, workers: 2, ${load} }
`

let runs = 0
const start = async (
  text: string,
  args: readonly string[] = [],
  changes: Parameters<typeof runIn>[2] = {},
) => {
  const folder = `run${++runs}`
  writeFileSync(join(cwd, `${folder}.yaml`), text)
  const told = await runIn(cwd, ['load', '-c', `${folder}.yaml`, '--out', folder, ...args], changes)
  const read = (): Load => {
    const parsed = parseReport(readFileSync(join(cwd, folder, 'report.json'), 'utf8'))
    if (parsed.kind === 'faulty' || parsed.report.load === undefined) throw new Error('there is no report')
    return parsed.report.load
  }
  return { ...told, read }
}

/** A machine that was too busy makes the run invalid, and says so. */
const expectSound = (code: number, told: string): void =>
  expect(code === 0 || (code === 2 && /late|no time left|after its moment/.test(told)), told).toBe(true)

describe('gateproof load on several threads', () => {
  it('writes one report, in which every request is counted once', async () => {
    const { code, out, read } = await start(configOf('connections: 4, duration: 1s', stack))
    expectSound(code, out)
    expect(out).toContain('on 2 threads')
    const [phase] = read().phases
    expect(phase).toMatchObject({ workers: 2, connections: 4, connectionsMade: 4 })
    expect(phase?.sent).toBe((phase?.answered ?? 0) + (phase?.lost ?? 0))
    expect(decodeHistogram(phase?.histogram ?? '').total).toBe(phase?.judged)
    expect(phase?.classes.map(({ misjudged }) => misjudged)).toEqual([0, 0])
    expect(phase?.classes[0]?.tokens?.pool).toBe(100)
  })

  it('keeps the rate of the whole in the open model, and searches the ceiling', async () => {
    const open = await start(configOf('model: open, rate: 100, connections: 4, duration: 1s', stack))
    expect(open.read().phases[0]).toMatchObject({ workers: 2, rate: 100 })
    expect(open.read().phases[0]?.sent).toBeGreaterThan(50)
    const ceiling = await start(
      configOf('model: open, arrivals: uniform, ceiling: { from: 50, upTo: 100, step: 300ms }', stack),
    )
    expect(ceiling.read().ceiling?.curve[0]).toMatchObject({ rate: 50 })
  })

  it('is stopped by what happens on any of them, with what the misjudged were', async () => {
    const { code, read } = await start(configOf('connections: 4, duration: 20s', lax), [
      '--abort-on',
      'misjudged > 0',
    ])
    expect(code).toBe(1)
    const [phase] = read().phases
    expect(phase?.ms).toBeLessThan(10_000)
    expect(phase?.offenders[0]).toMatchObject({ case: 'time-exp-past', status: 200 })
    expect(phase?.offenders[0]?.request?.token?.claims).toContain('"exp"')
    expect(phase?.offenders.length).toBe(10)
  })

  it('ends within two seconds of an interruption, with a report of what was counted until then', async () => {
    const stop = new AbortController()
    let stoppedAt = 0
    const { read } = await start(configOf('connections: 4, duration: 60s', stack), [], {
      signal: stop.signal,
      errIsTerminal: true,
      err: (text) => {
        if (stoppedAt > 0 || !/measure, [1-9]\d* answers/.test(text)) return
        stoppedAt = performance.now()
        stop.abort()
      },
    })
    expect(performance.now() - stoppedAt).toBeLessThan(2000)
    expect(read().phases[0]?.judged).toBeGreaterThan(0)
    expect(read().invalid).toContain('interrupted')
  })

  it('counts what reaches an upstream of ours, whichever thread sent it', async () => {
    const config = configOf('connections: 4, duration: 1s', watched).replace('/hello', '/backend')
    const { code, out, read } = await start(`${config}serve: { upstream: "${upstream}" }\n`)
    expectSound(code, out)
    const { witness, phases } = read()
    expect(witness?.sentGood).toBeGreaterThanOrEqual(phases[0]?.classes[0]?.requests ?? Infinity)
    expect(witness?.arrived).toBe(witness?.sentGood)
  })

  it('is refused where there are fewer connections than threads', async () => {
    const { code, err } = await start(configOf('connections: 1', stack))
    expect(code).toBe(64)
    expect(err).toContain('1 cannot be shared by 2 workers')
  })
})
