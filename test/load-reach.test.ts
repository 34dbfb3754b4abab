import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createSecureServer } from 'node:http2'
import { request as requestTls } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runIn } from '../lib/cli/fixture.ts'
import type { Terminal } from '../lib/cli/terminal.ts'
import { startGateway, type Gateway } from '../lib/reference/gateway/gateway.ts'
import { audience, issuer, jwkOf, routes, authentication } from '../lib/reference/gateway/testing/rig.ts'
import { parseReport, type Load } from '../lib/report/report.ts'
import { localCertificate, signingKey } from './worlds/standing.ts'

/** How load reaches a target: over HTTP/2, through a proxy; and what it cannot send there at all. */

let cwd: string
let gateway: Gateway
const local = localCertificate()
const asked: string[] = []
const proxy = createServer()

beforeAll(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'gateproof-reach-'))
  const { authority, certificate } = local
  const key = await signingKey('gateproof')
  const jwk = { ...key.privateKey.export({ format: 'jwk' }), kid: key.kid, alg: key.alg, use: 'sig' }
  writeFileSync(join(cwd, 'private.jwks.json'), JSON.stringify({ keys: [jwk] }))
  writeFileSync(join(cwd, 'authority.pem'), authority)
  const keys = [{ format: 'JSON_WEB_KEY', ...jwkOf(key.publicKey, key.kid) }]
  gateway = await startGateway({
    specification: {
      requestPolicies: {
        authentication: { ...authentication, publicKeys: { type: 'STATIC_KEYS', keys } },
      },
      routes,
    },
    pathPrefix: '/v1',
    now: () => Date.now(),
    faults: [],
    beyond: { secure: certificate },
  })
  proxy.on('connect', (request, near: Socket) => {
    asked.push(String(request.url))
    const [host, port] = String(request.url).split(':')
    const far = connect(Number(port), host, () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n')
      near.pipe(far).pipe(near)
    })
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  proxy.closeAllConnections()
  proxy.close()
  await gateway.close()
  rmSync(cwd, { recursive: true, force: true })
})

