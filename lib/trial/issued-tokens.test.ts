import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { configOf } from '../../test/fixtures/config-folder.ts'
import { openIssuedTokens } from './issued-tokens.ts'

/** What the token endpoint has been asked for, and how it answers: `token-1`, `token-2` and so on, or not at all. */
let asked: string[] = []
let answers: 'well' | 'badly' = 'well'
let now = 1_000_000
const server = createServer((request, response) => {
  let body = ''
  request.on('data', (piece: Buffer) => (body += piece.toString()))
  request.on('end', () => {
    const scope = new URLSearchParams(body).get('scope') ?? ''
    asked.push(scope)
    response.writeHead(answers === 'well' ? 200 : 500)
    response.end(JSON.stringify({ access_token: `token-${asked.length}`, expires_in: 40 }))
  })
})
let origin: string
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
beforeEach(() => {
  asked = []
  answers = 'well'
  now = 1_000_000
})
afterAll(() => server.close())

const configWith = (source: string) =>
  configOf(`
target: { url: 'http://127.0.0.1:9/v1', routes: { protected: /hello } }
tokens: ${source}
`)
const client = () => `{ tokenEndpoint: '${origin}', clientId: c, clientSecret: s, scope: good, proxy: none }`

const open = async (source: string) => {
  const failures: string[] = []
  const context = { now: () => now, newId: () => 'id', timeoutMs: 3000 }
  const tokens = await openIssuedTokens(configWith(source), context, (message) => failures.push(message))
  return { tokens, failures }
}

test('tokens are got anew when half of their life is over, and not before', async () => {
  const { tokens } = await open(
    `{ oauth2: ${client()}, others: { otherScope: { oauth2: { scope: other } } } }`,
  )
  expect(tokens.endOf('good')).toBe(1_000_040)
  now += 19
  expect(await tokens.renew()).toBe(false)
  expect(asked).toEqual(['good', 'other'])
  now += 2
  expect(await tokens.renew()).toBe(true)
  expect(asked).toEqual(['good', 'other', 'good', 'other'])
  expect(tokens.good).toBe('token-3')
  expect(tokens.others.otherScope).toBe('token-4')
  expect(tokens.all).toEqual(['token-1', 'token-2', 'token-3', 'token-4'])
})

test('a token that has to be over or revoked, and one that was given, stay as they are', async () => {
  const { tokens } = await open(
    `{ oauth2: ${client()}, others: { expired: { oauth2: {} }, revoked: { oauth2: {} }, second: { token: T } } }`,
  )
  now += 100
  await tokens.renew()
  expect(tokens.good).toBe('token-4')
  expect(tokens.others).toEqual({ expired: 'token-2', revoked: 'token-3', second: 'T' })
  expect(['good', 'second', 'expired'].map((name) => tokens.isRenewable(name))).toEqual([true, false, false])
})

test('what cannot be got anew is kept, told, and left alone for a while', async () => {
  const { tokens, failures } = await open(`{ oauth2: ${client()} }`)
  answers = 'badly'
  now += 30
  expect(await tokens.renew()).toBe(false)
  expect(await tokens.renew()).toBe(false)
  expect(failures).toEqual([expect.stringContaining('500')])
  expect(tokens.good).toBe('token-1')
  answers = 'well'
  now += 5
  expect(await tokens.renew()).toBe(true)
})

test('those who ask at the same time wait for the same token', async () => {
  const { tokens } = await open(`{ oauth2: ${client()} }`)
  now += 30
  await Promise.all([tokens.renew(), tokens.renew(), tokens.renew()])
  expect(asked).toHaveLength(2)
})
