import { afterEach, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'
import { audience, issuer, jwkOf, mint, now, probe, publicKey, routes } from './testing/rig.ts'

let gateway: Gateway | undefined
afterEach(async () => gateway?.close())

const start = async (
  failurePolicy: object | undefined,
  place: object = { tokenHeader: 'Authorization', tokenAuthScheme: 'Bearer' },
) => {
  gateway = await startGateway({
    specification: {
      requestPolicies: {
        authentication: {
          type: 'TOKEN_AUTHENTICATION',
          ...place,
          isAnonymousAccessAllowed: true,
          validationPolicy: {
            type: 'STATIC_KEYS',
            keys: [{ format: 'JSON_WEB_KEY', ...jwkOf(publicKey) }],
            additionalValidationPolicy: {
              issuers: [issuer],
              audiences: [audience],
              verifyClaims: [
                { key: 'tenant', values: ['acme', 'bolt'], isRequired: true },
                { key: 'level', values: ['1'] },
                { key: 'name', isRequired: true },
              ],
            },
          },
          ...(failurePolicy && { validationFailurePolicy: { type: 'MODIFY_RESPONSE', ...failurePolicy } }),
        },
      },
      routes,
    },
    pathPrefix: '/',
    now,
  })
  return gateway
}

const claims = { tenant: 'acme', name: 'x' }

describe('TOKEN_AUTHENTICATION', () => {
  it('verifies claims, exactly and where they are there', async () => {
    const started = await start(undefined)
    const statusOf = async (more: object) =>
      (await probe(started, { token: mint({}, { ...claims, ...more }) })).status
    expect(await statusOf({})).toBe(200)
    expect(await statusOf({ tenant: 'bolt', level: '1' })).toBe(200)
    for (const more of [
      { tenant: undefined },
      { tenant: 'acm' },
      { tenant: ['acme'] },
      { tenant: null },
      { level: '2' },
      { level: 1 },
      { name: undefined },
      { name: null },
    ])
      expect([more, await statusOf(more)]).toEqual([more, 401])
  })

  it('looks for the token in the query where the policy says so, and lets no cache share the answer', async () => {
    const started = await start(undefined, { tokenQueryParam: 'token' })
    const token = mint({}, claims)
    const good = await probe(started, { path: `/hello?a=b&token=${token}` })
    expect({ status: good.status, cache: good.headers['cache-control'] }).toEqual({
      status: 200,
      cache: 'private',
    })
    expect(await probe(started, { token })).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="gateway"',
    })
    expect(await probe(started, { path: '/hello?token=x' })).toMatchObject({ status: 401 })
    expect(await probe(started, { path: `/hello?token=${token}&token=${token}` })).toMatchObject({
      status: 400,
    })
    expect(await probe(started, { path: `/hello?token=${token}`, token })).toMatchObject({ status: 400 })
  })
})

describe('MODIFY_RESPONSE', () => {
  it('rewords the refusal of a missing or invalid token, and no other answer', async () => {
    const started = await start({ responseCode: '418', responseMessage: 'No entry' })
    const expected = { status: 418, body: '{"code":418,"message":"No entry"}' }
    expect(await probe(started)).toMatchObject(expected)
    expect(await probe(started, { token: 'x' })).toMatchObject(expected)
    expect(await probe(started, { token: mint({}, claims) })).toMatchObject({ status: 200 })
    expect(
      await probe(started, { path: '/orders', token: mint({}, { ...claims, scope: 'x' }) }),
    ).toMatchObject({
      status: 403,
    })
    expect(await probe(started, { path: '/nothing' })).toMatchObject({ status: 404 })
  })

  it('keeps status, message and challenge that it does not name', async () => {
    const started = await start({})
    expect(await probe(started)).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="gateway"',
      body: '{"code":401,"message":"Unauthorized"}',
    })
  })

  it('sets, renames and blocks headers', async () => {
    const started = await start({
      responseHeaderTransformations: {
        setHeaders: {
          items: [
            { name: 'X-One', values: ['a', 'b'] },
            { name: 'content-type', values: ['text/x'], ifExists: 'SKIP' },
            { name: 'cache-control', values: ['no-cache'] },
          ],
        },
        renameHeaders: { items: [{ from: 'www-authenticate', to: 'X-Challenge' }] },
      },
    })
    expect((await probe(started)).headers).toMatchObject({
      'x-one': 'a, b',
      'content-type': 'application/json',
      'cache-control': 'no-cache',
      'x-challenge': 'Bearer realm="gateway"',
    })
  })

  it('filters after the other transformations', async () => {
    const allowing = await start({
      responseHeaderTransformations: {
        setHeaders: {
          items: [
            { name: 'X-One', values: ['a'] },
            { name: 'X-Two', values: ['b'] },
          ],
        },
        filterHeaders: { type: 'ALLOW', items: [{ name: 'x-two' }] },
      },
    })
    const { connection: _, ...allowed } = (await probe(allowing)).headers
    expect(Object.keys(allowed).sort()).toEqual(['content-length', 'date', 'x-two'])
    await allowing.close()
    const blocking = await start({
      responseHeaderTransformations: {
        filterHeaders: { type: 'BLOCK', items: [{ name: 'WWW-AUTHENTICATE' }] },
      },
    })
    expect(await probe(blocking)).toMatchObject({ status: 401, challenge: undefined })
  })
})
