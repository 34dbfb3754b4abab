import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FaultName, faults } from './faults.ts'
import { type Gateway, startGateway } from './gateway.ts'
import { forged, good, header, respelt, scope, startWith } from './testing/compare.ts'
import {
  base64url,
  exchangeBytes,
  goodClaims,
  goodHeader,
  jwkOf,
  mint,
  now,
  type Probe,
  probe,
  specificationWith,
  stranger,
} from './testing/rig.ts'

const json = JSON.stringify
const claims = json(goodClaims)
const [head = '', payload = '', signature = ''] = good.split('.')
const narrow = scope('x')

let sound: Gateway
beforeAll(async () => {
  sound = await startWith([])
})
afterAll(() => sound.close())

const trailing = (start: string): string =>
  `${start}Transfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n0\r\nAuthorization: Bearer ${good}\r\n\r\n`

describe('a fault that remembers', () => {
  const inTurn = async (name: FaultName, ...requests: readonly Probe[]): Promise<readonly number[]> => {
    const gateway = await startWith([name])
    const statuses: number[] = []
    for (const request of requests) statuses.push((await probe(gateway, request)).status)
    await gateway.close()
    return statuses
  }
  const evil = base64url(json({ ...goodClaims, sub: 'admin' }))
  const otherHead = base64url(json({ ...goodHeader, x: 1 }))

  it.each<[FaultName, string]>([
    ['sig-payload-not-covered', `${head}.${evil}.${signature}`],
    ['sig-header-not-covered', `${otherHead}.${payload}.${signature}`],
    ['sig-cached-by-text', `${otherHead}.${evil}.${signature}`],
  ])('takes a part of a token for the whole: %s', async (name, token) => {
    expect(await inTurn(name, { token }, { token: good }, { token })).toEqual([401, 200, 200])
  })

  it('takes a token for used up, or for good and bad by turns', async () => {
    expect(await inTurn('used-once', { token: good }, { token: good })).toEqual([200, 401])
    expect(await inTurn('alternates', { token: good }, { token: good }, { token: good })).toEqual([
      200, 401, 200,
    ])
  })

  it('takes the verdict of one route for all', async () => {
    const turns = [narrow, { token: narrow.token ?? '' }, narrow]
    expect(await inTurn('scope-cached-cross-route', ...turns)).toEqual([403, 200, 200])
  })

  it('keeps a verdict beyond the end of the token', async () => {
    const clock = { ms: now() }
    const specification = specificationWith()
    const gateway = await startGateway({
      specification,
      pathPrefix: '/v1',
      now: () => clock.ms,
      faults: ['verdict-cached'],
    })
    await probe(gateway, { token: good })
    clock.ms += 3_600_000
    expect(await probe(gateway, { token: good })).toMatchObject({ status: 200 })
    expect(await probe(gateway, { token: mint({}, { jti: 'two' }) })).toMatchObject({ status: 401 })
    await gateway.close()
  })

  it('lets in what follows a good token on its connection', async () => {
    const gateway = await startWith(['connection-bound'])
    const request = 'GET /v1/hello HTTP/1.1\r\nHost: x\r\n'
    const bytes = `${request}Authorization: Bearer ${good}\r\n\r\n${request}Connection: close\r\n\r\n`
    expect((await exchangeBytes(gateway.port, bytes)).match(/HTTP\/1\.1 200/g)).toHaveLength(2)
    await gateway.close()
  })
})

describe('a fault in the bytes', () => {
  const request = 'GET /v1/hello HTTP/1.1\r\nHost: x:1\r\nConnection: close\r\n'
  it.each<[FaultName, string]>([
    ['lenient-http-parser', `${request}Authorization: Bearer\r\n ${good}\r\n\r\n`],
    ['host-duplicate-accepted', `${request}Host: y\r\n\r\n`],
    ['host-trusted', request.replace('x:1', 'HOST.EXAMPLE').concat('\r\n')],
    ['absolute-form-authority', request.replace('/v1', 'http://other/v1').concat('\r\n')],
    ['userinfo-also', request.replace('/v1', `http://x:${good}@x:1/v1`).concat('\r\n')],
    ['path-fragment', request.replace('/hello', '/hello#/ping').concat('\r\n')],
    ['http10-unguarded', 'GET /v1/hello HTTP/1.0\r\n\r\n'],
    ['trailer-also', trailing('POST /v1/hello HTTP/1.1\r\nHost: x:1\r\nConnection: close\r\n')],
  ])('lets in what the sound gateway refuses: %s', async (name, bytes) => {
    const gateway = await startWith([name])
    expect(await exchangeBytes(sound.port, bytes)).toMatch(/^HTTP\/1\.1 4\d\d /)
    expect(await exchangeBytes(gateway.port, bytes)).toMatch(/^HTTP\/1\.1 200 /)
    await gateway.close()
  })

  it.each<[FaultName, Probe]>([
    ['kid-huge-crash', header({ kid: 'x'.repeat(2000) })],
    ['oversize-crash', { token: 'x'.repeat(7000) }],
    ['deep-nesting-crash', respelt(claims.replace('{', `{"deep":${'['.repeat(200)}${']'.repeat(200)},`))],
    [
      'many-members-crash',
      header(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`h${index}`, 1]))),
    ],
  ])('drops the connection: %s', async (name, request) => {
    const gateway = await startWith([name])
    expect((await probe(sound, request)).status).toBeLessThan(500)
    await expect(probe(gateway, request)).rejects.toThrow()
    expect(await probe(gateway, { token: good })).toMatchObject({ status: 200 })
    await gateway.close()
  })

  it.each<[FaultName, Probe]>([
    ['many-dots-hang', { token: '.'.repeat(2000) }],
    ['regex-hang', { token: 'a'.repeat(2000) }],
  ])('never answers: %s', async (name, request) => {
    const gateway = await startWith([name])
    const hanging = probe(gateway, request).then(
      () => 'answered',
      () => 'closed',
    )
    expect(await probe(gateway, { token: good })).toMatchObject({ status: 200 })
    await gateway.close()
    expect(await hanging).toBe('closed')
  })
})

describe('a fault that fetches', () => {
  it('follows the URL that a token names, and trusts what is there', async () => {
    const paths: string[] = []
    const server = createServer((request, response) => {
      paths.push(request.url ?? '')
      response.end(json({ keys: [jwkOf(stranger.publicKey)] }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const jku = `http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}/rogue`
    const gateway = await startWith(['jku-followed'])
    expect(await probe(sound, forged({ jku }))).toMatchObject({ status: 401 })
    expect(paths).toEqual([])
    expect(await probe(gateway, forged({ jku }))).toMatchObject({ status: 200 })
    expect(paths).toEqual(['/rogue'])
    await gateway.close()
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('the list of faults', () => {
  it('says of each what is wrong, in words of its own', () => {
    const texts = Object.values(faults).map(({ text }) => text)
    expect(new Set(texts).size).toBe(texts.length)
    expect(texts.every((text) => text.length > 10 && !text.endsWith('.'))).toBe(true)
  })
})
