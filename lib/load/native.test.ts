import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { closeServers, fire as fireWith, loadClass, response, serve, soundStatus } from './fixture.ts'
import type { Endpoint } from './endpoint.ts'
import { nativeEngine } from './native.ts'
import type { PhaseResult, PhaseSettings } from './phase.ts'
import type { LoadClass } from './record.ts'

afterEach(closeServers)

const evenly = (perSecond: number): Pick<PhaseSettings, 'open'> => ({
  open: { rate: { from: perSecond, to: perSecond }, arrivals: 'uniform' },
})

const fire = (
  endpoint: Endpoint,
  settings: Partial<PhaseSettings> = {},
  more: { classes?: readonly LoadClass[]; signal?: AbortSignal } = {},
): Promise<PhaseResult> => fireWith(endpoint, settings, { ...more, engine: nativeEngine })

/** Answers nothing from the start on for so long, and then all at once. */
const serveAfterStall = async (stallMs: number): Promise<{ endpoint: Endpoint; begin: () => void }> => {
  const held: [Socket, string][] = []
  let isOver = false
  const endpoint = await serve((request, socket) => {
    if (isOver) socket.write(response(soundStatus(request)))
    else held.push([socket, response(soundStatus(request))])
  })
  const begin = (): void => {
    setTimeout(() => {
      isOver = true
      for (const [socket, text] of held) socket.write(text)
    }, stallMs)
  }
  return { endpoint, begin }
}

/** How many requests took so long, or hardly less. */
const samplesFrom = (result: PhaseResult, microseconds: number): number => {
  // Above 2048 µs each doubling has 1024 buckets.
  const doublings = Math.floor(Math.log2(microseconds / 2048))
  const first = 2048 + doublings * 1024 + (microseconds / 2048 / 2 ** doublings - 1) * 1024
  return result.classes
    .flatMap(({ latency }) => [...latency.buckets()])
    .filter(([index]) => index >= first - 1)
    .reduce((sum, [, count]) => sum + count, 0)
}

describe('by the clock', () => {
  it('as many requests are sent as are due, whatever the gateway does', async () => {
    const endpoint = await serve((request, socket) => socket.write(response(soundStatus(request))))
    const result = await fire(endpoint, { ...evenly(400), durationMs: 500 })
    // The first is due after its distance, and the one at the very end no more.
    expect(result.sent).toBe(199)
    expect(result).toMatchObject({ model: 'open', answered: 199, lost: 0, ms: 500 })
  })

  it('a stall is seen by every request that was due in it', async () => {
    const { endpoint, begin } = await serveAfterStall(600)
    begin()
    const result = await fire(endpoint, {
      ...evenly(500),
      durationMs: 900,
      connections: 4,
      maxConnections: 4,
    })
    expect(result.lost).toBe(0)
    // Due within the first 300 ms, and so at least 300 ms late: none of them may be missing.
    expect(samplesFrom(result, 300_000)).toBeGreaterThanOrEqual(140)
    expect(result.waited).toBeGreaterThan(140)
    // Only the four that were sent saw it from sending on.
    expect(result.service.percentile(0.9)).toBeLessThan(300_000)
  })

  it('as many connections are made as it takes, and no more than the bound allows', async () => {
    const { endpoint, begin } = await serveAfterStall(400)
    begin()
    const many = await fire(endpoint, { ...evenly(200), durationMs: 500, connections: 2 })
    expect(many.connected).toBeGreaterThan(30)
    expect(many.lost).toBe(0)
  })

  it('what waits for a connection as long as an answer may take is lost, and counted, and slow', async () => {
    const endpoint = await serve(() => undefined)
    const result = await fire(endpoint, {
      ...evenly(100),
      durationMs: 400,
      connections: 1,
      maxConnections: 1,
      timeoutMs: 250,
    })
    expect(result.sent).toBe(result.answered + result.lost)
    expect(result.errors.unsent).toBeGreaterThan(0)
    expect(result.classes.reduce((sum, { latency }) => sum + latency.total, 0)).toBe(result.lost)
    expect(samplesFrom(result, 250_000)).toBe(result.lost)
  })

  it('the warm-up is as fast as the ramp begins, and is not counted', async () => {
    const endpoint = await serve((request, socket) => socket.write(response(soundStatus(request))))
    const result = await fire(endpoint, {
      open: { rate: { from: 100, to: 300 }, arrivals: 'uniform' },
      warmupMs: 300,
      durationMs: 500,
    })
    expect(Math.abs(result.sent - 100)).toBeLessThan(3)
    expect(result.classes.reduce((sum, { taken }) => sum + taken, 0) - result.sent).toBe(29)
  })
})

