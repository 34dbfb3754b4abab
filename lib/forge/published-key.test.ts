import { createPublicKey, randomBytes, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { algorithmOf } from './algorithm.ts'
import { makeMaterial } from './published-key.ts'

const input = Buffer.from('header.claims')
const make = (kind: Parameters<typeof makeMaterial>[0]) => makeMaterial(kind, 'RS256', randomBytes)
const algorithm = (name: string) => {
  const found = algorithmOf(name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}
const publicKeyOf = (jwk: object) => createPublicKey({ key: { ...jwk }, format: 'jwk' })

describe('a key that a case publishes', () => {
  it.each(['fresh', 'RS256', 'rsa-1024', 'rsa-roca'] as const)('of the kind %s signs', async (kind) => {
    const { jwk, alg, sign } = await make(kind)
    expect(alg).toBe('RS256')
    expect(verify('sha256', input, publicKeyOf(jwk), sign(algorithm('RS256'), input))).toBe(true)
  })

  it.each(['ES256', 'ES384', 'ES256K'] as const)('of the kind %s signs', async (kind) => {
    const { jwk, sign } = await make(kind)
    const { hash } = algorithm(kind)
    const key = { key: publicKeyOf(jwk), dsaEncoding: 'ieee-p1363' } as const
    expect(verify(hash, input, key, sign(algorithm(kind), input))).toBe(true)
  })

  it.each(['EdDSA', 'Ed448', 'eddsa-small-order'] as const)('of the kind %s signs', async (kind) => {
    const { jwk, sign } = await make(kind)
    expect(verify(null, input, publicKeyOf(jwk), sign(algorithm('EdDSA'), input))).toBe(true)
  })

  it('with the exponent 1 has texts that are their own signatures', async () => {
    const { jwk, sign } = await make('rsa-exponent-1')
    expect(jwk).toMatchObject({ kty: 'RSA', e: 'AQ' })
    const signature = sign(algorithm('RS256'), input)
    expect([signature.length, signature.subarray(0, 4).toString('hex')]).toEqual([256, '0001ffff'])
  })

  it('may lie beside its curve', async () => {
    const { jwk } = await make('ec-off-curve')
    expect(() => publicKeyOf(jwk)).toThrow()
  })

  it('may have the fingerprint of weak primes', async () => {
    const { jwk } = await make('rsa-roca')
    const n = BigInt(`0x${Buffer.from(String(jwk.n), 'base64url').toString('hex')}`)
    // In each of these groups the powers of 65537 are few, and a modulus of two random primes is seldom among them.
    for (const prime of [11n, 13n, 17n, 19n, 37n, 53n, 61n, 71n, 73n, 79n, 97n, 103n, 107n, 109n, 127n]) {
      const powers = new Set<bigint>()
      for (let at = 1n; !powers.has(at); at = (at * 65537n) % prime) powers.add(at)
      expect(powers.has(n % prime)).toBe(true)
    }
  })

  it('may be a secret', async () => {
    const { jwk, sign } = await make('oct')
    expect(jwk).toMatchObject({ kty: 'oct' })
    expect(sign(algorithm('HS256'), input)).toHaveLength(32)
  })
})
