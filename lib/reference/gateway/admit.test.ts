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