describe('a new connection for each request', () => {
  it('is made in both models', async () => {
    const endpoint = await serve((request, socket) => socket.end(response(soundStatus(request))))
    for (const model of [{}, evenly(200)]) {
      const result = await fire(endpoint, { ...model, keepAlive: false, connections: 3, durationMs: 300 })
      expect(result.answered).toBeGreaterThan(20)
      expect(result.connected).toBe(result.sent)
      expect(result.lost).toBe(0)
    }
  })
})

it('answers to HEAD have no body, whatever length they name', async () => {
  const endpoint = await serve((_request, socket) =>
    socket.write('HTTP/1.1 200 X\r\nContent-Length: 50\r\n\r\n'),
  )
  const head: LoadClass = {
    ...loadClass('good', 1),
    requests: [Buffer.from('HEAD /good/1 HTTP/1.1\r\nHost: t\r\n\r\n')],
  }
  const anything = await fire(endpoint, { durationMs: 200, connections: 2 }, { classes: [head] })
  expect(anything.judged).toBeGreaterThan(10)
  expect(anything).toMatchObject({ lost: 0, connected: 2, errors: {} })
})

describe.each([
  ['the closed model', {}],
  ['the open model', evenly(300)],
] as const)('in %s a run ends', (_name, model) => {
  it('at once where nobody listens', async () => {
    const endpoint = await serve(() => undefined)
    await closeServers()
    const { end } = await fire(endpoint, { ...model, durationMs: 15_000 })
    expect(end).toEqual({
      kind: 'unreachable',
      detail: `127.0.0.1:${endpoint.port}: connect ECONNREFUSED 127.0.0.1:${endpoint.port}`,
    })
  })

  it('when the target goes away for good, with what was measured', async () => {
    let count = 0
    const endpoint = await serve((request, socket) => {
      if (++count < 100) socket.write(response(soundStatus(request)))
      else void closeServers()
    })
    const result = await fire(endpoint, { ...model, durationMs: 15_000 })
    expect(result.end).toMatchObject({ kind: 'unreachable' })
    expect(result.judged).toBe(99)
    expect(result.sent).toBe(result.answered + result.lost)
    expect(result.ms).toBeLessThan(15_000)
  })

  it('when it is interrupted, even while the target stands still', async () => {
    let count = 0
    const endpoint = await serve((request, socket) => {
      if (++count < 50) socket.write(response(soundStatus(request)))
    })
    const signal = AbortSignal.timeout(400)
    const result = await fire(endpoint, { ...model, durationMs: 15_000, timeoutMs: 10_000 }, { signal })
    expect(result.end).toEqual({ kind: 'interrupted' })
    expect(result.judged).toBe(49)
    expect(result.sent).toBe(result.answered + result.lost)
    expect(Object.keys(result.errors)).toEqual(['unfinished'])
  })
})

it('a connection that the gateway ends while nothing is in flight costs no request', async () => {
  const sockets = new Set<Socket>()
  const endpoint = await serve((request, socket) => {
    sockets.add(socket)
    socket.write(response(soundStatus(request)))
  })
  const ending = setInterval(() => {
    for (const socket of sockets) socket.end()
    sockets.clear()
  }, 100)
  const result = await fire(endpoint, { ...evenly(20), durationMs: 700, connections: 5 })
  clearInterval(ending)
  expect(result.answered + result.lost).toBe(13)
  expect(Object.keys(result.errors).filter((kind) => kind !== 'closed' && kind !== 'reset')).toEqual([])
})
