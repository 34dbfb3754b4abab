import { diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Encrypt } from '../../../config/encrypt.ts'
import { openSmithy } from '../../../forge/fixture.ts'
import { encryptToken } from '../../../forge/jwe.ts'
import type { FaultName } from '../faults.ts'
import { startGateway } from '../gateway.ts'
import { mint, now, privateKey, probe, publicKey, specificationWith } from '../testing/rig.ts'
import { secretX } from './curve-arithmetic.ts'

const isOdd = (key: KeyObject): boolean =>
  ((Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url').at(-1) ?? 0) & 1) === 1

const keyPairs = Array.from({ length: 64 }, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
const [odd, even] = [true, false].map((wanted) => keyPairs.find((pair) => isOdd(pair.privateKey) === wanted))
if (odd === undefined || even === undefined) throw new Error('64 keys of one parity')

describe('a private key of P-256 and a public one', () => {
  it('come to what OpenSSL says, where the point is on the curve', () => {
    const jwk = { ...even.publicKey.export({ format: 'jwk' }) }
    expect(secretX(odd.privateKey, jwk)).toEqual(
      diffieHellman({ privateKey: odd.privateKey, publicKey: even.publicKey }),
    )
  })

  it('come to the point of order two itself, or to nothing', () => {
    const x = Buffer.alloc(32, 7)
    const point = { crv: 'P-256', x: x.toString('base64url'), y: Buffer.alloc(32).toString('base64url') }
    expect(secretX(odd.privateKey, point)).toEqual(x)
    expect(secretX(even.privateKey, point)).toBeUndefined()
  })
})

const manner = { alg: 'ECDH-ES', enc: 'A256GCM' } as const
const { scene } = await openSmithy('RS256')
const good = mint()

const forged = (encrypt: Exclude<Encrypt, 'none'>, jws = good): string =>
  encryptToken(jws, encrypt, {
    ...scene,
    encryption: { ...manner, publicKey: odd.publicKey },
    keyring: { ...scene.keyring, publicKey: { key: publicKey, jwk: {}, served: '' } },
  })

const statusOf = async (token: string, faults: readonly FaultName[]): Promise<number> => {
  const encryption = { ...manner, privateKey: odd.privateKey, required: true, signingKey: privateKey }
  const gateway = await startGateway({
    specification: specificationWith(),
    pathPrefix: '/v1',
    now,
    faults,
    beyond: { encryption },
  })
  try {
    return (await probe(gateway, { token })).status
  } finally {
    await gateway.close()
  }
}

describe('a fault in decrypting', () => {
  it.each<[FaultName, string, number]>([
    ['jwe-signing-key-decrypts', forged({ to: 'issuer' }), 200],
    ['jwe-sign-encrypt-confusion', forged({ to: 'issuer', payload: 'claims' }), 200],
    ['jwe-sign-encrypt-confusion', forged({ to: 'issuer' }, `${good.replace(/\.[^.]*$/, '')}.`), 200],
    ['jwe-tag-truncated', forged({ tag: 0 }), 200],
    ['jwe-tag-truncated', forged({ tag: 15 }), 200],
    ['jwe-epk-unchecked', forged({ epk: 'order-two' }), 200],
    ['jwe-epk-crash', forged({ epk: 'off-curve' }), 500],
    ['jwe-epk-crash', forged({ alg: 'ECDH-ES', epk: 'x25519-zero' }), 500],
  ])('%s takes what the sound gateway refuses, and good tokens as before', async (name, token, status) => {
    expect(await statusOf(token, [])).toBe(401)
    expect(await statusOf(token, [name])).toBe(status)
    expect(await statusOf(forged({}), [name])).toBe(200)
  })

  it('jwe-tag-truncated still looks at what there is of the tag', async () => {
    const cut = forged({ tag: 12 })
    const changed = cut.slice(0, -1) + (cut.endsWith('A') ? 'B' : 'A')
    expect(await statusOf(changed, ['jwe-tag-truncated'])).toBe(401)
  })
})
