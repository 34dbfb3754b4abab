import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'
import {
  goodClaims,
  goodHeader,
  jwkOf,
  mint,
  now,
  nowSeconds,
  type Probe,
  probe,
  signed,
  specificationWith,
  stranger,
} from './testing/rig.ts'

let gateway: Gateway

beforeAll(async () => {
  gateway = await startGateway({ specification: specificationWith(), pathPrefix: '/v1', now })
})
afterAll(() => gateway.close())

const json = JSON.stringify
const goodToken = mint()
const bearer = (value: string): Probe => ({ headers: ['Authorization', value] })

describe('a request that the policy allows', () => {
  const accepted: Record<string, Probe> = {
    'the good token': { token: goodToken },
    'the scheme in lower case': bearer(`bearer ${goodToken}`),
    'the scheme in upper case': bearer(`BEARER ${goodToken}`),
    'two spaces after the scheme': bearer(`Bearer  ${goodToken}`),
    'white space around the value': bearer(`  Bearer ${goodToken} \t`),
    'a name of the header in another case': { headers: ['AUTHORIZATION', `Bearer ${goodToken}`] },
    'an audience among others': { token: mint({}, { aud: ['other', 'gw.example.test'] }) },
    'typ JWT': { token: mint({ typ: 'JWT' }) },
    'typ at+jwt': { token: mint({ typ: 'at+jwt' }) },
    'typ application/at+jwt in capitals': { token: mint({ typ: 'Application/AT+JWT' }) },
    'an unknown header parameter': { token: mint({ 'x-future': 1 }) },
    'an unknown claim': { token: mint({}, { future: { deep: [1] } }) },
    'dates with fractions': { token: mint({}, { exp: nowSeconds + 0.5, iat: nowSeconds - 0.5 }) },
    'nbf 0': { token: mint({}, { nbf: 0 }) },
    'claims beyond ASCII': { token: mint({}, { name: 'Žofia 😀' }) },
    'JSON with white space': { token: signed(json(goodHeader, null, 2), json(goodClaims, null, '\t')) },
    'a member name with an escape': {
      token: signed(json(goodHeader), json(goodClaims).replace('"aud"', '"\\u0061ud"')),
    },
    'a genuine JWK in the header': {
      token: mint({ jwk: jwkOf(stranger.publicKey), jku: 'http://127.0.0.1:1/' }),
    },
    'the query and the token': { path: '/hello?a=b', token: goodToken },
    'a scope that is needed': { path: '/orders', token: goodToken },
    'a scope that is needed, as the second': { path: '/orders', token: mint({}, { scope: 'x orders.all' }) },
    'HEAD where GET is allowed': { method: 'HEAD', token: goodToken },
    'POST with a body': { method: 'POST', token: goodToken, body: 'x'.repeat(100_000) },
    'no token where it may be missing': { path: '/ping' },
    'a good token where it may be missing': { path: '/ping', token: goodToken },
    'a Connection header that lists the credentials': {
      token: goodToken,
      headers: ['Connection', 'close, Authorization'],
    },
  }
  it.each(Object.entries(accepted))('is served: %s', async (_, request) => {
    expect(await probe(gateway, request)).toMatchObject({ status: 200 })
  })

  it('gets the stock response, which no shared cache may keep', async () => {
    const { status, headers, body } = await probe(gateway, { token: goodToken })
    expect({ status, body, type: headers['content-type'], cache: headers['cache-control'] }).toEqual({
      status: 200,
      body: 'hello',
      type: 'text/plain',
      cache: 'private',
    })
    expect(headers.date).toBe(new Date(now()).toUTCString())
  })
})

describe('a request without credentials that the policy knows', () => {
  const without: Record<string, Probe> = {
    nothing: {},
    'an empty header': bearer(''),
    'Basic credentials': bearer('Basic dXNlcjpwYXNz'),
    'the token as a Basic password': bearer(`Basic ${Buffer.from(`x:${goodToken}`).toString('base64')}`),
    'another scheme': bearer(`Token ${goodToken}`),
    'a scheme that ends as ours': bearer(`NotBearer ${goodToken}`),
    'our scheme within another': bearer(`Basic Bearer ${goodToken}`),
    'the token alone': bearer(goodToken),
    'the scheme glued to the token': bearer(`Bearer${goodToken}`),
    'a tab after the scheme': bearer(`Bearer\t${goodToken}`),
    'the token in the query': { path: `/hello?access_token=${goodToken}` },
    'the token in a cookie': { headers: ['Cookie', `access_token=${goodToken}`] },
    'the token in Proxy-Authorization': { headers: ['Proxy-Authorization', `Bearer ${goodToken}`] },
    'the token in a form': {
      method: 'POST',
      headers: ['Content-Type', 'application/x-www-form-urlencoded'],
      body: `access_token=${goodToken}`,
    },
    'a conditional request': { headers: ['If-None-Match', '*'] },
    'a method override': { method: 'POST', headers: ['X-HTTP-Method-Override', 'OPTIONS'] },
    'an internal address': { headers: ['X-Forwarded-For', '127.0.0.1'] },
    'the path of a public route in a header': { headers: ['X-Forwarded-Uri', '/v1/ping'] },
    HEAD: { method: 'HEAD' },
  }
  it.each(Object.entries(without))('is challenged without an error code: %s', async (_, request) => {
    const { status, challenge, headers } = await probe(gateway, request)
    expect({ status, challenge }).toEqual({ status: 401, challenge: 'Bearer realm="gateway"' })
    expect(headers['cache-control']).toBe('no-store')
  })

  it('tells the error in the words of the service', async () => {
    expect((await probe(gateway)).body).toBe('{"code":401,"message":"Unauthorized"}')
  })

  it('has the same headers by HEAD as by GET', async () => {
    const { connection: _, ...byGet } = (await probe(gateway)).headers
    const { connection: __, ...byHead } = (await probe(gateway, { method: 'HEAD' })).headers
    expect(byHead).toEqual(byGet)
  })
})

