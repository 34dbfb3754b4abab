import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runIn } from '../lib/cli/fixture.ts'
import { algorithmOf, freshKey } from '../lib/forge/algorithm.ts'
import { startStack, type Stack } from '../lib/reference/stack.ts'
import { parseReport } from '../lib/report/report.ts'

let cwd: string
let stack: Stack

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-load-'))
  const algorithm = algorithmOf('RS256')
  if (algorithm === undefined) throw new Error('RS256 is not known')
  const key = { kid: 'gateproof', alg: 'RS256', ...(await freshKey(algorithm)) }
  const jwk = { ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: key.alg, use: 'sig' }
  writeFileSync(join(cwd, 'private.jwks.json'), JSON.stringify({ keys: [jwk] }))
  stack = await startStack({ now: () => Date.now(), signingKeys: [key], faults: [] })
})
afterAll(async () => {
  await stack.close()
  rmSync(cwd, { recursive: true, force: true })
})

const configOf = (load: string, url = stack.gatewayUrl, warmup = '100ms'): string => `
target:
  url: ${url}
  routes: { protected: /hello, scoped: { path: /orders, scope: orders.read }, public: /ping }
policy: { issuer: ${stack.issuer}, audience: ${stack.audience}, algorithms: [RS256], clockSkew: 0s }
tokens: { keys: private.jwks.json }
thresholds: [misjudged = 0]
load: { tokens: 100, warmup: ${warmup}, mix: { valid: 80, time-exp-past: 20 }, ${load} }
`

let runs = 0
const load = async (text: string, signal = new AbortController().signal) => {
  const folder = `run${++runs}`
  writeFileSync(join(cwd, `${folder}.yaml`), text)
  const { code, out, err } = await runIn(cwd, ['load', '-c', `${folder}.yaml`, '--out', folder], { signal })
  const parsed = parseReport(readFileSync(join(cwd, folder, 'report.json'), 'utf8'))
  if (parsed.kind === 'faulty') throw new Error(parsed.faults.join('; '))
  return { code, told: out + err, report: parsed.report, phases: parsed.report.load?.phases ?? [] }
}

describe('gateproof load in the open model', () => {
  it('sends what is due, judges it, and reports each phase', async () => {
    const { code, phases, told } = await load(
      configOf('model: open, duration: 400ms, phases: [{ rate: 100 }, { rate: 100, to: 300, name: up }]'),
    )
    expect(phases.map(({ name, model, rate }) => [name, model, rate])).toEqual([
      ['constant', 'open', 100],
      ['up', 'open', 200],
    ])
    for (const { classes, sent, answered, lost } of phases) {
      expect(sent).toBeGreaterThan(10)
      expect(sent).toBe(answered + lost)
      expect(classes.every(({ misjudged }) => misjudged === 0)).toBe(true)
    }
    // A machine that was too busy to keep the pace makes the run invalid, and says so.
    expect(code === 0 || (code === 2 && /late|no verdict|no time left/.test(told))).toBe(true)
  })

  it('reports the ceiling and its curve', async () => {
    const { report, phases } = await load(
      configOf('model: open, arrivals: uniform, ceiling: { from: 50, upTo: 100, step: 300ms }'),
    )
    expect(phases).toHaveLength(1)
    expect(report.load?.ceiling?.curve[0]).toMatchObject({ rate: 50 })
  })
})

describe.each([
  ['closed', 'engine: autocannon'],
  ['closed', 'engine: native'],
  ['open', 'rate: 200'],
])('gateproof load, %s (%s)', (model, key) => {
  const long = `model: ${model}, ${key}, connections: 4, duration: 10m`

  it('ends with what it has when it is interrupted', async () => {
    const stop = new AbortController()
    const front = await startFront(() => stop.abort())
    const { code, report, phases } = await load(configOf(long, front.url, '0s'), stop.signal)
    front.close()
    expect(code).toBe(130)
    expect(report.complete).toBe(false)
    expect(phases[0]?.answered).toBeGreaterThan(0)
    expect(phases[0]?.sent).toBe((phases[0]?.answered ?? 0) + (phases[0]?.lost ?? 0))
  })

  it('ends with what it has when the target dies', async () => {
    const front = await startFront(() => front.close())
    const { code, report, phases } = await load(configOf(long, front.url, '0s'))
    expect(code).toBe(2)
    expect(phases[0]?.answered).toBeGreaterThan(0)
    expect(report.load?.valid).toBe(false)
    expect(report.load?.invalid.join()).toContain('answered, and then no more')
  })
})

/** Far more than the controls take; what a warm-up takes depends on the machine, so there is none. */
const manyAnswers = 400

/** Stands before the gateway, and tells once that load is under way. */
const startFront = async (onLoad: () => void): Promise<{ url: string; close: () => void }> => {
  const sockets = new Set<Socket>()
  let answers = 0
  const server = createServer((client) => {
    const gateway = connect(Number(new URL(stack.gatewayUrl).port), '127.0.0.1')
    for (const socket of [client, gateway]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        client.destroy()
        gateway.destroy()
      })
    }
    client.pipe(gateway)
    gateway.pipe(client)
    gateway.on('data', () => {
      if (++answers === manyAnswers) onLoad()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: stack.gatewayUrl.replace(/:\d+/, `:${(server.address() as AddressInfo).port}`),
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
