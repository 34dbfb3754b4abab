import { createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import { afterEach, describe, expect, it } from 'vitest'
import { localCertificate } from '../../test/worlds/standing.ts'
import { listenOn } from '../exchange/fixture.ts'
import { endpointOf, type Endpoint } from './endpoint.ts'
import { fire as fireWith, loadClass } from './fixture.ts'
import { http2Engine } from './http2.ts'
import { latencyOf } from './evaluate.ts'
import type { PhaseResult, PhaseSettings } from './phase.ts'
import { openProbe } from './probe.ts'
import { loadJudge } from './read-answer.ts'

const closing: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close()
})

type Answer = (stream: ServerHttp2Stream, path: string) => void
type Arrived = { sessions: Set<unknown>; paths: string[]; most: number }

const watchServer = (server: Http2Server, answer: Answer, delayMs = 0): Arrived => {
  const arrived: Arrived = { sessions: new Set(), paths: [], most: 0 }
  let now = 0
  server.on('stream', (stream, { ':path': path = '' }) => {
    arrived.sessions.add(stream.session)
    arrived.paths.push(path)
    arrived.most = Math.max(arrived.most, ++now)
    stream.on('error', () => undefined).on('close', () => now--)
    if (delayMs === 0) answer(stream, path)
    else setTimeout(() => answer(stream, path), delayMs)
  })
  return arrived
}

const serve = async (
  answer: Answer,
  { delayMs = 0, maxConcurrentStreams = 200 } = {},
): Promise<Arrived & { endpoint: Endpoint }> => {
  const server = createServer({ settings: { maxConcurrentStreams } })
  const arrived = watchServer(server, answer, delayMs)
  const wire = await listenOn(server)
  closing.push(wire)
  return Object.assign(arrived, { endpoint: { host: '127.0.0.1', port: wire.port, http2: true } })
}

const sound: Answer = (stream, path) => {
  stream.respond({ ':status': path.startsWith('/bad') ? 401 : 200, 'x-path': path })
  stream.end('ok')
}

const fire = (endpoint: Endpoint, settings: Partial<PhaseSettings> = {}): Promise<PhaseResult> =>
  fireWith(endpoint, settings, { engine: http2Engine })

const evenly = (perSecond: number): Pick<PhaseSettings, 'open'> => ({
  open: { rate: { from: perSecond, to: perSecond }, arrivals: 'uniform' },
})

