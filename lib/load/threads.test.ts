import { afterEach, describe, expect, it } from 'vitest'
import type { Lesson } from '../judge/side.ts'
import type { Endpoint } from './endpoint.ts'
import type { EngineName } from './engines.ts'
import { closeServers, loadClass, response, serve, soundStatus, type Seen } from './fixture.ts'
import { latencyOf } from './evaluate.ts'
import type { PhaseProgress, PhaseResult, PhaseSettings } from './phase.ts'
import { runInThreads } from './threads.ts'

afterEach(closeServers)

const print = (status: number): Lesson['good'] => ({
  status,
  schemes: '',
  locationOrigin: undefined,
  mediaType: undefined,
  grpcStatus: undefined,
  bodyHash: undefined,
})
const lesson: Lesson = { good: print(200), none: print(401), unrouted: undefined, witnessed: false }
const classes = [loadClass('good', 80, 400), loadClass('bad', 20, 1)]

type Options = {
  readonly engine?: EngineName
  readonly workers?: number
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: PhaseProgress) => void
}

const fireAt = (
  endpoint: Endpoint,
  settings: Partial<PhaseSettings>,
  { engine = 'native', workers = 2, signal = new AbortController().signal, onProgress }: Options = {},
): Promise<PhaseResult> =>
  runInThreads(
    {
      engine,
      workers,
      ground: { lesson, reach: { origin: `http://127.0.0.1:${endpoint.port}`, tls: { insecure: false } } },
    },
    {
      name: 'load',
      endpoint,
      connections: 4,
      maxConnections: 100,
      keepAlive: true,
      timeoutMs: 2000,
      warmupMs: 0,
      durationMs: 400,
      seed: 1,
      ...settings,
    },
    { classes, judge: { bodyBytes: 0, read: () => 'let-in' } },
    { signal, ...(onProgress === undefined ? {} : { onProgress }) },
  )

const countsOf = ({ sent, answered, judged, lost }: PhaseResult) => ({ sent, answered, judged, lost })

describe.each(['native', 'autocannon'] as const)('several threads with the engine %s', (engine) => {
  it('send as one: each request is counted once, and no two threads have the same token', async () => {
    const seen = new Map<string, number>()
    const sockets = new Set<unknown>()
    const endpoint = await serve((request, socket) => {
      sockets.add(socket)
      seen.set(request.id, (seen.get(request.id) ?? 0) + (request.class === 'good' ? 1 : 0))
      socket.write(response(soundStatus(request)))
    })
    const result = await fireAt(endpoint, {}, { engine, workers: 3 })
    expect(result).toMatchObject({ end: { kind: 'finished' }, workers: 3, connections: 4, connected: 4 })
    expect(sockets.size).toBe(4)
    const { sent, answered, judged, lost } = countsOf(result)
    expect(sent).toBeGreaterThan(20)
    expect(answered + lost).toBe(sent)
    expect(judged).toBe(answered)
    expect(latencyOf(undefined, [result]).total).toBe(judged)
    const [good, bad] = result.classes
    expect(good).toMatchObject({ pool: 400, falseRefusals: 0 })
    expect(bad).toMatchObject({ pool: 1, falseAccepts: 0 })
    expect(bad?.spread).toBeUndefined()
    expect(good?.spread?.distinct).toBe([...seen.values()].filter((count) => count > 0).length)
    expect(good?.spread?.timesEach).toBe(Math.max(...seen.values()))
    expect(result.cpuShare).toBeGreaterThan(0)
    expect(result.series?.reduce((sum, slice) => sum + slice.judged, 0)).toBe(judged)
  })
})

describe('several threads by the clock', () => {
  it('send at the rate of the whole, evenly', async () => {
    const arrivals: number[] = []
    const endpoint = await serve((request, socket) => {
      arrivals.push(performance.now())
      socket.write(response(soundStatus(request)))
    })
    const rate = { from: 400, to: 400 }
    const result = await fireAt(
      endpoint,
      { durationMs: 500, open: { rate, arrivals: 'uniform' } },
      { workers: 4 },
    )
    // Each thread sends its fiftieth part of a second apart, and leaves out what is due at the very end.
    expect(result.sent).toBeGreaterThanOrEqual(196)
    expect(result.sent).toBeLessThanOrEqual(200)
    expect(result.open?.rate).toEqual(rate)
    const span = (arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0)
    expect(span).toBeGreaterThan(400)
  })
})

describe('what is misjudged in any thread', () => {
  it('is shown by the request that it was', async () => {
    const endpoint = await serve(({ id, ...request }: Seen, socket) =>
      socket.write(response(id === '399' ? 401 : soundStatus({ id, ...request }))),
    )
    const result = await fireAt(endpoint, {})
    const [good] = result.classes
    expect(good?.falseRefusals).toBeGreaterThan(0)
    expect(good?.offenders.length).toBeGreaterThan(0)
    expect(new Set(good?.offenders.map(({ index }) => index))).toEqual(new Set([399]))
  })
})

describe('several threads that are called off', () => {
  it('end within two seconds, with all that they had counted', async () => {
    let served = 0
    const endpoint = await serve((request, socket) => {
      served++
      socket.write(response(soundStatus(request)))
    })
    const stop = new AbortController()
    let stoppedAt = 0
    const result = await fireAt(
      endpoint,
      { durationMs: 30_000 },
      {
        signal: stop.signal,
        onProgress: ({ answered }) => {
          if (answered < 500 || stoppedAt > 0) return
          stoppedAt = performance.now()
          stop.abort()
        },
      },
    )
    expect(performance.now() - stoppedAt).toBeLessThan(2000)
    expect(result.end).toEqual({ kind: 'interrupted' })
    expect(result.judged).toBeGreaterThanOrEqual(500)
    expect(result.doubts).toBeUndefined()
    expect(served - result.judged).toBeLessThanOrEqual(4)
  })

  it('before they began end as well, with nothing counted', async () => {
    const endpoint = await serve((request, socket) => socket.write(response(soundStatus(request))))
    const result = await fireAt(endpoint, {}, { signal: AbortSignal.abort() })
    expect(result).toMatchObject({ end: { kind: 'interrupted' }, sent: 0 })
  })
})

describe('several threads with nobody to talk to', () => {
  it('say so', async () => {
    const endpoint = await serve(() => undefined)
    await closeServers()
    const result = await fireAt(endpoint, { durationMs: 20_000 })
    expect(result.end.kind).toBe('unreachable')
  })
})

describe('the course of several threads', () => {
  it('is told as one, second by second', async () => {
    const endpoint = await serve((request, socket) => socket.write(response(soundStatus(request))))
    const told: PhaseProgress[] = []
    const result = await fireAt(endpoint, { durationMs: 2600 }, { onProgress: (each) => told.push(each) })
    const seconds = told.flatMap(({ second }) => second ?? [])
    expect([1, 2]).toContain(seconds.length)
    expect(seconds.reduce((sum, { judged }) => sum + judged, 0)).toBeLessThan(result.judged)
    expect(told.at(-1)?.answered).toBeGreaterThan(result.judged / 2)
  })
})
