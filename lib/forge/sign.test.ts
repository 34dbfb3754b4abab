import { constants, createHmac, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { shapes, type Sign } from '../config/deviation.ts'
import type { AlgorithmName } from './algorithm.ts'
import { openSmithy, type Smithy } from './fixture.ts'
import { makeSignature } from './sign.ts'
import { ValueError, type Scene } from './scene.ts'

const rsa = await openSmithy('RS256')
const pss = await openSmithy('PS256')
const ec = await openSmithy('ES256')
const ed = await openSmithy('EdDSA')

const input = 'header.payload'

/** The signature that a deviation makes under a header that names `alg`. */
const signed = (smithy: Smithy, sign: Sign, alg: unknown = smithy.good.algorithm.name): Buffer =>
  makeSignature(sign, { header: { alg }, input, good: smithy.good }, smithy.scene)

const verifies = (alg: AlgorithmName, key: KeyObject, signature: Buffer): boolean => {
  const hash = `sha${alg.slice(-3)}`
  const data = Buffer.from(input)
  if (alg === 'EdDSA') return verify(null, data, key, signature)
  if (alg.startsWith('ES')) return verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  if (!alg.startsWith('PS')) return verify(hash, data, key, signature)
  const padding = constants.RSA_PKCS1_PSS_PADDING
  return verify(hash, data, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature)
}

const integer = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

describe('who signs', () => {
  test.each([
    ['RS256', rsa],
    ['PS256', pss],
    ['ES256', ec],
    ['EdDSA', ed],
  ] as const)('with %s is told apart by the key that verifies', (alg, smithy) => {
    const attacker = smithy.scene.keyring.attacker(smithy.good.algorithm).publicKey
    const [first, second] = smithy.keys
    expect(verifies(alg, first.publicKey, signed(smithy, 'issuer'))).toBe(true)
    expect(verifies(alg, second.publicKey, signed(smithy, { key: 'second' }))).toBe(true)
    expect(verifies(alg, attacker, signed(smithy, 'attacker'))).toBe(true)
    expect(verifies(alg, first.publicKey, signed(smithy, 'attacker'))).toBe(false)
  })

  test('may be nobody, or whoever signed the good token', () => {
    expect(signed(rsa, 'none')).toHaveLength(0)
    expect(signed(rsa, 'keep')).toEqual(rsa.good.signature)
  })

  test('cannot be an issuer whose key is not ours', () => {
    const scene: Scene = { ...rsa.scene, keyring: { ...rsa.scene.keyring, issuer: [] } }
    const parts = { header: {}, input, good: rsa.good }
    expect(() => makeSignature('issuer', parts, scene)).toThrow(ValueError)
    expect(makeSignature({ shape: 'zero' }, parts, scene)).toEqual(Buffer.alloc(256))
  })
})

describe('the algorithm', () => {
  const [key] = rsa.keys

  test('is that of the header where the key can do it', () => {
    expect(verifies('RS512', key.publicKey, signed(rsa, 'issuer', 'RS512'))).toBe(true)
    expect(verifies('PS256', key.publicKey, signed(rsa, 'issuer', 'PS256'))).toBe(true)
  })

  test('is that of the good token where the header names another kind, none or nonsense', () => {
    for (const alg of ['ES256', 'HS256', 'none', undefined, 7])
      expect(verifies('RS256', key.publicKey, signed(rsa, 'issuer', alg))).toBe(true)
  })

  test('is whatever is asked for, of any kind where an attacker signs', () => {
    const attacker = ec.scene.keyring.attacker({ ...ec.good.algorithm, curve: 'P-384' }).publicKey
    expect(verifies('ES384', attacker, signed(ec, { key: 'attacker', alg: 'ES384' }))).toBe(true)
    expect(() => signed(rsa, { alg: 'ES256' })).toThrow(ValueError)
    expect(() => signed(rsa, { alg: 'XX256' })).toThrow(ValueError)
  })

  test.each(['RS256', 'RS384', 'PS512', 'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'HS256'])(
    'an attacker has a key for %s',
    (alg) => {
      expect(signed(rsa, { key: 'attacker', alg }).length).toBeGreaterThan(31)
    },
  )
})

describe('the salt of PSS', () => {
  const [{ publicKey: key }] = pss.keys
  const withSalt = (signature: Buffer, saltLength: number) =>
    verify(
      'sha256',
      Buffer.from(input),
      { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
      signature,
    )

  test.each([
    [0, 0],
    [20, 20],
    ['less-one', 31],
    ['max', 256 - 32 - 2],
  ] as const)('%s is one of %i bytes', (saltLength, bytes) => {
    const signature = signed(pss, { pss: { saltLength } })
    expect(withSalt(signature, bytes)).toBe(true)
    expect(withSalt(signature, 32)).toBe(false)
  })
})

describe('an HMAC', () => {
  const mac = (secret: Uint8Array | string, hash = 'sha256') =>
    createHmac(hash, secret).update(input).digest()

  test('with the public key in PEM is what a confused verifier would compute', () => {
    const pem = rsa.keys[0].publicKey.export({ type: 'spki', format: 'pem' })
    expect(signed(rsa, { key: 'hmac', secret: { public: 'spki-pem-lf' } }, 'HS256')).toEqual(
      mac(pem.toString()),
    )
    expect(signed(rsa, { key: 'hmac', secret: { public: 'spki-pem-lf' } }, 'HS512')).toEqual(
      mac(pem.toString(), 'sha512'),
    )
  })

  test.each<[Sign, Uint8Array]>([
    [{ key: 'hmac', secret: 'empty' }, Buffer.alloc(0)],
    [{ key: 'hmac', secret: { zeros: 32 } }, Buffer.alloc(32)],
    [{ key: 'hmac', secret: { text: 'secret' } }, Buffer.from('secret')],
    [{ key: 'hmac', secret: { text: { $header: 'kid' } } }, Buffer.from('key-1')],
  ])('%j', (sign, secret) => {
    expect(signed(rsa, sign, 'HS256')).toEqual(mac(secret))
  })

  test('with a secret of chance is another each time', () => {
    expect(signed(rsa, { key: 'hmac' }, 'HS256')).not.toEqual(signed(rsa, { key: 'hmac' }, 'HS256'))
  })

  test('is cut to so many bytes', () => {
    const whole = signed(rsa, { key: 'hmac', secret: 'empty' }, 'HS256')
    for (const [shape, bytes] of [
      ['mac-10', 10],
      ['mac-16', 16],
    ] as const)
      expect(signed(rsa, { key: 'hmac', secret: 'empty', shape }, 'HS256')).toEqual(whole.subarray(0, bytes))
  })

  test('cannot be made of a form that the key does not have', () => {
    expect(() => signed(rsa, { key: 'hmac', secret: { public: 'okp-raw' } })).toThrow(ValueError)
    const { publicKey, ...keyring } = rsa.scene.keyring
    expect(publicKey).toBeDefined()
    const scene = { ...rsa.scene, keyring }
    const parts = { header: {}, input, good: rsa.good }
    expect(() => makeSignature({ key: 'hmac', secret: { public: 'modulus' } }, parts, scene)).toThrow(
      ValueError,
    )
  })
})

describe('the shape of an RSA signature', () => {
  const [{ publicKey }] = rsa.keys
  const n = integer(Buffer.from(publicKey.export({ format: 'jwk' }).n ?? '', 'base64url'))
  const natural = signed(rsa, 'issuer')
  const shaped = (shape: (typeof shapes)[number]) => signed(rsa, { shape })

  test('plus the modulus is the same number modulo n, and no signature (RFC 8017 section 5.2.2)', () => {
    const sum = shaped('rsa-plus-modulus')
    expect(integer(sum)).toBe(integer(natural) + n)
    expect(integer(sum) % n).toBe(integer(natural))
    expect(verifies('RS256', publicKey, sum)).toBe(false)
  })

  test.each([
    ['zero', 0n],
    ['ff', 256n ** 256n - 1n],
    ['rsa-zero', 0n],
    ['rsa-one', 1n],
    ['rsa-modulus', n],
    ['rsa-modulus-minus-one', n - 1n],
  ] as const)('%s is as long as a good one', (shape, number) => {
    const signature = shaped(shape)
    expect(signature).toHaveLength(natural.length)
    expect(integer(signature)).toBe(number)
    expect(verifies('RS256', publicKey, signature)).toBe(false)
  })

  test('with a zero more is the same number in another length', () => {
    expect(shaped('leading-zero')).toEqual(Buffer.concat([Buffer.of(0), natural]))
    expect(shaped('trailing-zero')).toEqual(Buffer.concat([natural, Buffer.of(0)]))
  })

  test('of chance is another each time, of the right length', () => {
    expect(shaped('random')).toHaveLength(natural.length)
    expect(shaped('random')).not.toEqual(shaped('random'))
  })

  test('needs an RSA key', () => {
    expect(() => signed(ec, { shape: 'rsa-modulus' })).toThrow(ValueError)
    expect(() => signed(rsa, { shape: 'ecdsa-der' })).toThrow(ValueError)
  })
})

describe.each([
  ['ES256', 32],
  ['ES384', 48],
  ['ES512', 66],
  ['ES256K', 32],
] as const)('the shape of an ECDSA signature with %s', async (alg, bytes) => {
  const smithy = await openSmithy(alg)
  const [{ publicKey }] = smithy.keys
  const hash = { ES256: 'sha256', ES256K: 'sha256', ES384: 'sha384', ES512: 'sha512' }[alg]
  const valid = (signature: Buffer, dsaEncoding: 'ieee-p1363' | 'der') =>
    verify(hash, Buffer.from(input), { key: publicKey, dsaEncoding }, signature)
  const shaped = (shape: (typeof shapes)[number]) => signed(smithy, { shape })

  test('in DER verifies as DER alone', () => {
    const signature = shaped('ecdsa-der')
    expect(valid(signature, 'der')).toBe(true)
    expect(valid(signature, 'ieee-p1363')).toBe(false)
  })

  test('with a high s verifies, and s is in the upper half', () => {
    const signature = shaped('ecdsa-high-s')
    expect(valid(signature, 'ieee-p1363')).toBe(true)
    const s = integer(signature.subarray(bytes))
    expect(signature).toHaveLength(2 * bytes)
    // Its other half verifies too, and is lower.
    const order = integer(signed(smithy, { numbers: { r: 'one', s: 'order' } }).subarray(bytes))
    expect(s * 2n > order).toBe(true)
    expect(s < order).toBe(true)
  })

  test('at the edges is no signature, and as long as one', () => {
    for (const r of ['zero', 'one', 'order-less-one', 'order'] as const)
      for (const s of ['zero', 'one', 'order-less-one', 'order'] as const) {
        const signature = signed(smithy, { numbers: { r, s } })
        expect(signature).toHaveLength(2 * bytes)
        expect(valid(signature, 'ieee-p1363')).toBe(false)
      }
  })

  test('padded holds the same numbers, each with a zero before it', () => {
    const signature = shaped('ecdsa-padded')
    expect(signature).toHaveLength(2 * bytes + 2)
    const half = (at: number) => signature.subarray(at, at + bytes)
    expect(valid(Buffer.concat([half(1), half(bytes + 2)]), 'ieee-p1363')).toBe(true)
    expect(valid(signature, 'ieee-p1363')).toBe(false)
  })

  test('of zeros in DER is what broken verifiers took', () => {
    expect(shaped('ecdsa-zero-der').toString('hex')).toBe('3006020100020100')
  })
})

describe('the shape of an EdDSA signature', () => {
  const [{ publicKey }] = ed.keys
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const little = (bytes: Buffer) => integer(Buffer.from(bytes).reverse())

  test('plus the order is the same number modulo it, and must be refused (RFC 8032 section 5.1.7)', () => {
    const natural = signed(ed, 'issuer')
    const signature = signed(ed, { shape: 'eddsa-plus-order' })
    expect(signature.subarray(0, 32)).toEqual(natural.subarray(0, 32))
    expect(little(signature.subarray(32))).toBe(little(natural.subarray(32)) + order)
    expect(verifies('EdDSA', publicKey, signature)).toBe(false)
  })

  test('of small order verifies under a key of small order, and under no other', () => {
    const signature = signed(ed, { shape: 'eddsa-small-order' })
    const point = Buffer.from(signature.subarray(0, 32))
    const weak = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') },
      format: 'jwk',
    })
    expect(verifies('EdDSA', weak, signature)).toBe(true)
    expect(verifies('EdDSA', publicKey, signature)).toBe(false)
  })
})

test('every shape can be made of some key', () => {
  const makes = (smithy: Smithy, shape: (typeof shapes)[number]): boolean => {
    try {
      return signed(smithy, { shape }).length > 0
    } catch (error) {
      if (error instanceof ValueError) return false
      throw error
    }
  }
  expect(shapes.filter((shape) => ![rsa, ec, ed].some((smithy) => makes(smithy, shape)))).toEqual([])
})
