import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'
import {
  base64url,
  goodClaims,
  goodHeader,
  issuer,
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
const [goodHead = '', goodPayload = '', goodSignature = ''] = goodToken.split('.')
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

describe('a token that is not valid', () => {
  const claims = json(goodClaims)
  const invalid: Record<string, string> = {
    'no JWT': 'foo',
    'characters that no token has': '[object Object]',
    quotes: `"${goodToken}"`,
    'a comma and another token': `${goodToken}, Bearer ${goodToken}`,
    'a space and another token': `${goodToken} ${goodToken}`,
    'alg none': `${base64url(json({ alg: 'none' }))}.${goodPayload}.`,
    'alg none with a signature': `${base64url(json({ ...goodHeader, alg: 'none' }))}.${goodPayload}.${goodSignature}`,
    'alg in lower case': mint({ alg: 'rs256' }),
    'no alg': mint({ alg: undefined }),
    'alg in a list': mint({ alg: ['RS256'] }),
    'alg of a function of every object': mint({ alg: 'constructor' }),
    'another algorithm than the key is for': signed(
      json({ ...goodHeader, alg: 'RS512' }),
      claims,
      undefined,
      'sha512',
    ),
    'no kid': mint({ kid: undefined }),
    'an unknown kid': mint({ kid: 'other' }),
    'a kid in another case': mint({ kid: 'signing_key' }),
    'a kid that is no text': mint({ kid: ['SIGNING_KEY'] }),
    'a kid that every object has': mint({ kid: '__proto__' }),
    'a signature of another key': mint({}, {}, stranger.privateKey),
    'an embedded key': mint({ jwk: jwkOf(stranger.publicKey) }, {}, stranger.privateKey),
    'no signature': `${goodHead}.${goodPayload}.`,
    'two parts': `${goodHead}.${goodPayload}`,
    'four parts': `${goodToken}.x`,
    'a dot at the end': `${goodToken}.`,
    'a dot at the start': `.${goodToken}`,
    'a changed payload': `${goodHead}.${base64url(json({ ...goodClaims, sub: 'admin' }))}.${goodSignature}`,
    'a padded signature': `${goodToken}==`,
    'a signature that goes on': `${goodToken}AAAA`,
    crit: mint({ crit: ['exp'] }),
    'an empty crit': mint({ crit: [] }),
    b64: mint({ b64: true }),
    zip: mint({ zip: 'DEF' }),
    'a typ of another kind': mint({ typ: 'logout+jwt' }),
    'a typ that is no text': mint({ typ: 1 }),
    'no exp': mint({}, { exp: undefined }),
    'exp now': mint({}, { exp: nowSeconds }),
    'exp 0': mint({}, { exp: 0 }),
    'exp as text': mint({}, { exp: String(nowSeconds + 300) }),
    'exp null': mint({}, { exp: null }),
    'exp beyond numbers': signed(json(goodHeader), claims.replace(String(goodClaims.exp), '1e999')),
    'nbf to come': mint({}, { nbf: nowSeconds + 1 }),
    'nbf as text': mint({}, { nbf: '0' }),
    'nbf null': mint({}, { nbf: null }),
    'iat far ahead': mint({}, { iat: nowSeconds + 301 }),
    'iat as text': mint({}, { iat: '1' }),
    'another issuer': mint({}, { iss: 'https://evil.example/' }),
    'no issuer': mint({}, { iss: undefined }),
    'the issuer without its slash': mint({}, { iss: issuer.slice(0, -1) }),
    'the issuer in a list': mint({}, { iss: [issuer] }),
    'another audience': mint({}, { aud: 'other' }),
    'no audience': mint({}, { aud: undefined }),
    'an empty list of audiences': mint({}, { aud: [] }),
    'an audience in another case': mint({}, { aud: 'GW.example.test' }),
    'a list with a number beside the audience': mint({}, { aud: ['gw.example.test', 1] }),
    'a sub that is no text': mint({}, { sub: 1 }),
    'a jti that is no text': mint({}, { jti: 1 }),
    'a subject that is the issuer': mint({}, { sub: issuer }),
    'an ID token': mint({}, { nonce: 'n' }),
    'a refresh token': mint({}, { token_use: 'refresh' }),
    'a logout token': mint({}, { events: {} }),
    'a binding to a key': mint({}, { cnf: { jkt: 'x' } }),
    'claims that are a list': signed(json(goodHeader), '[]'),
    'claims that are null': signed(json(goodHeader), 'null'),
    'claims that are no JSON': signed(json(goodHeader), '{'),
    'a header that is a list': signed('[]', claims),
    'a header that is no JSON': signed('x', claims),
    'a claim twice': signed(json(goodHeader), claims.replace('{', '{"aud":"other",')),
    'a claim twice, once with an escape': signed(
      json(goodHeader),
      claims.replace('{', '{"\\u0061ud":"other",'),
    ),
    'a header parameter twice': signed(json(goodHeader).replace('{', '{"alg":"none",'), claims),
    'claims after a byte-order mark': signed(json(goodHeader), `\ufeff${claims}`),
    'claims that are no UTF-8': signed(
      json(goodHeader),
      Buffer.from(claims.replace('client', 'cl\xffent'), 'latin1'),
    ),
    'claims with a comment': signed(json(goodHeader), claims.replace('{', '{/**/')),
    'claims in UTF-16': signed(json(goodHeader), Buffer.from(claims, 'utf16le')),
    'names in other cases': signed(json(goodHeader), claims.replace('"aud"', '"AUD"')),
    'claims by inheritance': signed(json(goodHeader), `{"__proto__":${claims}}`),
    'very deep nesting': signed(
      json(goodHeader),
      claims.replace('{', `{"deep":${'['.repeat(1000)}${']'.repeat(1000)},`),
    ),
  }
  it.each(Object.entries(invalid))('is refused as invalid_token: %s', async (_, token) => {
    const { status, challenge } = await probe(gateway, { token })
    expect({ status, challenge }).toEqual({
      status: 401,
      challenge:
        'Bearer realm="gateway", error="invalid_token", error_description="The access token is not valid here"',
    })
  })

  it('is refused too where a token may be missing', async () => {
    expect(await probe(gateway, { path: '/ping', token: mint({}, { aud: 'other' }) })).toMatchObject({
      status: 401,
    })
  })

  it('is refused as invalid before its scope is looked at', async () => {
    const token = mint({}, { scope: 'x' }, stranger.privateKey)
    expect(await probe(gateway, { path: '/orders', token })).toMatchObject({ status: 401 })
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