const proxyUrl = () => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`

const configOf = (target: string, load: string, mix = 'valid: 80, time-exp-past: 20'): string => `
target: { url: ${gateway.origin}/v1, routes: { protected: /hello, public: /ping }, tls: { ca: authority.pem }, ${target} }
policy: { issuer: ${issuer}, audience: ${audience}, algorithms: [RS256], clockSkew: 0s }
tokens: { keys: private.jwks.json }
thresholds: [misjudged = 0]
load: { tokens: 100, connections: 4, warmup: 50ms, duration: 500ms, mix: { ${mix} }, ${load} }
`

let runs = 0
const load = async (text: string, changes: Partial<Terminal> = {}) => {
  const folder = `run${++runs}`
  writeFileSync(join(cwd, `${folder}.yaml`), text)
  const told = await runIn(cwd, ['load', '-c', `${folder}.yaml`, '--out', folder], changes)
  const read = (): Load => {
    const parsed = parseReport(readFileSync(join(cwd, folder, 'report.json'), 'utf8'))
    if (parsed.kind === 'faulty' || parsed.report.load === undefined) throw new Error('there is no report')
    return parsed.report.load
  }
  return { ...told, read }
}

const expectSound = ({ phases: [phase], validation }: Load): void => {
  expect(phase?.judged).toBeGreaterThan(10)
  expect(phase?.classes.map(({ misjudged }) => misjudged)).toEqual([0, 0])
  expect(phase?.lost).toBe(0)
  expect(validation?.blocks).toBeGreaterThan(0)
}

describe('gateproof load over HTTP/2', () => {
  it('judges and times as it does over HTTP/1.1, on as few connections as it takes', async () => {
    const closed = await load(configOf("http: '2'", 'model: closed'))
    expect(closed.err).toContain('autocannon knows neither proxies nor HTTP/2')
    expectSound(closed.read())
    expect(closed.read().phases[0]?.connectionsMade).toBe(1)
    const open = await load(configOf("http: '2'", 'model: open, rate: 100'))
    expectSound(open.read())
    expect(open.read().phases[0]).toMatchObject({ model: 'open', rate: 100 })
  })

  it('is shared by threads', async () => {
    const { read } = await load(configOf("http: '2'", 'model: closed, engine: native, workers: 2'))
    expectSound(read())
    expect(read().phases[0]).toMatchObject({ workers: 2, connectionsMade: 2 })
  })

  it('refuses a mix that HTTP/2 cannot carry as it is', async () => {
    const { code, err } = await load(
      configOf("http: '2'", 'model: closed', 'valid: 9, cred-duplicate-header-good-bad: 1'),
    )
    expect(code).toBe(64)
    expect(err).toContain('load.mix: `cred-duplicate-header-good-bad` cannot be sent under load')
  })
})

/** Stands before the gateway, and speaks nothing but HTTP/2. */
const openHttp2Only = async (): Promise<{ readonly origin: string; close(): void }> => {
  const server = createSecureServer(local.certificate, ({ method, url, headers }, answer) => {
    const ours = Object.entries(headers).filter(([name]) => !name.startsWith(':'))
    const options = { method, ca: local.authority, headers: Object.fromEntries(ours) }
    const forwarded = requestTls(`${gateway.origin}${url}`, options, (response) => {
      const challenge = response.headers['www-authenticate']
      answer.writeHead(
        response.statusCode ?? 500,
        challenge === undefined ? {} : { 'www-authenticate': challenge },
      )
      response.pipe(answer.stream)
    })
    forwarded.on('error', () => answer.stream.destroy()).end()
  })
  const sessions = new Set<{ destroy(): void }>()
  server.on('session', (session) => sessions.add(session))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      for (const session of sessions) session.destroy()
      server.close()
    },
  }
}

describe('gateproof load with target.http: auto', () => {
  it('goes over HTTP/2 where the target speaks nothing else, as the controls did, and says so', async () => {
    const front = await openHttp2Only()
    const text = configOf('', 'model: closed').replace(gateway.origin, front.origin)
    const { read, err, out } = await load(text)
    expect(err).toContain('autocannon knows neither proxies nor HTTP/2')
    expectSound(read())
    expect(read().run?.http).toBe('2')
    expect(read().phases[0]?.connectionsMade).toBe(1)
    expect(out).toContain('over HTTP/2')
    front.close()
  })

  it('goes over HTTP/1.1 where the target takes both', async () => {
    const { read, err, out } = await load(configOf('', 'model: closed'))
    expect(err).not.toContain('autocannon')
    expectSound(read())
    expect(read().run?.http).toBe('1.1')
    expect(out).toContain('over HTTP/1.1')
  })
})

describe('gateproof load through a proxy', () => {
  it('has a tunnel for each connection', async () => {
    asked.length = 0
    const { read, err } = await load(configOf(`proxy: ${proxyUrl()}`, 'model: closed'))
    expect(err).toContain('our own client sends instead')
    expectSound(read())
    expect(asked.length).toBeGreaterThanOrEqual(4)
    expect(new Set(asked)).toEqual(new Set([new URL(gateway.origin).host]))
  })

  it('goes where the environment says', async () => {
    asked.length = 0
    const { read } = await load(configOf('', 'model: open, rate: 100'), { env: { HTTPS_PROXY: proxyUrl() } })
    expectSound(read())
    expect(asked.length).toBeGreaterThanOrEqual(4)
    const { code, err } = await load(configOf('', 'model: closed'), { env: { HTTPS_PROXY: 'ftp://a' } })
    expect(code).toBe(64)
    expect(err).toContain('HTTPS_PROXY is not an http or https URL')
  })
})

describe('a mix with a case that load cannot send', () => {
  it.each([
    ['path-connection-reuse', 'share a connection'],
    ['path-pipelined-second', 'share a connection'],
    ['path-h2-stream-mix', 'http2'],
  ])('is refused before anything is sent: %s', async (id, words) => {
    const { code, err } = await load(configOf('', 'model: closed', `valid: 9, ${id}: 1`))
    expect(code).toBe(64)
    expect(err).toContain(`\`${id}\``)
    expect(err).toContain(words)
  })
})
