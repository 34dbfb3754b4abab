import { generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { compactDecrypt, decodeProtectedHeader } from 'jose'
import { describe, expect, test } from 'vitest'
import type { TokenEncryption } from '../config/token-source.ts'
import { contentAlgorithms, type Encrypt } from '../config/encrypt.ts'
import { decode, encode } from './base64.ts'
import { openSmithy } from './fixture.ts'
import { derive } from './jwe-agreement.ts'
import { sealContent } from './jwe-content.ts'
import { encryptFor, encryptToken } from './jwe.ts'
import { forgeToken } from './token.ts'
import { ValueError, type Scene } from './scene.ts'

const random = (bytes: number) => randomBytes(bytes)
const smithy = await openSmithy('RS256')
const { jws } = smithy.good

const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  'P-521': generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  X25519: generateKeyPairSync('x25519'),
} as const

const gatewayOf = (kind: keyof typeof pairs, alg: string, enc = 'A256GCM'): TokenEncryption => ({
  publicKey: pairs[kind].publicKey,
  kid: 'enc-1',
  alg,
  enc,
})

const opened = async (token: string, key: KeyObject | Uint8Array) => {
  const { plaintext, protectedHeader } = await compactDecrypt(token, key)
  return { text: Buffer.from(plaintext).toString(), header: protectedHeader }
}

describe('a good token for a gateway that decrypts', () => {
  test.each([
    ['rsa', 'RSA-OAEP'],
    ['rsa', 'RSA-OAEP-256'],
    ['rsa', 'RSA-OAEP-384'],
    ['rsa', 'RSA-OAEP-512'],
    ['P-256', 'ECDH-ES'],
    ['P-521', 'ECDH-ES'],
    ['X25519', 'ECDH-ES'],
    ['P-256', 'ECDH-ES+A128KW'],
    ['P-256', 'ECDH-ES+A192KW'],
    ['P-521', 'ECDH-ES+A256KW'],
  ] as const)('with a key of %s is decrypted by jose as %s', async (kind, alg) => {
    const token = encryptFor(gatewayOf(kind, alg), jws, random)
    const { text, header } = await opened(token, pairs[kind].privateKey)
    expect(text).toBe(jws)
    expect(header).toMatchObject({ alg, enc: 'A256GCM', kid: 'enc-1', cty: 'JWT' })
  })

  test.each(contentAlgorithms)('is decrypted by jose as %s, agreed on or encrypted', async (enc) => {
    const agreed = encryptFor(gatewayOf('P-256', 'ECDH-ES', enc), jws, random)
    expect((await opened(agreed, pairs['P-256'].privateKey)).text).toBe(jws)
    const sent = encryptFor(gatewayOf('rsa', 'RSA-OAEP-256', enc), jws, random)
    expect((await opened(sent, pairs.rsa.privateKey)).text).toBe(jws)
  })
})

/** RFC 7516, appendices A.1 and A.3. */
test.each([
  {
    enc: 'A256GCM',
    header: '{"alg":"RSA-OAEP","enc":"A256GCM"}',
    text: 'The true sign of intelligence is not knowledge but imagination.',
    bytes: [
      177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110, 91, 112, 46,
      34, 105, 47, 130, 203, 46, 122, 234, 64, 252,
    ],
    vector: [227, 197, 117, 252, 2, 219, 233, 68, 180, 225, 77, 219],
    ciphertext: '5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A',
    tag: 'XFBoMYUZodetZdvTiFvSkQ',
  },
  {
    enc: 'A128CBC-HS256',
    header: '{"alg":"A128KW","enc":"A128CBC-HS256"}',
    text: 'Live long and prosper.',
    bytes: [
      4, 211, 31, 197, 84, 157, 252, 254, 11, 100, 157, 250, 63, 170, 106, 206, 107, 124, 212, 45, 111, 107,
      9, 219, 200, 177, 0, 240, 143, 156, 44, 207,
    ],
    vector: [3, 22, 60, 12, 43, 67, 104, 105, 108, 108, 105, 99, 111, 116, 104, 101],
    ciphertext: 'KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY',
    tag: 'U0m_YmjN04DJvceFICbCVQ',
  },
] as const)(
  '$enc gives the ciphertext and tag of the RFC',
  ({ enc, header, text, bytes, vector, ...wanted }) => {
    const sealed = sealContent(enc, Buffer.from(bytes), Buffer.from(vector), {
      header: encode(header),
      plaintext: Buffer.from(text),
    })
    expect({ ciphertext: encode(sealed.ciphertext), tag: encode(sealed.tag) }).toEqual({
      ciphertext: wanted.ciphertext,
      tag: wanted.tag,
    })
  },
)