describe('credentials that are ambiguous', () => {
  const malformed: Record<string, Probe> = {
    'the scheme without a token': bearer('Bearer'),
    'two headers with the same token': {
      headers: ['Authorization', `Bearer ${goodToken}`, 'Authorization', `Bearer ${goodToken}`],
    },
    'a header of another scheme beside ours': {
      headers: ['Authorization', 'Basic eDp5', 'Authorization', `Bearer ${goodToken}`],
    },
    'the token in the header and in the query': {
      token: goodToken,
      path: `/hello?access_token=${goodToken}`,
    },
  }
  it.each(Object.entries(malformed))('are refused as invalid_request: %s', async (_, request) => {
    const { status, challenge } = await probe(gateway, request)
    expect(status).toBe(400)
    expect(challenge).toContain('error="invalid_request"')
  })
})

describe('a lack of scope', () => {
  const scopes: Record<string, unknown> = {
    none: undefined,
    empty: '',
    another: 'orders.write',
    'longer than needed': 'orders.reader',
    'shorter than needed': 'orders',
    'in another case': 'ORDERS.READ',
    'behind a comma': 'x,orders.read',
    'behind a tab': 'x\torders.read',
    'in a list': ['orders.read'],
    'an object': { 'orders.read': true },
    null: null,
  }
  it.each(Object.entries(scopes))('is refused with the scopes that would do: %s', async (_, scope) => {
    const { status, challenge } = await probe(gateway, { path: '/orders', token: mint({}, { scope }) })
    expect(status).toBe(403)
    expect(challenge).toContain('error="insufficient_scope"')
    expect(challenge).toContain('scope="orders.read orders.all"')
  })

  it('is judged for each method of a path by itself', async () => {
    expect(await probe(gateway, { path: '/orders', method: 'POST', token: goodToken })).toMatchObject({
      status: 403,
    })
  })
})

describe('a request for what is not there', () => {
  const paths = [
    '/nothing',
    '/Hello',
    '/hello/',
    '//hello',
    '/./hello',
    '/x/../hello',
    '/%68ello',
    '/hello%00',
    '/hello;a=b',
    '/ping/..;/hello',
    '/hello.css',
    '/hello%2f',
    '/hello\\',
    '/hello#/ping',
  ]
  it.each(paths)('is not found, token or not: %s', async (path) => {
    expect(await probe(gateway, { path, token: goodToken })).toMatchObject({ status: 404 })
    expect(await probe(gateway, { path })).toMatchObject({ status: 404, challenge: undefined })
  })

  it.each(['DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'tells the methods that the path has: %s',
    async (method) => {
      const { status, headers } = await probe(gateway, { method, token: goodToken })
      expect({ status, allow: headers.allow }).toEqual({ status: 405, allow: 'GET, POST, HEAD' })
    },
  )
})

describe('a request that is too large', () => {
  it('is refused with 431 beyond 8 KB of headers, method and URI', async () => {
    expect(await probe(gateway, { headers: ['X-Large', 'x'.repeat(8000)] })).toMatchObject({ status: 401 })
    expect(await probe(gateway, { headers: ['X-Large', 'x'.repeat(8192)] })).toMatchObject({ status: 431 })
    expect(await probe(gateway, { path: `/${'x'.repeat(8192)}` })).toMatchObject({ status: 431 })
  })
})

describe('a refusal', () => {
  it('repeats nothing of what the client sent', async () => {
    const token = mint({ kid: 'canary-kid' }, { sub: 'canary-sub' })
    const { body, headers } = await probe(gateway, { path: '/hello?canary', token, headers: ['X', 'canary'] })
    expect(json(headers) + body).not.toContain('canary')
  })
})
