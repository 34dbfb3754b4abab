import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { CompactEncrypt } from 'jose'
import { describe, expect, it } from 'vitest'
import type { TokenEncryption } from '../../config/token-source.ts'
import { encryptFor, encryptToken } from '../../forge/jwe.ts'
import type { Encrypt } from '../../config/encrypt.ts'
import { openSmithy } from '../../forge/fixture.ts'
import type { FaultName } from './faults.ts'
import { startGateway } from './gateway.ts'
import type { Encryption } from './open-token.ts'
import {
  base64url,
  goodClaims,
  mint,
  now,
  privateKey,
  probe,
  specificationWith,
  stranger,
} from './testing/rig.ts'

const good = mint()
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })

const receiving = (required: boolean): Encryption => ({
  privateKey: rsa.privateKey,
  alg: 'RSA-OAEP-256',
  enc: 'A256GCM',
  required,
  signingKey: privateKey,
})
const sending: TokenEncryption = {
  publicKey: rsa.publicKey,
  kid: 'enc-1',
  alg: 'RSA-OAEP-256',
  enc: 'A256GCM',
}

const statusOf = async (
  token: string,
  encryption: Encryption | undefined,
  faults: readonly FaultName[] = [],
): Promise<number> => {
  const gateway = await startGateway({
    specification: specificationWith(),
    pathPrefix: '/v1',
    now,
    faults,
    ...(encryption === undefined ? {} : { beyond: { encryption } }),
  })
  try {
    return (await probe(gateway, { token })).status
  } finally {
    await gateway.close()
  }
}

const sealed = (token: string): string => encryptFor(sending, token, (bytes) => randomBytes(bytes))
const { scene } = await openSmithy('RS256')
const forged = (encrypt: Exclude<Encrypt, 'none'>, token = good): string =>
  encryptToken(token, encrypt, { ...scene, encryption: sending })

const byJose = (plaintext: string | Buffer, header: object = {}): Promise<string> =>
  new CompactEncrypt(Buffer.from(plaintext))
    .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', ...header })
    .encrypt(rsa.publicKey)

describe('a gateway that decrypts', () => {
  it('lets in a good token that was encrypted to it, by us or by jose', async () => {
    expect(await statusOf(sealed(good), receiving(true))).toBe(200)
    expect(await statusOf(await byJose(good, { cty: 'JWT' }), receiving(true))).toBe(200)
  })

  it('lets in a good token that is only signed, unless encryption is required', async () => {
    expect(await statusOf(good, receiving(false))).toBe(200)
    expect(await statusOf(good, receiving(true))).toBe(401)
  })

  it('decrypts what was agreed on with a curve', async () => {
    const manner = { alg: 'ECDH-ES', enc: 'A256GCM' }
    const token = encryptFor({ publicKey: ec.publicKey, ...manner }, good, (bytes) => randomBytes(bytes))
    expect(await statusOf(token, { privateKey: ec.privateKey, ...manner, required: true })).toBe(200)
  })

  it.each<[string, () => string | Promise<string>]>([
    ['an expired token', () => sealed(mint({}, { exp: goodClaims.iat }))],
    ['a token of another audience', () => sealed(mint({}, { aud: 'other' }))],
    ['a forged token', () => sealed(mint({}, {}, stranger.privateKey))],
    [
      'an unsecured token',
      () => sealed(`${base64url('{"alg":"none"}')}.${base64url(JSON.stringify(goodClaims))}.`),
    ],
    ['claims alone', () => byJose(JSON.stringify(goodClaims))],
    ['another token of five parts', () => sealed(sealed(good))],
    ['a good token by another algorithm', () => forged({ alg: 'RSA-OAEP' })],
    ['a good token by another encryption', () => forged({ enc: 'A128GCM' })],
    ['what unpacks beyond measure', () => forged({ bomb: 1_000_000 })],
    [
      'what says that it is compressed and is not',
      async () => {
        const [header = '', ...rest] = (await byJose(good)).split('.')
        const members: unknown = JSON.parse(Buffer.from(header, 'base64url').toString())
        return [base64url(JSON.stringify({ ...(members ?? {}), zip: 'DEF' })), ...rest].join('.')
      },
    ],
    ['two billion rounds of hashing', () => forged({ alg: 'PBES2-HS256+A128KW', p2c: 2_147_483_647 })],
    ['five parts of nothing', () => '....'],
    ['five parts of anything', () => 'a.b.c.d.e'],
  ])('refuses %s', async (_, make) => {
    // What is no token at all is malformed.
    expect([400, 401]).toContain(await statusOf(await make(), receiving(true)))
  })
})

it('a gateway without a key refuses every token of five parts', async () => {
  expect(await statusOf(sealed(good), undefined)).toBe(401)
})

const unsecured = `${base64url('{"alg":"none"}')}.${base64url(JSON.stringify(goodClaims))}.`
const padded = mint({}, { x_padding: 'A'.repeat(500_000) })

describe('a fault in decrypting', () => {
  it.each<[FaultName, () => string | Promise<string>]>([
    ['jwe-unsecured-accepted', () => sealed(unsecured)],
    ['jwe-raw-json-accepted', () => byJose(JSON.stringify(goodClaims))],
    ['jwe-inner-unverified', () => sealed(mint({}, {}, stranger.privateKey))],
    ['jwe-inner-claims-unchecked', () => sealed(mint({}, { aud: 'other' }))],
    ['jwe-plain-accepted', () => good],
    ['jwe-alg-none', () => forged({ alg: 'none', contentKey: 'empty', payload: 'claims' })],
    ['jwe-empty-key', () => forged({ alg: 'dir', contentKey: 'empty', payload: 'claims' })],
    ['jwe-zero-key', () => forged({ alg: 'dir', contentKey: 'zeros', enc: 'A128CBC-HS256' })],
    ['jwe-zip-unbounded', () => byCompressing(padded)],
  ])('%s lets in what the sound gateway refuses', async (name, make) => {
    const token = await make()
    expect(await statusOf(token, receiving(true))).toBe(401)
    expect(await statusOf(token, receiving(true), [name])).toBe(200)
    expect(await statusOf(sealed(good), receiving(true), [name])).toBe(200)
  })
})

const byCompressing = (token: string): string => {
  expect(deflateRawSync(token).length).toBeLessThan(8000)
  return forged({ zip: true }, token)
}
