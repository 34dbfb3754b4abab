import { afterEach, describe, expect, it } from 'vitest'
import type { ForgedRequest } from '../forge/request.ts'
import { needsSocket } from './exact.ts'
import { openExchange } from './exchange.ts'
import { requestTo, serveBytes, targetAt } from './fixture.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

describe('a request that an ordinary client would change or refuse', () => {
  const odd: readonly (readonly [string, Partial<ForgedRequest>])[] = [
    ['is asked for', { raw: true }],
    ['is of HTTP/1.0', { version: '1.0' }],
    ['does without Host', { omits: ['host'] }],
    ['has a method in lower case', { method: 'get' }],
    ['is CONNECT', { method: 'CONNECT' }],
    ['has a body on GET', { body: Buffer.from('x') }],
    ['has an empty body', { method: 'POST', body: Buffer.alloc(0) }],
    ['has a body larger than a socket takes at once', { method: 'POST', body: Buffer.alloc(100_000) }],
    ...[
      '//a',
      '/a//b',
      '/a/../b',
      '/a/.',
      '/%2e/a',
      '/a%2Fb',
      '/a\\b',
      '/a b',
      '/a#b',
      '/é',
      'http://h/a',
      '*',
      '',
    ].map((target) => [`has the target ${JSON.stringify(target)}`, { target }] as const),
    ...[
      'Host',
      'Content-Length',
      'transfer-encoding',
      'CONNECTION',
      'Expect',
      'Upgrade',
      'TE',
      'Trailer',
    ].map((name) => [`brings ${name}`, { headers: [[name, '1']] }] as const),
    ...['a ', ' a', 'a\tb', 'a\r\n b', 'a\0', 'é', '\x7f'].map(
      (value) => [`has the value ${JSON.stringify(value)}`, { headers: [['x-a', value]] }] as const,
    ),
    ...['a b', '', 'a:', 'ä'].map(
      (name) => [`has the name ${JSON.stringify(name)}`, { headers: [[name, 'x']] }] as const,
    ),
    [
      'repeats a header',
      {
        headers: [
          ['X-A', '1'],
          ['x-a', '1'],
        ],
      },
    ],
  ]

  it.each(odd)('%s', (_, changes) => {
    expect(needsSocket(requestTo('/', changes))).toBe(true)
  })

  it('is not an ordinary one', () => {
    const headers = [
      ['Authorization', 'Bearer a.b-c_d'],
      ['x-empty', ''],
    ] as const
    expect(needsSocket(requestTo('/v1/a%20b;c=1?q=//x/../y&z=%2e', { headers }))).toBe(false)
    expect(needsSocket(requestTo('/', { method: 'PATCH', body: Buffer.from('x') }))).toBe(false)
    expect(needsSocket(requestTo('/', { method: 'DELETE' }))).toBe(false)
  })

  it('and every other stands on the wire as it was forged', async () => {
    const heads: string[] = []
    const wire = await serveBytes((socket, piece) => {
      heads.push(piece)
      socket.write('HTTP/1.1 204 No Content\r\n\r\n')
    })
    const exchange = openExchange(targetAt(wire.origin), { now: Date.now })
    closing.push(
      () => wire.close(),
      () => exchange.close(),
    )
    const printable = String.fromCharCode(...Array.from({ length: 95 }, (_, at) => 0x20 + at))
    let sent = 0
    for (const character of printable) {
      const request = requestTo(`/a${character}b?q=${character}`, {
        headers: [
          [`x-${character}`, character],
          ['X-Value', `a${character}${character}b`],
        ],
      })
      const spellings = [
        request,
        { ...request, target: '/' },
        { ...request, headers: request.headers.slice(1) },
        { ...request, target: '/', headers: request.headers.slice(1) },
      ]
      for (const spelling of spellings.filter((candidate) => !needsSocket(candidate))) {
        expect(await exchange.send(spelling)).toMatchObject({ status: 204 })
        const lines = heads.at(-1)?.split('\r\n') ?? []
        expect(lines[0]).toBe(`GET ${spelling.target} HTTP/1.1`)
        for (const [name, value] of spelling.headers) expect(lines).toContain(`${name}: ${value}`)
        sent += 1
      }
    }
    expect(sent).toBeGreaterThan(200)
  })
})
