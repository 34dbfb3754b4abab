import { createServer } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { Target } from '../config/config.ts'
import type { Answer } from './answer.ts'
import { openExchange } from './exchange.ts'
import { listenOn, requestTo, serveBytes, targetAt, type Wire } from './fixture.ts'

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close()
})
const opening = <T extends { close(): Promise<void> }>(thing: T): T => {
  opened.push(thing)
  return thing
}
const send = (origin: string, raw: boolean, changes: Partial<Target> = {}): Promise<Answer> =>
  opening(openExchange(targetAt(origin, changes), { now: Date.now })).send(requestTo('/', { raw }))
const serving = async (bytes: string, after: 'end' | 'reset' | 'hang'): Promise<Wire> =>
  opening(
    await serveBytes((socket) => {
      socket.write(bytes, 'latin1', () => {
        if (after === 'end') socket.end()
        if (after === 'reset') socket.resetAndDestroy()
      })
    }),
  )

describe.each([
  ['through the client', false],
  ['over a bare socket', true],
])('no answer %s', (_, raw) => {
  it('is unreachable where nobody listens', async () => {
    const wire = await listenOn(createServer())
    await wire.close()
    const answer = await send(wire.origin, raw)
    expect(answer).toMatchObject({ kind: 'lost', loss: 'unreachable' })
    expect(answer).toHaveProperty('detail', `connect ECONNREFUSED 127.0.0.1:${wire.port}`)
  })

  it('is unreachable where the name does not exist', async () => {
    const answer = await send('http://gateway.invalid:8080', raw)
    expect(answer).toMatchObject({ kind: 'lost', loss: 'unreachable' })
    expect(answer).toHaveProperty('detail', expect.stringMatching(/^getaddrinfo E\w+ gateway\.invalid:8080$/))
  })

  it('is a reset where the connection is reset', async () => {
    const wire = await serving('', 'reset')
    const answer = await send(wire.origin, raw)
    expect(answer).toMatchObject({
      kind: 'lost',
      loss: 'reset',
      detail: `read ECONNRESET 127.0.0.1:${wire.port}`,
    })
  })

  it.each(['', 'HTTP/1.1 200 OK\r\nContent-'])(
    'is a close where the server ends behind %j',
    async (bytes) => {
      const wire = await serving(bytes, 'end')
      const answer = await send(wire.origin, raw)
      expect(answer).toMatchObject({ kind: 'lost', loss: 'closed' })
      expect(answer).toHaveProperty('detail', expect.stringContaining(`127.0.0.1:${wire.port}`))
    },
  )

  it.each(['', 'HTTP/1.1 200 OK\r\nA: b\r\n', 'HTTP/1.1 102 Processing\r\n\r\n'])(
    'is a time-out where the server hangs behind %j',
    async (bytes) => {
      const wire = await serving(bytes, 'hang')
      const answer = await send(wire.origin, raw, { timeoutMs: 400 })
      expect(answer).toMatchObject({ kind: 'lost', loss: 'timeout' })
      expect(answer).not.toHaveProperty('partial')
    },
  )

  it('is a time-out where a header section trickles on and on', async () => {
    const server = createServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const timer = setInterval(() => socket.write('A: b\r\n'), 5)
      socket.on('close', () => clearInterval(timer)).resume()
    })
    const wire = opening(await listenOn(server))
    expect(await send(wire.origin, raw, { timeoutMs: 400 })).toMatchObject({ kind: 'lost', loss: 'timeout' })
  })

  it('is a time-out where a body never ends, and what came is kept', async () => {
    const wire = await serving('HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nsome', 'hang')
    expect(await send(wire.origin, raw, { timeoutMs: 400 })).toMatchObject({
      kind: 'lost',
      loss: 'timeout',
      partial: { status: 200, body: { excerpt: 'some', truncated: true } },
    })
  })

  it.each([
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['is HTTP/2', '\0\0\x12\x04\0\0\0\0\0'],
    ['has a megabyte of headers', `HTTP/1.1 200 OK\r\n${`X-A: ${'b'.repeat(1000)}\r\n`.repeat(1000)}\r\n`],
    ['has one header without an end', `HTTP/1.1 200 OK\r\nX-A: ${'b'.repeat(1_000_000)}`],
    ['names no usable length', 'HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n'],
  ])('is malformed where what comes %s', async (_what, bytes) => {
    const wire = await serving(bytes, 'hang')
    const answer = await send(wire.origin, raw)
    expect(answer).toMatchObject({ kind: 'lost', loss: 'malformed' })
    expect(answer).toHaveProperty('detail', expect.not.stringContaining('bbb'))
  })

  it('is malformed where the chunks make no sense, and what came before is kept', async () => {
    const wire = await serving(
      'HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\nxyz\r\n',
      'hang',
    )
    expect(await send(wire.origin, raw)).toMatchObject({ loss: 'malformed', partial: { status: 403 } })
  })

  it.each([
    ['a close', 'end'],
    ['a reset', 'reset'],
  ] as const)('is not what %s within a body means', async (_what, after) => {
    const wire = await serving('HTTP/1.1 403 No\r\nContent-Length: 99\r\n\r\nsome', after)
    expect(await send(wire.origin, raw)).toMatchObject({
      kind: 'answered',
      status: 403,
      body: { excerpt: 'some', bytes: 4, truncated: true },
    })
  })

  it('is not what a reset behind a whole answer means', async () => {
    const wire = await serving('HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno', 'reset')
    expect(await send(wire.origin, raw)).toMatchObject({
      kind: 'answered',
      status: 401,
      body: { truncated: false },
    })
  })
})
