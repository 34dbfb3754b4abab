import { createServer } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { Target } from '../config/config.ts'
import type { Answer, Answered } from './answer.ts'
import { headerOf } from './answer.ts'
import { openExchange, originForm, type Exchanger } from './exchange.ts'
import { listenOn, requestTo, serveBytes, targetAt, type Wire } from './fixture.ts'

const opened: { close(): Promise<void> }[] = []
const opening = <T extends { close(): Promise<void> }>(thing: T): T => {
  opened.push(thing)
  return thing
}
afterEach(async () => {
  for (const thing of opened.splice(0).reverse()) await thing.close()
})

const exchangeWith = (wire: Wire, changes: Partial<Target> = {}): Exchanger =>
  opening(openExchange(targetAt(wire.origin, changes), { attemptHeader: 'x-attempt', now: Date.now }))
const answered = (answer: Answer): Answered => {
  if (answer.kind !== 'answered') throw new Error(`${answer.loss}: ${answer.detail}`)
  return answer
}
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const both = [
  ['through the client', false],
  ['over a bare socket', true],
] as const

describe.each(both)('a request %s', (_, raw) => {
  it('carries the method, target, headers, attempt and body, and the target’s own headers', async () => {
    const seen: string[] = []
    const wire = opening(await serveBytes((socket, piece) => (seen.push(piece), void socket.write(ok))))
    const exchange = exchangeWith(wire, {
      headers: [
        ['x-env', 'staging'],
        ['X-Own', 'no'],
      ],
    })
    const body = Buffer.from('{"a":1}')
    const headers = [
      ['X-Own', 'yes'],
      ['content-type', 'application/json'],
    ] as const
    const answer = await exchange.send(
      requestTo('/v1/orders?a=%20b', { method: 'POST', headers, body, raw }),
      { attemptId: 'a-1' },
    )
    expect(answered(answer)).toMatchObject({
      status: 200,
      body: { bytes: 2, excerpt: 'ok', truncated: false },
    })
    const text = seen.join('')
    expect(text.startsWith('POST /v1/orders?a=%20b HTTP/1.1\r\n')).toBe(true)
    expect(text.endsWith('\r\n\r\n{"a":1}')).toBe(true)
    expect(
      text
        .toLowerCase()
        .match(/^(host|x-[a-z]+|content-[a-z]+): .*$/gm)
        ?.sort(),
    ).toEqual([
      'content-length: 7',
      'content-type: application/json',
      `host: 127.0.0.1:${wire.port}`,
      'x-attempt: a-1',
      'x-env: staging',
      'x-own: yes',
    ])
  })

  it('is waited for longer than the time-out where its answer may come later by what it asks for', async () => {
    const wire = opening(await serveBytes((socket) => void setTimeout(() => socket.write(ok), 300)))
    const exchange = exchangeWith(wire, { timeoutMs: 100 })
    expect(await exchange.send(requestTo('/', { raw }))).toMatchObject({ kind: 'lost', loss: 'timeout' })
    const patient = await exchange.send(requestTo('/', { raw, delaySeconds: 0.1 }))
    expect(answered(patient).ms).toBeGreaterThan(290)
  })

  it('keeps header bytes, order and repetitions of the answer, and follows no redirect', async () => {
    const text =
      'HTTP/1.1 302 Found\r\nLocation: /login\r\nX-A: \xe9\xff\r\nset-cookie: a\r\nSet-Cookie: b\r\nContent-Length: 0\r\n\r\n'
    const wire = opening(await serveBytes((socket) => void socket.write(text, 'latin1')))
    const answer = answered(await exchangeWith(wire).send(requestTo('/', { raw })))
    expect(answer.status).toBe(302)
    expect(answer.headers).toEqual([
      ['Location', '/login'],
      ['X-A', '\xe9\xff'],
      ['set-cookie', 'a'],
      ['Set-Cookie', 'b'],
      ['Content-Length', '0'],
    ])
    expect(wire.sockets).toHaveLength(1)
  })

  it.each([
    ['gzip', gzipSync('plain text')],
    ['deflate', deflateSync('plain text')],
    ['deflate', deflateRawSync('plain text')],
    ['br', brotliCompressSync('plain text')],
    ['gzip, br', brotliCompressSync(gzipSync('plain text'))],
  ])('has its answer decoded: %s', async (coding, body) => {
    const server = createServer((_, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(body),
    )
    const plain = createServer((_, response) => response.end('plain text'))
    const [one, two] = [opening(await listenOn(server)), opening(await listenOn(plain))]
    const decoded = answered(await exchangeWith(one).send(requestTo('/', { raw })))
    const same = answered(await exchangeWith(two).send(requestTo('/', { raw })))
    expect(decoded.body).toEqual({ ...same.body, bytes: body.length })
  })

  it('has an answer that is no gzip taken as it came', async () => {
    const wire = opening(
      await serveBytes(
        (socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip'),
      ),
    )
    expect(answered(await exchangeWith(wire).send(requestTo('/', { raw }))).body.excerpt).toBe('not gzip')
  })

  it('is not hurt by a body that unpacks to very much', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024))
    const server = createServer((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    )
    const wire = opening(await listenOn(server))
    const { body } = answered(await exchangeWith(wire).send(requestTo('/', { raw })))
    expect(body).toMatchObject({ bytes: bomb.length, truncated: true })
    expect(body.excerpt).toHaveLength(2048)
  })

  it('reads no more of an endless body than the bound, and hangs up', async () => {
    const server = createServer((request, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16 * 1024, 'x')));
        response.once('drain', pour)
      }
      response.on('error', () => undefined)
      request.resume()
      pour()
    })
    const closed = new Promise((resolve) =>
      server.on('request', (_request, response) => response.on('close', resolve)),
    )
    const wire = opening(await listenOn(server))
    const { status, body } = answered(await exchangeWith(wire).send(requestTo('/', { raw })))
    expect([status, body.bytes, body.truncated]).toEqual([200, 256 * 1024, true])
    await closed
  })

  it('cuts the excerpt between characters', async () => {
    const text = `${'a'.repeat(2047)}é${'b'.repeat(10)}`
    const server = createServer((_, response) => response.end(text))
    const wire = opening(await listenOn(server))
    const { body } = answered(await exchangeWith(wire).send(requestTo('/', { raw })))
    expect(body).toMatchObject({ excerpt: 'a'.repeat(2047), truncated: true, bytes: 2059 })
  })

  it('with HEAD gets an answer without a body', async () => {
    const wire = opening(
      await serveBytes((socket) => void socket.write('HTTP/1.1 401 No\r\nContent-Length: 12\r\n\r\n')),
    )
    const answer = answered(await exchangeWith(wire).send(requestTo('/', { method: 'HEAD', raw })))
    expect(answer).toMatchObject({ status: 401, body: { bytes: 0, excerpt: '', truncated: false } })
  })

  it('is given up with the reason of the caller', async () => {
    const controller = new AbortController()
    const wire = opening(await serveBytes(() => controller.abort(new Error('interrupted'))))
    const sending = exchangeWith(wire).send(requestTo('/', { raw }), { signal: controller.signal })
    await expect(sending).rejects.toThrow('interrupted')
  })
})

