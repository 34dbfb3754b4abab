import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FaultName } from '../faults.ts'
import { forged, startWith } from '../testing/compare.ts'
import { issuer, jwkOf, mint, probe, stranger } from '../testing/rig.ts'

let rogue: Server
let url: string
let paths: string[] = []

beforeAll(async () => {
  rogue = createServer((request, response) => {
    paths.push(request.url ?? '')
    response.end(JSON.stringify({ jwks_uri: `${url}/jwks`, keys: [jwkOf(stranger.publicKey)] }))
  })
  await new Promise<void>((resolve) => rogue.listen(0, '127.0.0.1', resolve))
  const address = rogue.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})
afterAll(() => new Promise((resolve) => rogue.close(resolve)))

describe('a URL in the token', () => {
  it.each<[FaultName, () => string, string[]]>([
    ['jku-followed', () => mint({ jku: `${url}/jku` }, {}, stranger.privateKey), ['/jku']],
    ['x5u-followed', () => mint({ x5u: `${url}/x5u` }, {}, stranger.privateKey), ['/x5u']],
    ['kid-url-followed', () => mint({ kid: `${url}/kid` }, {}, stranger.privateKey), ['/kid']],
    [
      'jku-prefix-allowed',
      () => {
        const trusted = issuer.replace(/^https:\/\/|\/$/g, '')
        return mint({ jku: url.replace('//', `//${trusted}@`) }, {}, stranger.privateKey)
      },
      ['/'],
    ],
  ])('is fetched and trusted where the fault is, and by nobody else: %s', async (name, token, fetched) => {
    paths = []
    const [sound, faulty] = await Promise.all([startWith([]), startWith([name])])
    expect(await probe(sound, { token: token() })).toMatchObject({ status: 401 })
    expect(paths).toEqual([])
    expect(await probe(faulty, { token: token() })).toMatchObject({ status: 200 })
    expect(paths).toEqual(fetched)
    await Promise.all([sound.close(), faulty.close()])
  })

  it('is fetched where it is the issuer of a token, and the fault is there', async () => {
    paths = []
    const gateway = await startWith(['issuer-followed'])
    expect(await probe(gateway, { token: mint({}, { iss: url }, stranger.privateKey) })).toMatchObject({
      status: 401,
    })
    expect(paths).toEqual(['/.well-known/openid-configuration', '/jwks'])
    await gateway.close()
  })

  it('is fetched where it names another host without a scheme, and the fault is there', async () => {
    paths = []
    const gateway = await startWith(['jku-relative-followed'], {
      issuers: ['http://idp.example.test/', issuer],
    })
    const jku = `${url.replace('http:', '')}/jku`
    expect(await probe(gateway, { token: mint({ jku }, {}, stranger.privateKey) })).toMatchObject({
      status: 200,
    })
    expect(paths).toEqual(['/jku'])
    await gateway.close()
  })

  it('tells the keys of the token that names it, and of no other', async () => {
    const gateway = await startWith(['jku-followed'])
    const rogue = mint({ jku: `${url}/jku` }, {}, stranger.privateKey)
    expect(await probe(gateway, { token: rogue })).toMatchObject({ status: 200 })
    expect(await probe(gateway, forged({}))).toMatchObject({ status: 401 })
    await gateway.close()
  })

  it('is followed to no other machine', async () => {
    const gateway = await startWith(['jku-followed'])
    expect(await probe(gateway, forged({ jku: 'https://idp.example.test/jwks' }))).toMatchObject({
      status: 401,
    })
    await gateway.close()
  })
})
