import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'
import type { FaultName } from './faults.ts'
import { exchangeBytes, mint, now, probe, specificationWith } from './testing/rig.ts'

type Hit = {
  readonly method: string
  readonly target: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

let hits: Hit[] = []
let answer: RequestListener
let close: () => Promise<unknown>
let backendPort: number
let gateway: Gateway

const listenOnce = async (): Promise<void> => {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      hits.push({ method: request.method ?? '', target: request.url ?? '', headers: request.headers, body })
      answer(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  backendPort = typeof address === 'object' && address !== null ? address.port : 0
  close = () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  }
}

const start = async (faults: readonly FaultName[] = [], policy: object = {}): Promise<Gateway> => {
  const backend = { type: 'HTTP_BACKEND', url: `http://127.0.0.1:${backendPort}/backend?fixed=1` }
  return startGateway({
    specification: specificationWith(policy, [{ path: '/real', methods: ['ANY'], backend }]),
    pathPrefix: '/v1',
    now,
    faults,
  })
}

beforeEach(async () => {
  hits = []
  answer = (_, response) =>
    response.writeHead(201, { 'X-Backend': 'yes', Connection: 'X-Hop', 'X-Hop': '1' }).end('made')
  await listenOnce()
  gateway = await start()
})
afterEach(async () => {
  await gateway.close()
  await close()
})

describe('an HTTP backend', () => {
  it('gets the method, the query, the headers and the body, and its answer goes back', async () => {
    const token = mint()
    const headers = ['X-Gateproof-Id', 'id-1', 'X-Twice', 'a', 'X-Twice', 'b']
    const seen = await probe(gateway, { path: '/real?q=%20', method: 'PUT', token, headers, body: 'body' })
    expect(seen).toMatchObject({ status: 201, body: 'made' })
    expect(seen.headers).toMatchObject({ 'x-backend': 'yes', 'cache-control': 'private' })
    expect(hits).toMatchObject([{ method: 'PUT', target: '/backend?fixed=1&q=%20', body: 'body' }])
    expect(hits[0]?.headers).toMatchObject({
      host: `127.0.0.1:${backendPort}`,
      authorization: `Bearer ${token}`,
      'x-gateproof-id': 'id-1',
      'x-twice': 'a, b',
      'x-forwarded-for': '127.0.0.1',
    })
  })

  it('is not called for a request that is refused, nor sent its body', async () => {
    await probe(gateway, { path: '/real', method: 'POST', body: 'x' })
    await probe(gateway, { path: '/real', method: 'POST', token: mint({}, { aud: 'x' }), body: 'x' })
    expect(hits).toEqual([])
  })

  it('gets no word of a user that the client made up, however it is spelt', async () => {
    const names = [
      'X-Forwarded-User',
      'X-Remote-User',
      'X_Forwarded_User',
      'X-Userinfo',
      'X-Consumer-ID',
      'X-JWT-Sub',
      'Forwarded',
    ]
    await probe(gateway, { path: '/real', token: mint(), headers: names.flatMap((name) => [name, 'admin']) })
    expect(JSON.stringify(hits[0]?.headers)).not.toContain('admin')
  })

  it('gets what a Connection header lists, but no hop-by-hop header', async () => {
    const headers = [
      'Connection',
      'close, Authorization, X-Kept',
      'X-Kept',
      '1',
      'TE',
      'trailers',
      'Keep-Alive',
      'x',
    ]
    await probe(gateway, { path: '/real', token: mint(), headers })
    expect(hits[0]?.headers).toMatchObject({ 'x-kept': '1', authorization: expect.any(String) })
    expect(hits[0]?.headers).not.toHaveProperty('te')
    expect(hits[0]?.headers).not.toHaveProperty('keep-alive')
  })

  it('gets a chunked body chunked, by whatever method', async () => {
    const bytes =
      `GET /v1/real HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${mint()}\r\nConnection: close\r\n` +
      'Transfer-Encoding: chunked\r\nTrailer: X-User\r\n\r\n4\r\nbody\r\n0\r\nX-User: admin\r\n\r\n'
    expect(await exchangeBytes(gateway.port, bytes)).toMatch(/^HTTP\/1\.1 201 /)
    expect(hits).toMatchObject([{ method: 'GET', body: 'body' }])
  })

  it('is asked to go on where the client waits for that', async () => {
    const head = `POST /v1/real HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${mint()}\r\nConnection: close\r\n`
    const bytes = `${head}Expect: 100-continue\r\nContent-Length: 4\r\n\r\nbody`
    expect((await exchangeBytes(gateway.port, bytes)).match(/HTTP\/1\.1 \d+/g)).toEqual([
      'HTTP/1.1 100',
      'HTTP/1.1 201',
    ])
    expect(hits).toMatchObject([{ body: 'body' }])
  })

  it('does not get the token that stood in the query', async () => {
    await gateway.close()
    gateway = await start([], {
      tokenHeader: undefined,
      tokenAuthScheme: undefined,
      tokenQueryParam: 'access_token',
    })
    await probe(gateway, { path: `/real?a=1&access%5Ftoken=${mint()}&b=2` })
    expect(hits).toMatchObject([{ target: '/backend?fixed=1&a=1&b=2' }])
  })

  it('may refuse by itself, which is passed on as it is', async () => {
    answer = (_, response) => response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="backend"' }).end()
    expect(await probe(gateway, { path: '/real', token: mint() })).toMatchObject({
      status: 401,
      challenge: 'Basic realm="backend"',
    })
  })

  it('that drops the request is answered for with 502', async () => {
    answer = (request) => request.socket.destroy()
    expect(await probe(gateway, { path: '/real', token: mint() })).toMatchObject({ status: 502 })
    expect(hits).toHaveLength(1)
  })

  it('that breaks off its answer breaks off ours', async () => {
    answer = (_, response) => {
      response.writeHead(200, { 'Content-Length': '10' })
      response.write('half')
      setImmediate(() => response.destroy())
    }
    await expect(probe(gateway, { path: '/real', token: mint() })).rejects.toThrow()
  })
})

describe('a fault in front of a backend', () => {
  it('calls it before the refusal', async () => {
    await gateway.close()
    gateway = await start(['forwards-before-refusing'])
    expect(await probe(gateway, { path: '/real' })).toMatchObject({ status: 401 })
    await expect.poll(() => hits.length).toBe(1)
  })

  it('calls it twice', async () => {
    await gateway.close()
    gateway = await start(['forwards-twice'])
    expect(await probe(gateway, { path: '/real', token: mint() })).toMatchObject({ status: 201 })
    await expect.poll(() => hits.length).toBe(2)
  })

  it.each<[FaultName, string[], string]>([
    ['authorization-stripped', [], 'authorization'],
    ['connection-strips-headers', ['Connection', 'close, X-Kept'], 'x-kept'],
  ])('drops a header: %s', async (fault, headers, dropped) => {
    const request = {
      path: '/real',
      token: mint(),
      headers: ['X-Kept', '1', 'X-Gateproof-Id', '1', ...headers],
    }
    await probe(gateway, request)
    await gateway.close()
    gateway = await start([fault])
    await probe(gateway, request)
    expect(hits.map((hit) => dropped in hit.headers)).toEqual([true, false])
  })

  it.each<[FaultName, string]>([
    ['identity-headers-kept', 'X-Forwarded-User'],
    ['identity-underscores-kept', 'X_Forwarded_User'],
  ])('passes on a header: %s', async (fault, name) => {
    const request = { path: '/real', token: mint(), headers: [name, 'admin'] }
    await probe(gateway, request)
    await gateway.close()
    gateway = await start([fault])
    await probe(gateway, request)
    expect(hits.map((hit) => hit.headers[name.toLowerCase()])).toEqual([undefined, 'admin'])
  })
})