describe('connections', () => {
  it('are not used again behind a refusal to read the request, since many servers close then without a word', async () => {
    let status = '431 Too Much'
    const wire = opening(
      await serveBytes((socket) => void socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`)),
    )
    const exchange = exchangeWith(wire)
    await exchange.send(requestTo('/'))
    status = '401 No'
    await exchange.send(requestTo('/'))
    await exchange.send(requestTo('/'))
    expect(wire.sockets).toHaveLength(2)
  })

  it('are kept and used again, but not where a new one is asked for', async () => {
    const wire = opening(await serveBytes((socket) => void socket.write(ok)))
    const exchange = exchangeWith(wire)
    for (let round = 0; round < 3; round += 1) await exchange.send(requestTo('/'))
    expect(wire.sockets).toHaveLength(1)
    await exchange.send(requestTo('/'), { newConnection: true })
    expect(wire.sockets).toHaveLength(2)
    await exchange.send(requestTo('/'))
    expect(wire.sockets).toHaveLength(2)
  })

  it('are no more than the concurrency, and none remains after close', async () => {
    const wire = opening(await serveBytes((socket) => void setImmediate(() => socket.write(ok))))
    const exchange = exchangeWith(wire, { pace: { concurrency: 2 } })
    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange.send(requestTo('/'))))
    expect(answers.every(({ kind }) => kind === 'answered')).toBe(true)
    expect(wire.sockets).toHaveLength(2)
    const closed = wire.sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    for (const socket of wire.sockets) socket.on('end', () => socket.end())
    await exchange.close()
    await Promise.all(closed)
  })

  it('are never given on before their answer was read, however long that takes to unpack', async () => {
    const packed = gzipSync(Buffer.alloc(60_000, 'x'))
    const server = createServer((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed),
    )
    const wire = opening(await listenOn(server))
    const exchange = exchangeWith(wire, { pace: { concurrency: 3 } })
    const answers = await Promise.all(Array.from({ length: 60 }, () => exchange.send(requestTo('/'))))
    expect(new Set(answers.map((answer) => answered(answer).body.hash)).size).toBe(1)
    expect(wire.sockets).toHaveLength(3)
  })

  it('are opened no more after close', async () => {
    const wire = opening(await serveBytes((socket) => void socket.write(ok)))
    const exchange = exchangeWith(wire)
    await exchange.close()
    await expect(exchange.send(requestTo('/'))).rejects.toThrow('closed')
    expect(wire.sockets).toHaveLength(0)
  })

  it('that the server closes while a request arrives are told apart from a first use', async () => {
    const wire = opening(
      await serveBytes((socket, _, count) => (count === 1 ? socket.write(ok) : socket.destroy())),
    )
    const exchange = exchangeWith(wire)
    await exchange.send(requestTo('/'))
    expect(await exchange.send(requestTo('/'))).toMatchObject({ kind: 'lost', reused: true })
    const first = opening(await serveBytes((socket) => void socket.destroy()))
    expect(await exchangeWith(first).send(requestTo('/'))).not.toHaveProperty('reused')
  })

  it('that broke within an answer do not count as only idle for too long', async () => {
    const wire = opening(
      await serveBytes((socket, _, count) => (count === 1 ? socket.write(ok) : socket.end('HTTP/1.1 200 O'))),
    )
    const exchange = exchangeWith(wire)
    await exchange.send(requestTo('/'))
    const second = await exchange.send(requestTo('/'))
    expect(second).toMatchObject({ kind: 'lost', loss: 'closed' })
    expect(second).not.toHaveProperty('reused')
  })
})

describe('a request written byte by byte', () => {
  const sent = async (changes: Parameters<typeof requestTo>[1], target = '/'): Promise<string> => {
    let text = ''
    const wire = opening(await serveBytes((socket, piece) => ((text += piece), void socket.end(ok))))
    answered(await exchangeWith(wire).send(requestTo(target, { raw: true, ...changes }), { attemptId: '1' }))
    return text.replaceAll(String(wire.port), 'PORT')
  }

  it('stands as it was forged, behind what we add', async () => {
    const headers = [
      ['A', ' two '],
      ['a', 'x\r\n folded\x00\xff'],
    ] as const
    expect(await sent({ headers }, '/a/../b//%2e#x y')).toBe(
      'GET /a/../b//%2e#x y HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nx-attempt: 1\r\nA:  two \r\na: x\r\n folded\x00\xff\r\n\r\n',
    )
  })

  it('has the Host and the length that it brings, or none', async () => {
    const body = Buffer.from('3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n')
    const headers = [
      ['Transfer-Encoding', 'chunked'],
      ['Host', 'other'],
    ] as const
    expect(await sent({ method: 'POST', headers, body })).toBe(
      'POST / HTTP/1.1\r\nx-attempt: 1\r\nTransfer-Encoding: chunked\r\nHost: other\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n',
    )
    expect(await sent({ version: '1.0', omits: ['host', 'x-attempt'] })).toBe('GET / HTTP/1.0\r\n\r\n')
    expect(await sent({ method: 'POST', omits: ['content-length'] })).not.toContain('Content-Length')
    expect(await sent({ method: 'POST' })).toContain('Content-Length: 0\r\n')
  })

  it('has its answer even where that comes before the body was sent', async () => {
    const wire = opening(
      await serveBytes((socket, _, count) => {
        if (count === 1)
          socket.end('HTTP/1.1 413 Too Much\r\nContent-Length: 2\r\n\r\nno', () => socket.destroy())
      }),
    )
    const body = Buffer.alloc(20 * 1024 * 1024)
    const answer = await exchangeWith(wire).send(requestTo('/', { method: 'POST', body, raw: false }))
    expect(answered(answer).status).toBe(413)
  })

  it.each([
    ['stays unsent behind a refusal', 'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n', 401, ''],
    ['is sent after leave to send it', 'HTTP/1.1 100 Continue\r\n\r\n', 200, 'body'],
  ])('has a body that waits for leave, which %s', async (_, first, status, body) => {
    const pieces: string[] = []
    const wire = opening(
      await serveBytes((socket, piece, count) => {
        pieces.push(piece)
        if (count === 1) socket.write(first)
        else socket.end(ok)
      }),
    )
    const headers = [['Expect', '100-continue']] as const
    const request = requestTo('/', { method: 'POST', headers, body: Buffer.from('body') })
    expect(answered(await exchangeWith(wire).send(request)).status).toBe(status)
    expect(pieces.slice(1).join('')).toBe(body)
  })

  it('ends with 101, whatever comes after it', async () => {
    const wire = opening(
      await serveBytes((socket) => void socket.write('HTTP/1.1 101 Up\r\nUpgrade: x\r\n\r\n\x00\x01')),
    )
    const headers = [
      ['Upgrade', 'x'],
      ['Connection', 'Upgrade'],
    ] as const
    const answer = answered(await exchangeWith(wire).send(requestTo('/', { headers })))
    expect(answer).toMatchObject({ status: 101, body: { bytes: 0 } })
  })
})

describe('a sequence of requests', () => {
  const numbered = (piece: string) =>
    [...piece.matchAll(/^GET \/(\d) /gm)]
      .map(([, digit]) => `HTTP/1.1 200 OK\r\nX-N: ${digit}\r\nContent-Length: 0\r\n\r\n`)
      .join('')
  const requests = ['/1', '/2', '/3'].map((path) => requestTo(path))

  it.each(['pipelined', 'same'] as const)(
    'shares one connection and keeps its order (%s)',
    async (connection) => {
      const wire = opening(await serveBytes((socket, piece) => void socket.write(numbered(piece))))
      const answers = await exchangeWith(wire).sendSequence(requests, {
        connection,
        attemptIds: ['a', 'b', 'c'],
      })
      expect(answers.map((answer) => headerOf(answered(answer), 'x-n'))).toEqual(['1', '2', '3'])
      expect(wire.sockets).toHaveLength(1)
    },
  )

  it('loses what the server no longer answers', async () => {
    const wire = opening(await serveBytes((socket, piece) => void socket.end(numbered(piece.slice(0, 10)))))
    const answers = await exchangeWith(wire).sendSequence(requests, { connection: 'pipelined' })
    expect(answers).toMatchObject([
      { kind: 'answered', status: 200 },
      { kind: 'lost', loss: 'closed', reused: true },
      { kind: 'lost', loss: 'closed', reused: true },
    ])
  })
})

describe('a sequence behind an answer that makes no sense', () => {
  it.each(['pipelined', 'same'] as const)('is lost (%s)', async (connection) => {
    const wire = opening(await serveBytes((socket) => void socket.write(`nonsense\r\n${ok}${ok}`)))
    const answers = await exchangeWith(wire).sendSequence([requestTo('/1'), requestTo('/2')], { connection })
    expect(answers).toMatchObject([{ loss: 'malformed' }, { loss: 'closed', reused: true }])
  })
})

describe('the path of a request', () => {
  it('is joined to the base path by one slash, and /.well-known/ belongs to the origin', () => {
    expect(originForm({ basePath: '/v1' }, '/hello')).toBe('/v1/hello')
    expect(originForm({ basePath: '/v1' }, 'hello')).toBe('/v1/hello')
    expect(originForm({ basePath: '' }, '/')).toBe('/')
    expect(originForm({ basePath: '/v1' }, '/.well-known/oauth-protected-resource')).toBe(
      '/.well-known/oauth-protected-resource',
    )
  })
})

it.each(both)('a request without TLS goes to that URL %s, under its own name', async (_, raw) => {
  const seen: string[] = []
  const secure = opening(await serveBytes((socket) => void socket.end()))
  const plain = opening(await serveBytes((socket, piece) => (seen.push(piece), void socket.write(ok))))
  const exchange = exchangeWith(secure, { plaintextUrl: plain.origin })
  const answer = await exchange.send({ ...requestTo('/v1/hello', { raw }), over: 'plaintext' })
  expect(answered(answer).status).toBe(200)
  expect(seen.join('').toLowerCase()).toContain(`host: ${new URL(plain.origin).host}`)
})
