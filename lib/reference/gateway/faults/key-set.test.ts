import { createHmac, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { FaultName } from '../faults.ts'
import { startGateway } from '../gateway.ts'
import { good } from '../testing/compare.ts'
import {
  base64url,
  goodClaims,
  jwkOf,
  mint,
  now,
  probe,
  publicKey,
  specificationWith,
  stranger,
} from '../testing/rig.ts'

const statusWith = async (faults: readonly FaultName[], keys: readonly object[], token: string) => {
  const gateway = await startGateway({
    specification: specificationWith({
      publicKeys: { type: 'REMOTE_JWKS', uri: 'https://idp.example.test/jwk' },
    }),
    pathPrefix: '/v1',
    now,
    faults,
    fetchKeys: () => Promise.resolve({ document: { keys: [jwkOf(publicKey), ...keys] } }),
  })
  expect(await probe(gateway, { token: good })).toMatchObject({ status: 200 })
  const { status } = await probe(gateway, { token })
  await gateway.close()
  return status
}

const withMac = (secret: Buffer | string, kid = 'other'): string => {
  const input = [{ alg: 'HS256', kid }, goodClaims].map((part) => base64url(JSON.stringify(part))).join('.')
  return `${input}.${base64url(createHmac('sha256', secret).update(input).digest())}`
}

const other = jwkOf(stranger.publicKey, 'other')
const byOther = mint({ kid: 'other' }, {}, stranger.privateKey)
const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
const der = Buffer.from('a certificate')
const pem = `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`

describe('a key of the set that may not verify', () => {
  it.each<[FaultName, object, string]>([
    ['jwks-use-ignored', { ...other, use: 'enc' }, byOther],
    ['jwks-key-ops-ignored', { ...other, key_ops: ['encrypt'] }, byOther],
    ['jwks-oct-used', { kty: 'oct', kid: 'other', k: base64url('secret') }, withMac('secret')],
    ['rsa-1024-accepted', jwkOf(short.publicKey, 'other'), mint({ kid: 'other' }, {}, short.privateKey)],
    ['rsa-exponent-unchecked', { ...other, e: 'AQ' }, `${byOther.slice(0, byOther.lastIndexOf('.'))}.AAAA`],
    ['alg-confusion-certificate-der', { ...other, x5c: [der.toString('base64')] }, withMac(der)],
    ['alg-confusion-certificate-pem', { ...other, x5c: [der.toString('base64')] }, withMac(pem)],
  ])('verifies where the fault is: %s', async (name, key, token) => {
    expect(await statusWith([], [key], token)).toBe(401)
    expect(await statusWith([name], [key], token)).toBe(200)
  })

  it('is each but the first, where the fault is', async () => {
    expect(await statusWith([], [other], byOther)).toBe(200)
    expect(await statusWith(['first-key-only'], [other], byOther)).toBe(401)
  })
})
