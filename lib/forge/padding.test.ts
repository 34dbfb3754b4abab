import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  publicDecrypt,
  randomBytes,
  verify,
} from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { paddings } from '../config/deviation.ts'
import { algorithmOf } from './algorithm.ts'
import { bits, nothing, objectId, sequence, tagged, unsigned } from './der.ts'
import { illPadded, otherMask } from './padding.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const input = Buffer.from('header.payload')
const random = (bytes: number) => randomBytes(bytes)

const named = (name: string) => {
  const algorithm = algorithmOf(name)
  if (algorithm === undefined) throw new Error(name)
  return algorithm
}

describe.each(['RS256', 'RS384', 'RS512'])('%s with another padding', (name) => {
  const algorithm = named(name)
  const hashed = Buffer.from(
    publicDecrypt(
      { key: publicKey, padding: constants.RSA_NO_PADDING },
      illPadded(algorithm, privateKey, input, { padding: 'no-digest-info', random }),
    ),
  ).subarray({ RS256: -32, RS384: -48, RS512: -64 }[name])

  test.each(paddings)('%s holds the hash, fills the block and does not verify', (padding) => {
    const signature = illPadded(algorithm, privateKey, input, { padding, random })
    const block = publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, signature)
    expect(block).toHaveLength(256)
    expect(block.includes(hashed)).toBe(true)
    expect(verify(algorithm.hash, input, publicKey, signature)).toBe(false)
  })
})

/** The same public key, bound to a mask with SHA-1 (RFC 4055 section 3.1). */
const boundToSha1Mask = () => {
  const hash = (oid: string) => sequence(objectId(oid), nothing)
  const parameters = sequence(
    tagged(0xa0, hash('2.16.840.1.101.3.4.2.1')),
    tagged(0xa1, sequence(objectId('1.2.840.113549.1.1.8'), hash('1.3.14.3.2.26'))),
    tagged(0xa2, unsigned(Buffer.of(32))),
  )
  const inner = publicKey.export({ type: 'pkcs1', format: 'der' })
  const der = sequence(sequence(objectId('1.2.840.113549.1.1.10'), parameters), bits(inner))
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
}

test('a PSS signature with a SHA-1 mask is right for who asks for that, and wrong by RFC 7518', () => {
  const signature = otherMask(named('PS256'), privateKey, input, random)
  expect(verify('sha256', input, boundToSha1Mask(), signature)).toBe(true)
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
  expect(verify('sha256', input, { key: publicKey, ...pss }, signature)).toBe(false)
})
