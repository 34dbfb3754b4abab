import { createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2'
import { createServer as createWebServer } from 'node:https'
import { afterEach, describe, expect, it } from 'vitest'
import { localCertificate } from '../../test/worlds/standing.ts'
import type { Answer } from './answer.ts'
import { openExchange, type Exchanger } from './exchange.ts'
import { listenOn, requestTo, targetAt, type Wire } from './fixture.ts'

const closing: { close(): Promise<unknown> }[] = []
const opening = <T extends { close(): Promise<unknown> }>(one: T): T => {
  closing.unshift(one)
  return one
}
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close()
})

type Arrived = { readonly session: object | undefined; readonly fields: readonly string[] }

/** What came, with the fields as they came, over HTTP/2 that nobody has agreed on before. */
const serve = async (
  answer: (stream: ServerHttp2Stream, path: string) => void,
): Promise<Wire & { arrived: Arrived[] }> => {
  const arrived: Arrived[] = []
  const server: Http2Server = createServer()
  server.on('stream', (stream, headers, _, ...raw: readonly unknown[]) => {
    const [fields] = raw
    arrived.push({ session: stream.session, fields: Array.isArray(fields) ? fields.map(String) : [] })
    stream.on('error', () => undefined)
    answer(stream, String(headers[':path']))
  })
  return { ...opening(await listenOn(server)), arrived }
}

const exchangeWith = ({ origin }: Pick<Wire, 'origin'>, timeoutMs = 5000): Exchanger =>
  opening(openExchange(targetAt(origin, { http: '2', timeoutMs }), { now: Date.now, attemptHeader: 'x-id' }))

const ok = (stream: ServerHttp2Stream): void => {
  stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'] })
  stream.end('yes')
}
const named = ({ fields }: Arrived, name: string): readonly string[] =>
  fields.flatMap((key, at) => (at % 2 === 0 && key === name ? [fields[at + 1] ?? ''] : []))
const statusOf = (answer: Answer): number | string =>
  answer.kind === 'answered' ? answer.status : answer.loss

describe('a request over HTTP/2', () => {
  it('arrives with its fields as they are, twice where they are written twice', async () => {
    const wire = await serve(ok)
    const request = requestTo('/a?b', {
      version: '2',
      headers: [
        ['Authorization', 'Bearer one'],
        ['Connection', 'close'],
        ['authorization', 'Bearer two'],
        ['X-Latin', '\xe9'],
      ],
    })
    const answer = await exchangeWith(wire).send(request, { attemptId: 'i' })
    expect(answer).toMatchObject({
      kind: 'answered',
      status: 200,
      body: { excerpt: 'yes' },
      headers: expect.arrayContaining([
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ]),
    })
    const [one] = wire.arrived
    if (one === undefined) throw new Error('nothing came')
    expect(named(one, 'authorization')).toEqual(['Bearer one', 'Bearer two'])
    expect(named(one, 'x-id')).toEqual(['i'])
    expect(named(one, ':path')).toEqual(['/a?b'])
    expect(named(one, ':authority')).toEqual([new URL(wire.origin).host])
    expect(named(one, 'connection')).toEqual([])
  })

  it('may have more fields than a frame holds', async () => {
    const wire = await serve(ok)
    const long = 'x'.repeat(20_000)
    const headers = ['a', 'b'].map((name) => [name, long] as const)
    expect(statusOf(await exchangeWith(wire).send(requestTo('/', { version: '2', headers })))).toBe(200)
    expect(wire.arrived.map((one) => [named(one, 'a'), named(one, 'b')])).toEqual([[[long], [long]]])
  })

  it('takes its body along', async () => {
    const wire = await serve((stream) => {
      stream.respond({ ':status': 200 })
      stream.pipe(stream)
    })
    const request = requestTo('/', { method: 'POST', version: '2', body: Buffer.from('hello') })
    expect(await exchangeWith(wire).send(request)).toMatchObject({ body: { excerpt: 'hello' } })
  })

  it.each<[string, (stream: ServerHttp2Stream) => void, string]>([
    ['whose stream is reset', (stream) => stream.close(2), 'reset'],
    ['whose connection ends', (stream) => stream.session?.destroy(), 'closed'],
    ['that nobody answers', () => undefined, 'timeout'],
  ])('%s is lost', async (_, answer, loss) => {
    const wire = await serve(answer)
    expect(statusOf(await exchangeWith(wire, 300).send(requestTo('/', { version: '2' })))).toBe(loss)
  })

  it('to somebody who speaks something else is lost', async () => {
    const answer = await exchangeWith({ origin: 'http://127.0.0.1:1' }).send(requestTo('/', { version: '2' }))
    expect(answer).toMatchObject({ kind: 'lost', loss: 'unreachable' })
  })

  it('rejects with the reason of whoever calls it off', async () => {
    const wire = await serve(() => undefined)
    const controller = new AbortController()
    const sending = exchangeWith(wire).send(requestTo('/', { version: '2' }), { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await expect(sending).rejects.toThrow('enough')
  })
})

describe('requests on one HTTP/2 connection', () => {
  it.each(['same', 'pipelined'] as const)('have each their own answer (%s)', async (connection) => {
    const waiting: ServerHttp2Stream[] = []
    const wire = await serve((stream, path) => {
      // The first is answered once the second is there, where that does not wait for it.
      if (connection === 'pipelined' && path === '/1') return void waiting.push(stream)
      stream.respond({ ':status': path === '/1' ? 200 : 401 })
      stream.end()
      for (const first of waiting) ok(first)
    })
    const requests = ['/1', '/2'].map((path) => requestTo(path, { version: '2' }))
    const answers = await exchangeWith(wire).sendSequence(requests, { connection, attemptIds: ['a', 'b'] })
    expect(answers.map(statusOf)).toEqual([200, 401])
    expect(wire.arrived[0]?.session).toBe(wire.arrived[1]?.session)
    expect(wire.arrived.flatMap((one) => named(one, 'x-id'))).toEqual(['a', 'b'])
  })
})

describe('where HTTP/2 is taken', () => {
  const { authority, certificate } = localCertificate()
  it('is told by TLS', async () => {
    const both = opening(await listenOn(createSecureServer({ ...certificate, allowHTTP1: true })))
    const old = opening(await listenOn(createWebServer(certificate)))
    const offers = (origin: string, http: 'auto' | '1.1' | '2') =>
      opening(
        openExchange(targetAt(origin, { http, tls: { ca: authority, insecure: false } }), { now: Date.now }),
      ).offersHttp2()
    const [secure, older] = [both, old].map(({ origin }) => origin.replace('http:', 'https:'))
    expect(await offers(secure ?? '', 'auto')).toBe(true)
    expect(await offers(secure ?? '', '1.1')).toBe(false)
    expect(await offers(older ?? '', 'auto')).toBe(false)
    expect(await offers('https://127.0.0.1:1', 'auto')).toBe(false)
    expect(await offers('http://127.0.0.1:1', 'auto')).toBe(false)
    expect(await offers('http://127.0.0.1:1', '2')).toBe(true)
  })

  it('by prior knowledge, ordinary requests go that way', async () => {
    const wire = await serve(ok)
    expect(statusOf(await exchangeWith(wire).send(requestTo('/')))).toBe(200)
    expect(wire.arrived).toHaveLength(1)
  })
})
