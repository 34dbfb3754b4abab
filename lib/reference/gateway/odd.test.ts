import { afterEach, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'
import type { Odd } from './odd.ts'
import { exchangeBytes, mint, now, probe, specificationWith } from './testing/rig.ts'

let gateway: Gateway | undefined
afterEach(async () => gateway?.close())

const clock = { ms: now() }
const start = async (odd: Odd): Promise<Gateway> => {
  gateway = await startGateway({
    specification: specificationWith(),
    pathPrefix: '/v1',
    now: () => clock.ms,
    odd,
  })
  return gateway
}
const token = mint()

describe('an odd gateway', () => {
  it('may reset every so many requests', async () => {
    const started = await start({ resetEvery: 3 })
    const ends = []
    for (let request = 1; request <= 6; request += 1)
      ends.push(
        await probe(started, { token }).then(
          ({ status }) => status,
          () => 'reset',
        ),
      )
    expect(ends).toEqual([200, 200, 'reset', 200, 200, 'reset'])
  })

  it('may limit the rate, and say when to come again', async () => {
    const started = await start({ rateLimit: { perSecond: 2, retryAfterSeconds: 1 } })
    await probe(started, { token })
    await probe(started, {})
    const limited = await probe(started, { token })
    expect({ status: limited.status, after: limited.headers['retry-after'] }).toEqual({
      status: 429,
      after: '1',
    })
    clock.ms += 1000
    expect(await probe(started, { token })).toMatchObject({ status: 200 })
  })

  it('may have a backend that answers with another status', async () => {
    const started = await start({ backendStatus: 404 })
    expect(await probe(started, { token })).toMatchObject({ status: 404, body: 'hello' })
    expect(await probe(started, {})).toMatchObject({ status: 401 })
  })

  it('may end the connection with each refusal', async () => {
    const started = await start({ closesAfterRefusal: true })
    const bytes = `GET /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n`
    expect(await exchangeBytes(started.port, bytes)).toMatch(/^HTTP\/1\.1 401 .*Connection: close/s)
  })

  it('may lock out who sent bad tokens', async () => {
    const started = await start({ lockOut: { after: 2, seconds: 5 } })
    for (const bad of ['x', 'y']) await probe(started, { token: bad })
    expect(await probe(started, { token })).toMatchObject({ status: 401 })
    clock.ms += 5000
    expect(await probe(started, { token })).toMatchObject({ status: 200 })
  })

  it('may be slow', async () => {
    const started = await start({ delayMs: 50 })
    const before = performance.now()
    expect(await probe(started, { token })).toMatchObject({ status: 200 })
    expect(performance.now() - before).toBeGreaterThan(45)
  })
})
