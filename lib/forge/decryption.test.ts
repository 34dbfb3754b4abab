import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { TokenEncryption } from '../config/token-source.ts'
import type { Deviation } from '../config/deviation.ts'
import { flawsAsSent, isFlawed, type Flaw } from './check.ts'
import { decryptSoundly, standIn } from './decryption.ts'
import { openSmithy } from './fixture.ts'
import { encryptFor } from './jwe.ts'
import { forgeToken } from './token.ts'

const random = (bytes: number) => randomBytes(bytes)

const encryptionTo = (kind: 'rsa' | 'ec' | 'x25519'): TokenEncryption =>
  kind === 'rsa'
    ? {
        publicKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
        alg: 'RSA-OAEP-256',
        enc: 'A256GCM',
      }
    : {
        publicKey:
          kind === 'ec'
            ? generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey
            : generateKeyPairSync('x25519').publicKey,
        alg: 'ECDH-ES',
        enc: 'A128CBC-HS256',
      }

test.each(['rsa', 'ec', 'x25519'] as const)('a stand-in for a key of %s decrypts', async (kind) => {
  const configured = encryptionTo(kind)
  const { encryption, decryption } = standIn(configured)
  expect(encryption).toMatchObject({ alg: configured.alg, enc: configured.enc })
  expect(encryption.publicKey.asymmetricKeyDetails).toEqual(configured.publicKey.asymmetricKeyDetails)
  expect(await decryptSoundly(encryptFor(encryption, 'a.b.c', random), decryption)).toBe('a.b.c')
  expect(await decryptSoundly(encryptFor(configured, 'a.b.c', random), decryption)).toBeUndefined()
})

describe('at a gateway that decrypts', async () => {
  const smithy = await openSmithy('RS256')
  const { encryption, decryption } = standIn(encryptionTo('ec'))
  const reference = { ...smithy.reference, decryption }
  const forged = (deviation: Deviation) => forgeToken(deviation, smithy.good, { ...smithy.scene, encryption })

  test.each<[string, Deviation, readonly Flaw[]]>([
    ['the good token', {}, []],
    ['a good token that is compressed', { encrypt: { zip: true } }, []],
    ['a forged one', { sign: 'attacker' }, ['authenticity']],
    ['an expired one', { claims: { exp: { $now: -3600 } } }, ['time']],
    ['one of four parts inside', { wire: [{ insert: { text: '.x', in: 'token', at: 'end' } }] }, ['form']],
    ['claims alone', { encrypt: { payload: 'claims' } }, ['form']],
    ['one that is only signed', { encrypt: 'none' }, ['encryption']],
    ['another key', { encrypt: { to: 'issuer' } }, ['encryption']],
    ['a tag cut short', { encrypt: { tag: 8 } }, ['encryption']],
    ['a bomb', { encrypt: { bomb: 1_000_000 } }, ['encryption']],
    ['another encryption', { encrypt: { enc: 'A256GCM' } }, ['encryption']],
    ['a point of order two', { encrypt: { epk: 'order-two' } }, ['encryption']],
  ])('%s has the flaws %j', async (_, deviation, flaws) => {
    expect(await flawsAsSent(forged(deviation), reference)).toEqual(flaws)
    expect(await isFlawed(forged(deviation), reference)).toBe(flaws.length > 0)
  })
})

test('where nothing is decrypted, a token of five parts is none', async () => {
  const { good, reference, scene } = await openSmithy('RS256')
  const token = forgeToken({ encrypt: { to: 'issuer' } }, good, scene)
  expect(await flawsAsSent(token, reference)).toEqual(['form'])
})
