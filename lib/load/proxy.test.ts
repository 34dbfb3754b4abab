import { createServer as createHttp } from 'node:http'
import { createServer as createHttp2 } from 'node:http2'
import { createServer as createHttps } from 'node:https'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { localCertificate } from '../../test/worlds/standing.ts'
import { listenOn, type Wire } from '../exchange/fixture.ts'
import { endpointOf, type Reach } from './endpoint.ts'
import { engineFor, engines } from './engines.ts'
import { fire as fireWith } from './fixture.ts'
import type { PhaseResult, PhaseSettings } from './phase.ts'
import { openProbe } from './probe.ts'

const closing: { close(): Promise<unknown> }[] = []
const opening = async (wire: Promise<Wire>): Promise<Wire> => {
  const one = await wire
  closing.unshift(one)
  return one
}
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close()
})

const serveProxy = async (status = 200): Promise<Wire & { readonly asked: string[] }> => {
  const asked: string[] = []
  const server = createHttp()
  server.on('connect', (request, near: Socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    if (status !== 200) return void near.end(`HTTP/1.1 ${status} No\r\n\r\n`)
    const [host, port] = String(request.url).split(':')
    const far = connect(Number(port), host, () => {
      near.write('HTTP/1.1 200 Connection established\r\n\r\n')
      near.pipe(far).pipe(near)
    })
    far.on('error', () => near.destroy()).on('close', () => near.destroy())
    near.on('error', () => far.destroy()).on('close', () => far.destroy())
  })
  return { ...(await opening(listenOn(server))), asked }
}

const statusOf = (path = ''): number => (path.startsWith('/bad') ? 401 : 200)
const plain = () =>
  opening(listenOn(createHttp(({ url }, response) => void response.writeHead(statusOf(url)).end('ok'))))

const fireAt = (reach: Reach, settings: Partial<PhaseSettings> = {}): Promise<PhaseResult> => {
  const endpoint = endpointOf(reach)
  return fireWith(
    endpoint,
    { connections: 3, ...settings },
    { engine: engines[engineFor('autocannon', endpoint)] },
  )
}

const misjudged = ({ classes }: PhaseResult) =>
  classes.reduce((sum, { falseAccepts, falseRefusals }) => sum + falseAccepts + falseRefusals, 0)

describe('load through a proxy', () => {
  it('asks for a tunnel for each connection, with its credentials, and for nothing else', async () => {
    const [wire, proxy] = [await plain(), await serveProxy()]
    const url = `http://user:pass%20word@127.0.0.1:${proxy.port}`
    const reach: Reach = { origin: wire.origin, tls: { insecure: false }, proxy: { kind: 'url', url } }
    const result = await fireAt(reach)
    expect(result).toMatchObject({ end: { kind: 'finished' }, connected: 3, lost: 0 })
    expect(result.judged).toBeGreaterThan(50)
    expect(misjudged(result)).toBe(0)
    const asked = `127.0.0.1:${wire.port} Basic ${btoa('user:pass word')}`
    expect(proxy.asked).toEqual([asked, asked, asked])
    const open = { rate: { from: 200, to: 200 }, arrivals: 'uniform' as const }
    expect(await fireAt(reach, { open })).toMatchObject({ sent: 99, answered: 99 })
  })

  it('carries TLS, which is still verified', async () => {
    const { authority, certificate } = localCertificate()
    const server = createHttps(
      certificate,
      ({ url }, response) => void response.writeHead(statusOf(url)).end('ok'),
    )
    const [wire, proxy] = [await opening(listenOn(server)), await serveProxy()]
    const origin = `https://127.0.0.1:${wire.port}`
    const through = { origin, proxy: { kind: 'url', url: proxy.origin } } as const
    const trusted = await fireAt({ ...through, tls: { insecure: false, ca: authority } })
    expect(trusted).toMatchObject({ end: { kind: 'finished' }, connected: 3, lost: 0 })
    expect(misjudged(trusted)).toBe(0)
    const distrusted = await fireAt({ ...through, tls: { insecure: false } })
    expect(distrusted).toMatchObject({ end: { kind: 'untrusted' }, sent: 0 })
    const insecure = await fireAt({ ...through, tls: { insecure: true } })
    expect(insecure.end).toEqual({ kind: 'finished' })
  })

  it('carries HTTP/2', async () => {
    const server = createHttp2()
    server.on('stream', (stream, { ':path': path }) => {
      stream.respond({ ':status': statusOf(path) })
      stream.end('ok')
    })
    const [wire, proxy] = [await opening(listenOn(server)), await serveProxy()]
    const reach: Reach = {
      ...{ origin: wire.origin, tls: { insecure: false }, http: '2' },
      proxy: { kind: 'url', url: proxy.origin },
    }
    const result = await fireAt(reach)
    expect(result).toMatchObject({ end: { kind: 'finished' }, connected: 1, lost: 0 })
    expect(misjudged(result)).toBe(0)
    expect(proxy.asked).toHaveLength(1)
  })

  it('makes the target unreachable where the proxy refuses, and does not say its password', async () => {
    const [wire, proxy] = [await plain(), await serveProxy(407)]
    const url = `http://user:secret@127.0.0.1:${proxy.port}`
    const { end } = await fireAt({
      ...{ origin: wire.origin, tls: { insecure: false } },
      proxy: { kind: 'url', url },
    })
    expect(end).toMatchObject({ kind: 'unreachable', detail: expect.stringContaining('407') })
    expect(JSON.stringify(end)).not.toContain('secret')
  })

  it('is called off while the proxy hangs', async () => {
    const server = createHttp()
    server.on('connect', (_request, near: Socket) => void near.on('error', () => near.destroy()))
    const [wire, proxy] = [await plain(), await opening(listenOn(server))]
    const endpoint = endpointOf({
      ...{ origin: wire.origin, tls: { insecure: false } },
      proxy: { kind: 'url', url: proxy.origin },
    })
    const result = await fireWith(endpoint, { durationMs: 300, timeoutMs: 200 }, { engine: engines.native })
    expect(result.sent).toBe(0)
    expect(result.errors.connect).toBeGreaterThan(0)
  })
})

describe('a probe through a proxy', () => {
  it('has one tunnel for all that it sends', async () => {
    const [wire, proxy] = [await plain(), await serveProxy()]
    const endpoint = endpointOf({
      ...{ origin: wire.origin, tls: { insecure: false } },
      proxy: { kind: 'url', url: proxy.origin },
    })
    const probe = openProbe(endpoint, 1000, 0)
    const bytes = Buffer.from('GET /good HTTP/1.1\r\nHost: t\r\n\r\n')
    for (let count = 0; count < 2; count++)
      expect(await probe.exchange(bytes)).toMatchObject({ kind: 'answered', answer: { status: 200 } })
    probe.close()
    expect(proxy.asked).toHaveLength(1)
  })
})