describe('a deviation', () => {
  const scene: Scene = { ...smithy.scene, encryption: gatewayOf('P-256', 'ECDH-ES') }
  const forged = (encrypt: Encrypt) => forgeToken({ encrypt }, smithy.good, scene)
  const parts = (encrypt: Encrypt) => forged(encrypt).split('.')
  const key = pairs['P-256'].privateKey

  test('that says nothing of encryption bends the signed token, which is then encrypted', async () => {
    const deviated = forgeToken(
      { sign: 'none', wire: [{ recode: { in: 'header', as: 'padded' } }] },
      smithy.good,
      scene,
    )
    const [header = '', claims = ''] = jws.split('.')
    expect((await opened(deviated, key)).text).toMatch(new RegExp(`^${header}=+\\.${claims}\\.$`))
  })

  test('is not encrypted where it says so', () => {
    expect(forged('none')).toBe(jws)
  })

  test('can encrypt the claims alone', async () => {
    const { text, header } = await opened(forged({ payload: 'claims' }), key)
    expect(JSON.parse(text)).toEqual(smithy.good.claims)
    expect(header).not.toHaveProperty('cty')
  })

  test('can encrypt to the issuer’s signing key, and to an attacker’s', async () => {
    expect((await opened(forged({ to: 'issuer' }), smithy.keys[0].privateKey)).text).toBe(jws)
    for (const alg of ['RSA-OAEP', 'ECDH-ES'] as const) {
      const token = forged({ to: 'attacker', alg })
      expect(decodeProtectedHeader(token)).toMatchObject({ alg, enc: 'A256GCM' })
      await expect(compactDecrypt(token, alg === 'ECDH-ES' ? key : pairs.rsa.privateKey)).rejects.toThrow()
    }
  })

  test('cannot encrypt to a key that only signs', async () => {
    const ed = await openSmithy('EdDSA')
    expect(() => encryptToken(ed.good.jws, { to: 'issuer' }, ed.scene)).toThrow(ValueError)
    expect(() => encryptToken(ed.good.jws, {}, ed.scene)).toThrow(ValueError)
  })

  test.each(['A128GCM', 'A256GCM', 'A128CBC-HS256'] as const)('can have a key of zeros (%s)', async (enc) => {
    const token = forged({ alg: 'dir', enc, contentKey: 'zeros' })
    const zeros = new Uint8Array(enc === 'A128GCM' ? 16 : 32)
    expect((await opened(token, zeros)).text).toBe(jws)
    expect(token.split('.')[1]).toBe('')
  })

  test('can leave the content as it is, with an empty key or none', () => {
    const [, encryptedKey, vector, content = '', tag] = parts({ alg: 'none', contentKey: 'empty' })
    expect([encryptedKey, vector, decode(content).toString(), tag]).toEqual(['', '', jws, ''])
    expect(decodeProtectedHeader(forged({ alg: 'none', contentKey: 'empty' })).alg).toBe('none')
  })

  test.each([0, 1, 4, 8, 15])('can keep %i bytes of the tag', async (tag) => {
    expect(decode(parts({ tag })[4] ?? '')).toHaveLength(tag)
    await expect(compactDecrypt(forged({ tag }), key)).rejects.toThrow()
  })

  test('can ask for billions of rounds, and makes none', async () => {
    const token = forged({ alg: 'PBES2-HS256+A128KW', p2c: 2_147_483_647 })
    expect(decodeProtectedHeader(token)).toMatchObject({ p2c: 2_147_483_647 })
    expect(decode(token.split('.')[1] ?? '')).toHaveLength(40)
    await expect(compactDecrypt(token, new Uint8Array(16))).rejects.toThrow()
  })

  test('can compress what it encrypts', async () => {
    expect((await opened(forged({ zip: true }), key)).text).toBe(jws)
    expect(decodeProtectedHeader(forged({ zip: true })).zip).toBe('DEF')
  })

  test('can pack a bomb: millions of zeros in thousands of bytes', async () => {
    const bytes = 3_000_000
    const token = forged({ alg: 'dir', contentKey: 'empty', bomb: bytes })
    const packed = decode(token.split('.')[3] ?? '')
    expect(packed.length).toBeLessThan(bytes / 500)
    const unpacked = inflateRawSync(packed)
    expect(unpacked).toHaveLength(jws.length + bytes)
    expect(unpacked.subarray(0, jws.length).toString()).toBe(jws)
    await expect(compactDecrypt(forged({ bomb: bytes }), key)).rejects.toThrow()
  })

  test.each(['off-curve', 'order-two', 'x25519-zero'] as const)(
    'can name an ephemeral key that nobody can have (%s)',
    async (epk) => {
      const token = forged({ alg: 'ECDH-ES', epk })
      expect(decodeProtectedHeader(token)).toHaveProperty('epk')
      await expect(compactDecrypt(token, key)).rejects.toThrow()
    },
  )

  test('with the zero of X25519 comes to the secret zero', () => {
    const token = forged({ alg: 'ECDH-ES', epk: 'x25519-zero', enc: 'A128GCM' })
    const contentKey = derive(Buffer.alloc(32), 'A128GCM', 16)
    const [header = '', , vector = '', ciphertext, tag] = token.split('.')
    const again = sealContent('A128GCM', contentKey, decode(vector), { header, plaintext: Buffer.from(jws) })
    expect([encode(again.ciphertext), encode(again.tag)]).toEqual([ciphertext, tag])
  })
})