describe('load over HTTP/2', () => {
  it('in the closed model has a stream for each connection that is asked for, on as few as it takes', async () => {
    const server = await serve(sound, { delayMs: 5 })
    const result = await fire(server.endpoint)
    expect(result).toMatchObject({ end: { kind: 'finished' }, connected: 1, lost: 0 })
    expect(result.sent).toBeGreaterThan(20)
    expect(result.sent).toBe(result.answered)
    expect(result.judged).toBe(result.answered)
    expect(server.paths.length).toBe(result.sent)
    expect(server.sessions.size).toBe(1)
    expect(server.most).toBeGreaterThan(5)
    expect(server.most).toBeLessThanOrEqual(10)
    expect(result.classes.map(({ falseAccepts, falseRefusals }) => falseAccepts + falseRefusals)).toEqual([
      0, 0,
    ])
  })

  it('takes more connections where the gateway allows fewer streams on one', async () => {
    const server = await serve(sound, { delayMs: 5, maxConcurrentStreams: 4 })
    const result = await fire(server.endpoint)
    expect(result).toMatchObject({ end: { kind: 'finished' }, connected: 3, lost: 0 })
    expect(server.sessions.size).toBe(3)
  })

  it('by the clock sends what is due, whatever the gateway does', async () => {
    const server = await serve(sound, { delayMs: 50 })
    const result = await fire(server.endpoint, { ...evenly(400), durationMs: 500, connections: 1 })
    expect(result).toMatchObject({ model: 'open', sent: 199, answered: 199, lost: 0, connected: 1 })
    expect(server.most).toBeGreaterThan(10)
  })

  it('counts latency from when a request was due', async () => {
    let isOver = false
    const held: (() => void)[] = []
    const server = await serve((stream, path) => {
      if (isOver) sound(stream, path)
      else held.push(() => sound(stream, path))
    })
    setTimeout(() => {
      isOver = true
      for (const each of held) each()
    }, 400)
    const result = await fire(server.endpoint, { ...evenly(200), durationMs: 500, maxConnections: 10 })
    expect(result.sent).toBe(99)
    // Ten could be sent at once; all of those that were due by then waited, and say so.
    const slow = latencyOf(undefined, [result]).percentile(0.5) ?? 0
    expect(slow).toBeGreaterThan(100_000)
    expect(result.waited).toBeGreaterThan(50)
  })

  it('opens a connection for each request where none is kept', async () => {
    const server = await serve(sound)
    const result = await fire(server.endpoint, { keepAlive: false, connections: 2 })
    expect(result).toMatchObject({ end: { kind: 'finished' }, lost: 0 })
    expect(server.sessions.size).toBe(result.sent)
  })

  it('goes on where the gateway ends its connections, and counts what it left unanswered as lost', async () => {
    let count = 0
    let cut = 0
    const server = await serve((stream, path) => {
      if (++count % 50 === 0) {
        cut++
        stream.respond({ ':status': 200 })
        stream.write('half', () => stream.session?.destroy())
      } else if (count % 30 === 0) {
        stream.session?.goaway(0)
        sound(stream, path)
      } else sound(stream, path)
    })
    const result = await fire(server.endpoint, { connections: 1 })
    expect(result.end).toEqual({ kind: 'finished' })
    expect(cut).toBeGreaterThan(0)
    expect(result.lost).toBe(cut)
    expect(result.sent).toBe(result.answered + result.lost)
    expect(result.connected).toBeGreaterThan(2)
    expect(result.classes.map(({ falseAccepts, falseRefusals }) => falseAccepts + falseRefusals)).toEqual([
      0, 0,
    ])
  })

  it('counts a stream that the gateway resets, and one that it never answers, as lost', async () => {
    let count = 0
    const server = await serve((stream, path) => {
      if (++count % 10 === 0) stream.close(2)
      else if (count % 25 !== 0) sound(stream, path)
    })
    const result = await fire(server.endpoint, { timeoutMs: 200 })
    expect(Object.keys(result.errors)).toEqual(['reset', 'timeout'])
    expect(result.sent).toBe(result.answered + result.lost)
    expect(result.connected).toBe(1)
  })

  it('judges gRPC by the status that stands behind the message', async () => {
    const server = await serve((stream, path) => {
      const status = path.startsWith('/bad') ? '16' : '0'
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status }))
      stream.end('message')
    })
    const print = {
      ...{ schemes: '', locationOrigin: undefined, bodyHash: undefined },
      mediaType: 'application/grpc',
    }
    const reads = loadJudge({
      good: { ...print, status: 200, grpcStatus: '0' },
      none: { ...print, status: 200, grpcStatus: '16' },
      unrouted: undefined,
      witnessed: false,
      refused: { grpcStatus: [16] },
    })
    const result = await fireWith(server.endpoint, {}, { engine: http2Engine, reads })
    expect(result.judged).toBeGreaterThan(20)
    expect(result.judged).toBe(result.sent)
    expect(result.classes.map(({ falseAccepts, falseRefusals }) => falseAccepts + falseRefusals)).toEqual([
      0, 0,
    ])
  })

  it('ends at once when it is called off', async () => {
    const server = await serve(() => undefined)
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 200)
    const started = performance.now()
    const result = await fireWith(
      server.endpoint,
      { durationMs: 20_000 },
      { engine: http2Engine, signal: stop.signal },
    )
    expect(performance.now() - started).toBeLessThan(2000)
    expect(result).toMatchObject({ end: { kind: 'interrupted' }, errors: { unfinished: 10 } })
  })

  it('finds nobody where nobody speaks HTTP/2', async () => {
    const { endpoint } = await serve(sound)
    for (const one of closing.splice(0)) await one.close()
    expect((await fire(endpoint, { durationMs: 20_000 })).end.kind).toBe('unreachable')
  })
})

describe('load over HTTP/2 and TLS', () => {
  it('agrees on the protocol, and sends nothing to whom nobody vouches for', async () => {
    const { authority, certificate } = localCertificate()
    const server = createSecureServer(certificate)
    const arrived = watchServer(server, sound)
    const wire = await listenOn(server)
    closing.push(wire)
    const origin = `https://127.0.0.1:${wire.port}`
    const distrusted = await fire(endpointOf({ origin, http: '2', tls: { insecure: false } }))
    expect(distrusted.end.kind).toBe('untrusted')
    expect(arrived.paths).toEqual([])
    const trusted = await fire(endpointOf({ origin, http: '2', tls: { insecure: false, ca: authority } }))
    expect(trusted).toMatchObject({ end: { kind: 'finished' }, lost: 0, connected: 1 })
    expect(trusted.judged).toBeGreaterThan(0)
  })
})

describe('a probe over HTTP/2', () => {
  it('sends one request after the other on one connection, and times each', async () => {
    const server = await serve(sound, { delayMs: 20 })
    const probe = openProbe(server.endpoint, 1000, 100)
    const [bytes] = [loadClass('good', 1, 1).requests.at(0) ?? Buffer.alloc(0)]
    for (let count = 0; count < 3; count++) {
      const probed = await probe.exchange(bytes)
      expect(probed).toMatchObject({ kind: 'answered', keptOpen: true, answer: { status: 200 } })
      if (probed.kind === 'answered') expect(probed.microseconds).toBeGreaterThan(15_000)
    }
    probe.close()
    expect(server.sessions.size).toBe(1)
  })

  it('says what was lost', async () => {
    const silent = await serve(() => undefined)
    const probe = openProbe(silent.endpoint, 100, 0)
    const bytes = loadClass('good', 1, 1).requests.at(0) ?? Buffer.alloc(0)
    expect(await probe.exchange(bytes)).toEqual({ kind: 'lost', detail: 'no answer in time' })
    for (const one of closing.splice(0)) await one.close()
    expect((await probe.exchange(bytes)).kind).toBe('lost')
    probe.close()
  })
})
