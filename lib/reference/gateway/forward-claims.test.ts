import { createServer, type IncomingMessage } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Beyond } from './beyond.ts'
import { percentEncoded, sameName } from './forward-claims.ts'
import { startGateway } from './gateway.ts'
import { exchangeBytes, mint, now, probe, specificationWith, type Probe } from './testing/rig.ts'

let headers: IncomingMessage['headers'][] = []
let port = 0
const backend = createServer((request, response) => {
  headers.push(request.headers)
  response.end('made')
})
beforeAll(async () => {
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve))
  const address = backend.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(() => new Promise((resolve) => backend.close(resolve)))

const start = (beyond: Beyond) =>
  startGateway({
    specification: specificationWith({}, [
      {
        path: '/real',
        methods: ['ANY'],
        backend: { type: 'HTTP_BACKEND', url: `http://127.0.0.1:${port}/` },
      },
    ]),
    pathPrefix: '/v1',
    now,
    beyond,
  })

/** What the backend got of these requests. */
const got = async (beyond: Beyond, ...probes: readonly Probe[]): Promise<typeof headers> => {
  headers = []
  const gateway = await start(beyond)
  for (const one of probes) expect((await probe(gateway, { path: '/real', ...one })).status).toBe(200)
  await gateway.close()
  return headers
}

const telling = { forwards: { claims: { 'X-Caller': 'sub', 'X-Team': 'team' } } }

it('tells the backend claims, whatever their type', async () => {
  const tokens = ['a b', 'a, b', 'Zoë', false, { a: 1 }].map((team) => ({ token: mint({}, { team }) }))
  const seen = await got(telling, ...tokens)
  expect(seen.map((one) => one['x-team'])).toEqual(['a b', 'a%2C%20b', 'Zo%C3%AB', 'false', '{"a":1}'])
  expect(seen[0]?.['x-caller']).toBe('client')
})

it('lets no client say so itself, in whatever spelling, and with whatever token', async () => {
  const names = ['X-Caller', 'x-caller', 'X_Caller', 'X.Caller', 'X-Team', 'X_TEAM']
  const sent = names.flatMap((name) => [name, 'admin'])
  const [seen] = await got(telling, { token: mint(), headers: sent })
  expect(JSON.stringify(seen)).not.toContain('admin')
  expect(seen?.['x-caller']).toBe('client')
})

it('keeps the token from the backend where it is told to, in the header and in the cookie', async () => {
  const strict = { forwards: { claims: {}, stripsCredential: true }, cookie: 'token' }
  const cookie = ['Cookie', `a=1; token=${mint()}; b=2`]
  const [first, second] = await got(strict, { token: mint() }, { headers: cookie })
  expect(first).not.toHaveProperty('authorization')
  expect(second?.cookie).toBe('a=1; b=2')
})

it('sends away who comes without TLS', async () => {
  const gateway = await start({ plaintextHost: 'plain.example' })
  const bytes = 'GET /v1/hello?a=b HTTP/1.1\r\nHost: plain.example:80\r\nConnection: close\r\n\r\n'
  const answer = await exchangeBytes(gateway.port, bytes)
  expect(answer).toMatch(/^HTTP\/1\.1 308 /)
  expect(answer).toContain('Location: https://plain.example/v1/hello\r\n')
  await gateway.close()
})

it('reads names as backends do, and writes any text', () => {
  expect(sameName('X-JWT-Sub', 'x_jwt.sub')).toBe(true)
  expect(sameName('X-JWT-Sub', 'X-JWT-Sub2')).toBe(false)
  expect(percentEncoded('\ud800')).toBe('%EF%BF%BD')
})
