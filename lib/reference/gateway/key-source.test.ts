import { createServer, type RequestListener } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { startGateway } from './gateway.ts'
import { jwkOf, mint, now, nowSeconds, probe, publicKey, specificationWith, stranger } from './testing/rig.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()))
})

/** A server for the key set, and a gateway that uses it, whose clock is `clock.ms`. */
const start = async (listener: RequestListener, keySetMaxAgeMs?: number) => {
  let fetches = 0
  const server = createServer((request, response) => {
    fetches += 1
    listener(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const clock = { ms: now() }
  const gateway = await startGateway({
    specification: specificationWith({
      publicKeys: {
        type: 'REMOTE_JWKS',
        uri: `http://127.0.0.1:${String(port)}/jwk`,
        maxCacheDurationInHours: 2,
      },
    }),
    pathPrefix: '/v1',
    now: () => clock.ms,
    odd: keySetMaxAgeMs === undefined ? {} : { keySetMaxAgeMs },
  })
  closers.push(gateway.close, () => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return { gateway, clock, fetches: () => fetches }
}

const serving =
  (document: unknown): RequestListener =>
  (_, response) => {
    response.end(typeof document === 'string' ? document : JSON.stringify(document))
  }

const key = jwkOf(publicKey)
const lasting = { exp: nowSeconds + 1_000_000 }

describe('remote keys', () => {
  it('verify tokens, and are fetched once for all who wait for them', async () => {
    const { gateway, fetches } = await start(serving({ keys: [key] }))
    const answers = await Promise.all(Array.from({ length: 20 }, () => probe(gateway, { token: mint() })))
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await probe(gateway, { token: mint({ kid: 'unknown' }) })).toMatchObject({ status: 401 })
    expect(fetches()).toBe(1)
  })

  it('are used for as long as the policy says, and then fetched anew', async () => {
    let keys = [key]
    const { gateway, clock, fetches } = await start((_, response) => response.end(JSON.stringify({ keys })))
    const token = mint({}, lasting)
    await probe(gateway, { token })
    keys = [jwkOf(stranger.publicKey)]
    clock.ms += 7_199_999
    expect(await probe(gateway, { token })).toMatchObject({ status: 200 })
    clock.ms += 1
    expect(await probe(gateway, { token })).toMatchObject({ status: 401 })
    expect(fetches()).toBe(2)
  })

  it('may be used for a shorter time than a policy can say', async () => {
    const { gateway, clock, fetches } = await start(serving({ keys: [key] }), 5000)
    await probe(gateway, { token: mint() })
    clock.ms += 5000
    await probe(gateway, { token: mint() })
    expect(fetches()).toBe(2)
  })

  it('that cannot be had fail every request with 500, and are asked for once a second', async () => {
    let isDown = true
    const { gateway, clock, fetches } = await start((_, response) => {
      response.writeHead(isDown ? 503 : 200).end(JSON.stringify({ keys: [key] }))
    })
    for (const request of [{ token: mint() }, {}, { path: '/ping' }, { token: 'junk' }])
      expect(await probe(gateway, request)).toMatchObject({ status: 500, challenge: undefined })
    expect(fetches()).toBe(1)
    isDown = false
    clock.ms += 1000
    expect(await probe(gateway, { token: mint() })).toMatchObject({ status: 200 })
  })

  it('outlive an outage within their time, and not beyond it', async () => {
    let isDown = false
    const { gateway, clock } = await start((request, response) => {
      if (isDown) request.socket.destroy()
      else response.end(JSON.stringify({ keys: [key] }))
    })
    const token = mint({}, lasting)
    await probe(gateway, { token })
    isDown = true
    clock.ms += 3_600_000
    expect(await probe(gateway, { token })).toMatchObject({ status: 200 })
    clock.ms += 3_600_000
    expect(await probe(gateway, { token })).toMatchObject({ status: 500 })
  })

  const unreadable: Record<string, RequestListener> = {
    'no JSON': serving('{'),
    'a page': serving('<html></html>'),
    nothing: serving(''),
    'a list': serving([]),
    'keys that are no list': serving({ keys: {} }),
    'a redirect': (_, response) => response.writeHead(302, { location: '/other' }).end(),
    'more than a megabyte': serving(JSON.stringify({ keys: [key], more: 'x'.repeat(1_100_000) })),
  }
  it.each(Object.entries(unreadable))('are none where the set is %s', async (_, listener) => {
    const { gateway } = await start(listener)
    expect(await probe(gateway, { token: mint() })).toMatchObject({ status: 500 })
  })

  const unusable: Record<string, object> = {
    'a key for encryption': { ...key, use: 'enc' },
    'a key that may not verify': { ...key, key_ops: ['encrypt'] },
    'a key for another algorithm': { ...key, alg: 'PS256' },
    'a key of another type': { kty: 'oct', kid: key.kid, k: 'AAAA' },
    'a key without kid': { ...key, kid: undefined },
    'a key with the exponent 1': { ...key, e: 'AQ' },
    'a modulus that is none': { ...key, n: '' },
  }
  it.each(Object.entries(unusable))('leave out %s, and use the others', async (_, bad) => {
    const { gateway } = await start(serving({ keys: [bad, null, 'x', jwkOf(stranger.publicKey, 'good')] }))
    expect(await probe(gateway, { token: mint() })).toMatchObject({ status: 401 })
    expect(await probe(gateway, { token: mint({ kid: 'good' }, {}, stranger.privateKey) })).toMatchObject({
      status: 200,
    })
  })

  it('may have the shape that IDCS gives them', async () => {
    const { use: _, ...others } = key
    const { gateway } = await start(
      serving({ keys: [{ ...others, x5t: 'x', key_ops: ['encrypt', 'sign'] }] }),
    )
    expect(await probe(gateway, { token: mint() })).toMatchObject({ status: 200 })
  })

  it('may hold private members, which are not used', async () => {
    const { gateway } = await start(
      serving({ keys: [{ ...key, use: undefined, alg: undefined, d: 'AQAB' }] }),
    )
    expect(await probe(gateway, { token: mint() })).toMatchObject({ status: 200 })
  })

  it('that share a kid are the first of them', async () => {
    const { gateway } = await start(serving({ keys: [key, jwkOf(stranger.publicKey)] }))
    expect(await probe(gateway, { token: mint() })).toMatchObject({ status: 200 })
    expect(await probe(gateway, { token: mint({}, {}, stranger.privateKey) })).toMatchObject({ status: 401 })
  })
})
