import { createServer } from 'node:net'
import { once } from 'node:events'
import { Client } from 'undici'
import { describe, expect, it } from 'vitest'
import { createParser, type Parsed } from './parser.ts'

const parse = (
  text: string,
  method = 'GET',
  pieces: readonly Buffer[] = [Buffer.from(text, 'latin1')],
): Parsed => {
  const parser = createParser(method, () => 7)
  for (const piece of pieces) {
    const parsed = parser.feed(piece)
    if (parsed) return parsed
  }
  return parser.end()
}
const answerIn = (parsed: Parsed) => {
  if (parsed.kind !== 'answer') throw new Error(parsed.kind)
  const { head, body, complete } = parsed.received
  return {
    status: head.status,
    headers: head.headers,
    body: body.toString('latin1'),
    complete,
    rest: parsed.rest.toString(),
  }
}

const wellFormed: readonly string[] = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Odd:  \xe9\t\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\n\r\nhello',
  'HTTP/1.1 401\r\nWWW-Authenticate: Bearer realm="x"\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n06\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n',
  'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end',
  'HTTP/1.0 200 OK\r\nServer: old\r\n\r\nuntil the end',
  'HTTP/1.1 200 OK\r\nEmpty:\r\nContent-Length: 1\r\n\r\nx',
]

describe('an answer on the wire', () => {
  it.each([
    ['without a status line', 'hello\r\n\r\n'],
    ['of another protocol', 'SSH-2.0-OpenSSH\r\n'],
    ['with a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['with a blank before the colon', 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n'],
    ['with bare line feeds', 'HTTP/1.1 200 OK\nA: b\n\n'],
    ['with a control character', 'HTTP/1.1 200 OK\r\nA: b\x00\r\n\r\n'],
    ['with two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['with a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    [
      'with a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['with a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
    [
      'with a chunk that is longer than its size',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n',
    ],
    ['that begins with a folded line', 'HTTP/1.1 200 OK\r\n folded\r\n\r\n'],
    ['with a header section without an end', `HTTP/1.1 200 OK\r\nA: ${'b'.repeat(70_000)}`],
    ['with interim responses without an end', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(30)],
  ])('is malformed %s', (_, text) => {
    expect(parse(text).kind).toBe('malformed')
  })

  it('is found behind interim responses, and 101 is final', () => {
    expect(answerIn(parse(wellFormed[3] ?? '')).status).toBe(403)
    expect(answerIn(parse('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x00\x01'))).toMatchObject({
      status: 101,
      body: '',
      rest: '\x00\x01',
    })
  })

  it('has no body after HEAD or with 304, and its rest belongs to the next', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1'
    expect(answerIn(parse('HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n'))).toMatchObject({
      body: '',
      complete: true,
    })
    expect(answerIn(parse(text, 'HEAD'))).toMatchObject({ body: '', complete: true, rest: 'HTTP/1.1' })
  })

  it('may continue a header value on the next line', () => {
    const { headers } = answerIn(parse('HTTP/1.1 204 No\r\nA: one\r\n  two \r\n\tthree\r\n\r\n'))
    expect(headers).toEqual([['A', 'one two three']])
  })

  it('keeps what came of a body that was cut off, and says so', () => {
    expect(answerIn(parse('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel'))).toMatchObject({
      body: 'hel',
      complete: false,
    })
    expect(parse('HTTP/1.1 200 OK\r\nContent-')).toEqual({ kind: 'closed' })
    expect(parse('')).toEqual({ kind: 'closed' })
  })

  it('is read no further than the bound of a body', () => {
    const { body, complete } = answerIn(
      parse(`HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n${'x'.repeat(999_999)}`),
    )
    expect([body.length, complete]).toEqual([256 * 1024, false])
    const exact = `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(256 * 1024)}`
    expect(answerIn(parse(exact)).complete).toBe(true)
  })

  it('reads long blanks in linear time', () => {
    const blanks = ' '.repeat(60_000)
    expect(answerIn(parse(`HTTP/1.1 204 No\r\nA: x${blanks}x\r\n\r\n`)).headers[0]?.[1]).toHaveLength(60_002)
  })

  it.each(wellFormed)('reads the same however it is split: %j', (text) => {
    const whole = parse(text)
    const bytes = Buffer.from(text, 'latin1')
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(parse(text, 'GET', [bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole)
    }
    expect(
      parse(
        text,
        'GET',
        [...bytes].map((byte) => Buffer.from([byte])),
      ),
    ).toEqual(whole)
  })

  it.each(wellFormed)('reads as an established client reads it: %j', async (text) => {
    const server = createServer((socket) =>
      socket.once('data', () => socket.end(Buffer.from(text, 'latin1'))),
    )
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    const client = new Client(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
    try {
      const { statusCode, headers, body } = await client.request({
        method: 'GET',
        path: '/',
        responseHeaders: 'raw',
      })
      const ours = answerIn(parse(text))
      expect(ours.status).toBe(statusCode)
      expect(ours.body).toBe(await body.text())
      const names = Object.values(headers).filter((_, at) => at % 2 === 0)
      expect(ours.headers.map(([name]) => name)).toEqual(names)
    } finally {
      await client.destroy()
      server.close()
    }
  })

  it('never makes the parser throw or wait for more after the end, whatever the bytes', () => {
    const random = mulberry32(20260101)
    const kinds = new Set<string>()
    for (let round = 0; round < 20_000; round += 1) {
      const pick = (below: number): number => Math.floor(random() * below)
      let bytes = Buffer.from(wellFormed[pick(wellFormed.length)] ?? '', 'latin1')
      for (let edits = 1 + pick(4); edits > 0; edits -= 1) {
        const at = pick(bytes.length)
        const put = Buffer.from([...Array(pick(3))].map(() => pick(256)))
        bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + pick(3))])
      }
      const cut = pick(bytes.length)
      const parsed = parse('', pick(10) === 0 ? 'HEAD' : 'GET', [bytes.subarray(0, cut), bytes.subarray(cut)])
      kinds.add(parsed.kind)
    }
    expect(kinds).toEqual(new Set(['answer', 'malformed', 'closed']))
  })
})

/** A small generator of pseudo-random numbers, so that a failure can be had again. */
const mulberry32 = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
