import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openExchange } from '../exchange/exchange.ts'
import { publicKey } from './fixture.ts'
import { probeIssuer } from './probe-issuer.ts'
import { probeRoutes } from './probe.ts'

const serve = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const exchangerFor = (origin: string) => {
  const exchanger = openExchange(
    {
      name: 'probed',
      origin,
      basePath: '',
      routes: { protected: { path: '/', method: 'GET', methodDeclared: false, headers: [] }, others: [] },
      credentials: [{ in: 'header', name: 'Authorization', scheme: 'Bearer' }],
      proxy: { kind: 'none' },
      http: '1.1',
      tls: { insecure: false },
      headers: [],
      timeoutMs: 2_000,
      pace: { concurrency: 1 },
      unsafeMethods: false,
      hooks: {},
    },
    { now: () => 0 },
  )
  onTestFinished(() => exchanger.close())
  return exchanger
}

test('each path is asked once, without a credential, and its answer says what it is', async () => {
  const asked: string[] = []
  const origin = await serve((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`)
    expect(request.headers).not.toHaveProperty('authorization')
    expect(request.headers).not.toHaveProperty('cookie')
    const status =
      { '/v1/hello': 401, '/v1/ping': 200, '/v1/login': 302, '/v1/denied': 403 }[request.url ?? ''] ?? 404
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer realm="a\\"b", scope="read"')
    response.writeHead(status).end()
  })
  const paths = ['/hello', '/ping', '/login', '/denied', '/nothing', '/hello']
  const seen = await probeRoutes(exchangerFor(origin), '/v1', { paths, absent: '/absent' })
  expect(asked).toEqual(
    ['hello', 'ping', 'login', 'denied', 'nothing', 'absent'].map((path) => `GET /v1/${path}`),
  )
  expect(seen.routes).toEqual([
    { path: '/hello', matches: 'itself', access: 'protected' },
    { path: '/ping', matches: 'itself', access: 'public' },
    { path: '/denied', matches: 'itself', access: 'protected' },
  ])
  expect(seen.schemes).toEqual(['Bearer'])
  expect(seen.notes).toEqual([
    expect.stringMatching(/^\/hello: 401, challenge Bearer realm="a\\u0022b" scope="read"$/),
    '/ping: 200',
    '/login: 302, sent elsewhere: perhaps to log in',
    '/denied: 403',
    '/nothing: 404',
  ])
})

test('a gateway that refuses what is no route is said to', async () => {
  const origin = await serve((_, response) => response.writeHead(401).end())
  const seen = await probeRoutes(exchangerFor(origin), '', { paths: ['/a'], absent: '/absent' })
  expect(seen.notes.at(-1)).toMatch(/^\? A path that is no route was refused as well/)
})

test('nobody there is no answer', async () => {
  const seen = await probeRoutes(exchangerFor('http://127.0.0.1:1'), '', { paths: ['/a'], absent: '/b' })
  expect(seen.unreachable).toEqual(expect.any(String))
})

const route = { tls: { insecure: false }, proxy: { kind: 'none' }, timeoutMs: 2_000 } as const

test.each([
  ['OpenID Connect discovery', '/realm/.well-known/openid-configuration'],
  ['authorization server metadata', '/.well-known/oauth-authorization-server/realm'],
])('%s names the key set, whose keys name the algorithms', async (_, path) => {
  const origin: string = await serve((request, response) => {
    const keys = {
      keys: [publicKey.jwk, { ...publicKey.jwk, kid: 'two', alg: undefined }, { kty: 'oct', k: 'x' }],
    }
    const documents: Readonly<Record<string, unknown>> = {
      [path]: { issuer: `${origin}/realm/`, jwks_uri: `${origin}/keys` },
      '/keys': keys,
    }
    const document = documents[request.url ?? '']
    response.writeHead(document === undefined ? 404 : 200).end(JSON.stringify(document ?? {}))
  })
  const { provider, notes } = await probeIssuer(`${origin}/realm`, route)
  expect(provider).toEqual({
    issuers: [`${origin}/realm/`],
    audiences: [],
    algorithms: ['RS256'],
    keys: { kind: 'url', url: `${origin}/keys` },
    note: 'Some keys of the set name no algorithm.',
  })
  expect(notes).toContain('The set has 2 public keys.')
})

test('a document that names another issuer is doubted, and its text is escaped', async () => {
  const origin = await serve((request, response) => {
    const isMetadata = request.url === '/.well-known/openid-configuration'
    response
      .writeHead(200)
      .end(
        isMetadata
          ? JSON.stringify({ issuer: 'https://evil.example.test/\u001b[2J', jwks_uri: 'file:///etc/passwd' })
          : '{',
      )
  })
  const { provider, notes } = await probeIssuer(origin, route)
  expect(provider).toEqual({ issuers: [origin], audiences: [], algorithms: [] })
  expect(notes.join('\n')).toContain('? It names itself "https://evil.example.test/\\u001b[2J"')
  expect(notes).toContain('Its `jwks_uri` is no URL.')
})

test.each(['urn:issuer', 'http://127.0.0.1:1'])('%s publishes nothing', async (issuer) => {
  const { provider, notes } = await probeIssuer(issuer, route)
  expect(provider).toEqual({ issuers: [issuer], audiences: [], algorithms: [] })
  expect(notes).toHaveLength(1)
})
