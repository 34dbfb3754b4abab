import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from './gateway.ts'
import { thumbprintOf } from './check-proof.ts'
import { base64url, mint, now, nowSeconds, probe, type Seen, specificationWith } from './testing/rig.ts'

const origin = 'https://api.example.test'
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = { ...key.publicKey.export({ format: 'jwk' }) }
const bound = mint({}, { cnf: { jkt: thumbprintOf(jwk) } })

const athOf = (token: string) => createHash('sha256').update(token).digest('base64url')

const proofWith = (claims: object = {}, header: object = {}): string => {
  const input = [
    { typ: 'dpop+jwt', alg: 'ES256', jwk, ...header },
    {
      jti: randomUUID(),
      htm: 'GET',
      htu: `${origin}/v1/hello`,
      iat: nowSeconds,
      ath: athOf(bound),
      ...claims,
    },
  ]
    .map((part) => base64url(JSON.stringify(part)))
    .join('.')
  const signature = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${input}.${base64url(signature)}`
}

const opened: Gateway[] = []
const open = async (nonce: 'required' | 'optional'): Promise<Gateway> => {
  const gateway = await startGateway({
    specification: specificationWith(),
    pathPrefix: '/v1',
    now,
    beyond: { dpop: { algorithms: ['ES256'], origin, nonce } },
  })
  opened.push(gateway)
  return gateway
}
let plain: Gateway
let strict: Gateway
beforeAll(async () => {
  plain = await open('optional')
  strict = await open('required')
})
afterAll(() => Promise.all(opened.map((gateway) => gateway.close())))

const ask = (gateway: Gateway, ...proofs: readonly string[]): Promise<Seen> =>
  probe(gateway, {
    headers: ['Authorization', `DPoP ${bound}`, ...proofs.flatMap((proof) => ['DPoP', proof])],
  })

describe('a token that is bound by DPoP', () => {
  it('gets in with a good proof, once', async () => {
    const proof = proofWith()
    expect(await ask(plain, proof)).toMatchObject({ status: 200 })
    const { status, challenge } = await ask(plain, proof)
    expect(status).toBe(401)
    expect(challenge).toMatch(
      /^Bearer realm="gateway", DPoP error="invalid_dpop_proof", error_description="[^"]+", algs="ES256"$/,
    )
  })

  it.each<[string, readonly string[]]>([
    ['no proof', []],
    ['two proofs', [proofWith(), proofWith()]],
    ['what is no proof', ['x']],
    ['another type', [proofWith({}, { typ: 'JWT' })]],
    ['an algorithm that is not taken', [proofWith({}, { alg: 'ES384' })]],
    ['a private key in it', [proofWith({}, { jwk: key.privateKey.export({ format: 'jwk' }) })]],
    ['no identifier', [proofWith({ jti: undefined })]],
    ['another method', [proofWith({ htm: 'get' })]],
    ['another URI', [proofWith({ htu: `${origin}/v1/orders` })]],
    ['the URI that the client dialled', [proofWith({ htu: 'http://127.0.0.1/v1/hello' })]],
    ['an old time', [proofWith({ iat: nowSeconds - 301 })]],
    ['a time to come', [proofWith({ iat: nowSeconds + 301 })]],
    ['another token', [proofWith({ ath: athOf('x') })]],
    ['something that must be understood', [proofWith({}, { crit: ['x'], x: 1 })]],
  ])('is refused with %s', async (_, proofs) => {
    const { status, challenge } = await ask(plain, ...proofs)
    expect({ status, isAboutProof: challenge?.includes('DPoP error="invalid_dpop_proof"') }).toEqual({
      status: 401,
      isAboutProof: true,
    })
  })

  it('gets in with its URI in another spelling', async () => {
    const spelled = `HTTPS://API.example.test:443/v1/hello?a=b#c`
    expect(await ask(plain, proofWith({ htu: spelled }))).toMatchObject({ status: 200 })
  })

  it('is no bearer token', async () => {
    const { status, challenge } = await probe(plain, { token: bound })
    expect(status).toBe(401)
    expect(challenge).toMatch(/^Bearer realm="gateway", error="invalid_token", .*, DPoP algs="ES256"$/)
  })
})

it('a token that is bound to nothing is a bearer token, and no proof makes it another', async () => {
  const token = mint()
  expect(await probe(plain, { token })).toMatchObject({ status: 200 })
  const headers = ['Authorization', `DPoP ${token}`, 'DPoP', proofWith({ ath: athOf(token) })]
  expect(await probe(plain, { headers })).toMatchObject({ status: 401 })
})

it('a request without a token is told of both schemes', async () => {
  expect(await probe(plain)).toMatchObject({
    status: 401,
    challenge: 'Bearer realm="gateway", DPoP algs="ES256"',
  })
})

it('a nonce is asked for, given, and taken', async () => {
  const first = await ask(strict, proofWith())
  expect(first.challenge).toContain('DPoP error="use_dpop_nonce"')
  const nonce = first.headers['dpop-nonce']
  expect(await ask(strict, proofWith({ nonce: 'other' }))).toMatchObject({ status: 401 })
  expect(await ask(strict, proofWith({ nonce }))).toMatchObject({ status: 200 })
})
