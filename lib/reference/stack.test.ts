import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startStack, type Stack } from './stack.ts'

const now = () => Date.parse('2031-05-06T07:08:09Z')
const forging = generateKeyPairSync('rsa', { modulusLength: 2048 })
const signingKeys = [{ kid: 'gateproof', alg: 'RS256', publicKey: forging.publicKey }]

const upstream = createServer((request, response) => {
  response.end(`${request.method ?? ''} reached ${request.url ?? ''}`)
})
let stack: Stack
beforeAll(async () => {
  upstream.listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  const address = upstream.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  stack = await startStack({ now, signingKeys, upstreamUrl: `http://127.0.0.1:${port}/base` })
})
afterAll(async () => {
  await stack.close()
  upstream.closeAllConnections()
  upstream.close()
})

const call = async (path: string, token?: string, method = 'GET') =>
  fetch(stack.gatewayUrl + path, {
    method,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })

async function issued(...scopes: string[]): Promise<string> {
  const { clientId, clientSecret, audience } = stack
  const response = await fetch(`${stack.identityUrl}/oauth2/v1/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: scopes.map((scope) => audience + scope).join(' '),
    }),
  })
  const { access_token } = (await response.json()) as { access_token: string }
  return access_token
}

const forged = (claims: object = {}, { kid = 'gateproof', alg = 'RS256' } = {}) =>
  new SignJWT({
    iss: stack.issuer,
    aud: stack.audience,
    sub: 'x',
    exp: now() / 1000 + 60,
    ...claims,
  })
    .setProtectedHeader({ alg, kid })
    .sign(forging.privateKey)

test('without a token only the open route answers', async () => {
  expect((await call('/hello')).status).toBe(401)
  expect((await call('/orders')).status).toBe(401)
  expect((await call('/orders', undefined, 'POST')).status).toBe(401)
  expect((await call('/backend')).status).toBe(401)
  const ping = await call('/ping')
  expect([ping.status, await ping.text()]).toEqual([200, 'pong'])
})

describe.each([
  ['issued by the domain', issued],
  ['forged with the key of our own', (...scopes: string[]) => forged({ scope: scopes.join(' ') })],
] as const)('with a token %s', (_how, tokenFor) => {
  test('the protected route answers as the specification says', async () => {
    const hello = await call('/hello', await tokenFor('orders.read'))
    expect([hello.status, await hello.json()]).toEqual([200, { message: 'Hello from behind the gateway' }])
  })

  test('each method of the orders wants a scope of its own', async () => {
    const reads = await tokenFor('orders.read')
    const writes = await tokenFor('orders.write')
    const both = await tokenFor('orders.read', 'orders.write')
    const statuses = async (token: string) => [
      (await call('/orders', token)).status,
      (await call('/orders', token, 'POST')).status,
    ]
    expect(await statuses(reads)).toEqual([200, 403])
    expect(await statuses(writes)).toEqual([403, 201])
    expect(await statuses(both)).toEqual([200, 201])
  })

  test('the backend gets what passes', async () => {
    const answer = await call('/backend', await tokenFor('orders.read'), 'PUT')
    expect([answer.status, await answer.text()]).toEqual([200, 'PUT reached /base'])
  })
})

test('our key signs under its own id and with its own algorithm alone', async () => {
  expect((await call('/hello', await forged({}, { kid: 'SIGNING_KEY' }))).status).toBe(401)
  expect((await call('/hello', await forged({}, { alg: 'RS512' }))).status).toBe(401)
})

test('a fault makes the gateway wrong', async () => {
  const faulty = await startStack({ now, signingKeys, faults: ['accept-all'] })
  try {
    expect((await fetch(`${faulty.gatewayUrl}/hello`)).status).toBe(200)
    expect((await fetch(`${faulty.gatewayUrl}/backend`)).status).toBe(404)
  } finally {
    await faulty.close()
  }
})

test('a port that is taken stops the domain too', async () => {
  const gatewayPort = Number(new URL(stack.gatewayUrl).port)
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const address = free.address()
  const identityPort = typeof address === 'object' && address !== null ? address.port : 0
  free.close()
  await once(free, 'close')
  await expect(startStack({ now, signingKeys, gatewayPort, identityPort })).rejects.toThrow('EADDRINUSE')
  await expect(fetch(`http://127.0.0.1:${identityPort}/`)).rejects.toThrow()
})
