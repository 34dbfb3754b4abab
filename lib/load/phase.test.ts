import { afterEach, describe, expect, it } from 'vitest'
import { closeServers, fire, loadClass, response, serve, soundStatus } from './fixture.ts'
import type { PhaseResult } from './phase.ts'
import type { LoadJudge } from './record.ts'

afterEach(closeServers)

const expectCompleteCount = (result: PhaseResult): void => {
  expect(result.end).toEqual({ kind: 'finished' })
  expect(result.sent).toBeGreaterThan(0)
  expect(result.sent).toBe(result.answered + result.lost)
  for (const each of result.classes) expect(each).toMatchObject({ falseAccepts: 0, falseRefusals: 0 })
}

describe('what is counted', () => {
  it('is told apart by class, with the first ten offenders', async () => {
    const endpoint = await serve((_request, socket) =>
      socket.write(response(200, `WWW-Authenticate: Bearer error="invalid_token", got="${'a'.repeat(60)}"`)),
    )
    const { classes } = await fire(endpoint)
    expect(classes[0]).toMatchObject({ name: 'good', falseAccepts: 0, falseRefusals: 0 })
    expect(classes[1]!.falseAccepts).toBe(classes[1]!.judged)
    expect(classes[1]!.offenders).toHaveLength(10)
    expect(classes[1]!.offenders[0]).toEqual({
      class: 'bad',
      index: 0,
      status: 200,
      challenge: 'Bearer error="invalid_token", got="<redacted>"',
    })
  })

  it('keeps the mix of the classes', async () => {
    const result = await fire(await serve((request, socket) => socket.write(response(soundStatus(request)))))
    const [good, bad] = result.classes
    expect(good!.sent).toBeGreaterThan(0)
    expect(Math.abs(good!.sent - bad!.sent * 4)).toBeLessThanOrEqual(5)
  })

  it('is an error and no verdict where the gateway throttles', async () => {
    let count = 0
    const endpoint = await serve((request, socket) =>
      socket.write(response(++count % 10 === 0 ? 429 : soundStatus(request))),
    )
    const result = await fire(endpoint)
    expectCompleteCount(result)
    expect(result.errors['429']).toBe(result.answered - result.judged)
    expect(result.lost).toBe(0)
  })

  it('is in microseconds, of which a loopback answer takes many different numbers', async () => {
    const result = await fire(await serve((request, socket) => socket.write(response(soundStatus(request)))))
    const { latency } = result.classes[0]!
    expect(latency.latencyMs().p50).toBeGreaterThan(0)
    expect([...latency.buckets()].length).toBeGreaterThan(10)
  })

  it('has hung requests at no less than the time after which they were given up', async () => {
    let count = 0
    const endpoint = await serve((request, socket) => {
      if (++count % 100 !== 0) socket.write(response(soundStatus(request)))
    })
    const result = await fire(endpoint, { timeoutMs: 200, durationMs: 800 })
    expectCompleteCount(result)
    const slow = result.classes.flatMap(({ latency }) =>
      [...latency.buckets()].filter(([index]) => index > 8000),
    )
    expect(result.errors.timeout).toBeGreaterThan(0)
    expect(Math.max(...result.classes.map(({ latency }) => latency.max))).toBeGreaterThanOrEqual(200_000)
    expect(slow.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThanOrEqual(result.errors.timeout!)
    expect(result.classes.reduce((sum, { latency }) => sum + latency.total, 0)).toBe(
      result.judged + result.errors.timeout!,
    )
  })

  it('leaves out the warm-up', async () => {
    let served = 0
    const endpoint = await serve((request, socket) => {
      served++
      socket.write(response(soundStatus(request)))
    })
    const result = await fire(endpoint, { warmupMs: 300, durationMs: 300 })
    expectCompleteCount(result)
    expect(result.sent).toBeGreaterThan(0)
    expect(result.sent).toBeLessThan(served)
    expect(result.ms).toBe(300)
  })

  it('shows the body to a judge that asks for it, and no more than that', async () => {
    const seen = new Set<string>()
    const endpoint = await serve((_request, socket) =>
      socket.write('HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n'),
    )
    const reads: LoadJudge = {
      bodyBytes: 4,
      read: ({ body }) => {
        seen.add(Buffer.from(body).toString())
        return 'let-in'
      },
    }
    await fire(endpoint, { durationMs: 200 }, { reads })
    expect([...seen]).toEqual(['abcd'])
  })
})

describe('tokens', () => {
  it('are sent in turn over all connections, none twice before each was sent once', async () => {
    const order: string[] = []
    const endpoint = await serve((request, socket) => {
      order.push(request.id)
      socket.write(response(200))
    })
    await fire(endpoint, { durationMs: 300, connections: 7 }, { classes: [loadClass('good', 1, 50)] })
    expect(order.length).toBeGreaterThan(50)
    const uses = new Map<string, number>()
    for (const id of order) uses.set(id, (uses.get(id) ?? 0) + 1)
    expect(uses.size).toBe(50)
    expect(Math.max(...uses.values()) - Math.min(...uses.values())).toBeLessThanOrEqual(1)
  })
})

describe('a phase ends', () => {
  it('at once where nobody listens', async () => {
    const endpoint = await serve(() => undefined)
    await closeServers()
    const result = await fire(endpoint, { durationMs: 15_000, connections: 1 })
    expect(result.end).toEqual({
      kind: 'unreachable',
      detail: `127.0.0.1:${endpoint.port}: connect ECONNREFUSED 127.0.0.1:${endpoint.port}`,
    })
    expect(result).toMatchObject({ sent: 0, judged: 0, connected: 0 })
  })

  it('at once where every connection is closed without an answer', async () => {
    const endpoint = await serve((_request, socket) => socket.destroy())
    const { end } = await fire(endpoint, { durationMs: 15_000 })
    expect(end).toMatchObject({ kind: 'unreachable' })
  })

  it('after one timeout where no answer ever comes', async () => {
    const endpoint = await serve(() => undefined)
    const result = await fire(endpoint, { durationMs: 15_000, timeoutMs: 300 })
    expect(result.end).toEqual({
      kind: 'unreachable',
      detail: `127.0.0.1:${endpoint.port}: no answer within 300 ms`,
    })
    expect(result.sent).toBe(result.lost)
  })

  it('when the target goes away for good', async () => {
    let count = 0
    const endpoint = await serve((_request, socket) => {
      if (++count < 100) socket.write(response(200))
      else void closeServers()
    })
    const result = await fire(
      endpoint,
      { durationMs: 15_000, connections: 3 },
      { classes: [loadClass('good', 1)] },
    )
    expect(result.end).toMatchObject({ kind: 'unreachable' })
    expect(result.judged).toBe(99)
    expect(result.sent).toBe(result.answered + result.lost)
  })

  it('when it is interrupted, with what was counted until then', async () => {
    const endpoint = await serve((request, socket) => socket.write(response(soundStatus(request))))
    const signal = AbortSignal.timeout(300)
    const result = await fire(endpoint, { durationMs: 15_000 }, { signal })
    expect(result.end).toEqual({ kind: 'interrupted' })
    expect(result.judged).toBeGreaterThan(0)
    expect(result.ms).toBeLessThan(15_000)
    expect(result.sent).toBe(result.answered + result.lost)
    expect(Object.keys(result.errors).every((kind) => kind === 'unfinished')).toBe(true)
  })
})
