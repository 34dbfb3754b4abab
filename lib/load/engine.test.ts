import { afterEach, describe, expect, it } from 'vitest'
import { autocannonEngine } from './autocannon.ts'
import { closeServers, fire as fireWith, response, serve, soundStatus } from './fixture.ts'
import { nativeEngine } from './native.ts'
import type { Endpoint } from './endpoint.ts'
import type { PhaseResult, PhaseSettings } from './phase.ts'

afterEach(closeServers)

const expectTrueVerdicts = (result: PhaseResult): void => {
  for (const each of result.classes) {
    expect(each).toMatchObject({ falseAccepts: 0, falseRefusals: 0, offenders: [] })
    expect(each.judged).toBeGreaterThan(0)
  }
  expect(result.sent).toBe(result.answered + result.lost)
  expect(result.end).toEqual({ kind: 'finished' })
}

describe.each([
  ['autocannon', autocannonEngine, {}],
  ['native', nativeEngine, { durationMs: 300 }],
  ['native, a new connection each time', nativeEngine, { durationMs: 300, keepAlive: false }],
  [
    'native, by the clock',
    nativeEngine,
    { durationMs: 400, open: { rate: { from: 2000, to: 2000 }, arrivals: 'poisson' } },
  ],
] as const)('with %s, verdicts stay with their requests', (name, engine, model) => {
  const fire = (endpoint: Endpoint, settings: Partial<PhaseSettings> = {}): Promise<PhaseResult> =>
    fireWith(endpoint, { ...settings, ...model }, { engine })

  it('where all is well, and nothing is lost', async () => {
    const result = await fire(await serve((request, socket) => socket.write(response(soundStatus(request)))))
    expectTrueVerdicts(result)
    expect(result).toMatchObject({ lost: 0, errors: {} })
    if (!name.includes(',')) expect(result.connected).toBe(10)
  })

  it('where a refusal closes the connection', async () => {
    const endpoint = await serve((request, socket) => {
      if (request.class === 'bad') socket.end(response(401, 'Connection: close'))
      else socket.write(response(200))
    })
    const result = await fire(endpoint, { durationMs: 1500 })
    expectTrueVerdicts(result)
    expect(result.errors).toEqual({})
    expect(result.connected).toBeGreaterThan(10)
    expect(result.classes[1]!.judged).toBeGreaterThan(5)
  })

  it('where a refusal closes the connection without saying so', async () => {
    const endpoint = await serve((request, socket) => {
      if (request.class === 'bad') socket.end(response(401))
      else socket.write(response(200))
    })
    const result = await fire(endpoint, { durationMs: 1000 })
    expectTrueVerdicts(result)
    expect(Object.keys(result.errors).filter((kind) => kind !== 'closed' && kind !== 'reset')).toEqual([])
  })

  it('where a refusal announces the end of the connection, and the server never ends it', async () => {
    const endpoint = await serve((request, socket) =>
      socket.write(response(soundStatus(request), ...(request.class === 'bad' ? ['Connection: close'] : []))),
    )
    const result = await fire(endpoint, { durationMs: 1500, connections: 2 })
    expectTrueVerdicts(result)
    expect(result).toMatchObject({ lost: 0, errors: {} })
  })

  it('where one bad request in fifty is dropped: as many are lost as were dropped', async () => {
    let bad = 0
    let dropped = 0
    const endpoint = await serve((request, socket) => {
      if (request.class !== 'bad') socket.write(response(200))
      else if (++bad % 50 === 0) {
        dropped++
        socket.destroy()
      } else socket.write(response(401))
    })
    const result = await fire(endpoint, { durationMs: 4000 })
    expectTrueVerdicts(result)
    expect(dropped).toBeGreaterThan(0)
    expect(result.lost).toBe(dropped)
    expect((result.errors.closed ?? 0) + (result.errors.reset ?? 0)).toBe(dropped)
  })

  it('where a response is cut off halfway', async () => {
    let count = 0
    const endpoint = await serve((request, socket) => {
      if (++count % 20 === 0) socket.end('HTTP/1.1 200 X\r\nContent-Length: 500\r\n\r\nhalf')
      else socket.write(response(soundStatus(request)))
    })
    const result = await fire(endpoint)
    expectTrueVerdicts(result)
    expect(result.errors.closed).toBe(result.lost)
    expect(result.lost).toBeGreaterThan(0)
  })

  it('where a refusal has no length and ends with the connection', async () => {
    const endpoint = await serve((request, socket) => {
      if (request.class === 'bad') socket.end('HTTP/1.1 401 X\r\nConnection: close\r\n\r\nno')
      else socket.write(response(200))
    })
    const result = await fire(endpoint)
    expectTrueVerdicts(result)
    expect(result.lost).toBe(0)
  })

  it('where interim responses come before the answers', async () => {
    const endpoint = await serve((request, socket) =>
      socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n${response(soundStatus(request))}`),
    )
    const result = await fire(endpoint)
    expectTrueVerdicts(result)
    expect(result.lost).toBe(0)
  })

  it('where chunked bodies come in pieces', async () => {
    const endpoint = await serve((request, socket) => {
      socket.write(`HTTP/1.1 ${soundStatus(request)} X\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab`)
      setImmediate(() => socket.write('c\r\n0\r\n\r\n'))
    })
    const result = await fire(endpoint)
    expectTrueVerdicts(result)
    expect(result.lost).toBe(0)
  })

  it('where the server answers twice: the connection is given up', async () => {
    let count = 0
    const endpoint = await serve((request, socket) => {
      const extra = ++count % 20 === 0 ? response(request.class === 'bad' ? 200 : 401) : ''
      socket.write(response(soundStatus(request)) + extra)
    })
    const result = await fire(endpoint)
    expectTrueVerdicts(result)
    expect(result.errors.unsolicited).toBeGreaterThan(0)
  })

  it('where what comes is no HTTP', async () => {
    let count = 0
    const endpoint = await serve((request, socket) =>
      socket.write(++count % 20 === 0 ? 'SSH-2.0-nope\r\n\r\n' : response(soundStatus(request))),
    )
    const result = await fire(endpoint)
    expectTrueVerdicts(result)
    expect(result.errors.malformed).toBe(result.lost)
    expect(result.lost).toBeGreaterThan(0)
  })
})
