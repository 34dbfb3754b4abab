import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { compactDecrypt } from 'jose'
import { expect, test } from 'vitest'
import { configOf, smallConfig } from '../../test/fixtures/config-folder.ts'
import { createSupply, type Issued } from './supply.ts'

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const encryption = 'encryption: { jwk: enc.json, alg: ECDH-ES, enc: A256GCM }'
const files = { 'enc.json': JSON.stringify({ ...publicKey.export({ format: 'jwk' }), kid: 'enc-1' }) }

const supplyOf = (text: string, issued: Issued = { others: {} }) =>
  createSupply(configOf(text, { files }), issued, {
    now: () => 1_900_000_000,
    newId: () => randomUUID(),
    random: (bytes) => randomBytes(bytes),
  })

const opened = async (token: string): Promise<string> =>
  Buffer.from((await compactDecrypt(token, privateKey)).plaintext).toString()

test('a good token travels as it was signed, unless the gateway decrypts', async () => {
  const plain = supplyOf(smallConfig).good
  expect(plain).toMatchObject({ kind: 'jwt' })
  if (plain.kind === 'jwt') expect(plain.text).toBe(plain.jws)
  const { good } = supplyOf(smallConfig.replace('private.jwks.json', `private.jwks.json, ${encryption}`))
  expect(good.kind).toBe('jwt')
  if (good.kind === 'jwt') expect(await opened(good.text)).toBe(good.jws)
})

test('tokens that somebody else signed are encrypted, and opaque ones may be so already', async () => {
  const plain = supplyOf(smallConfig).good.text
  const text = smallConfig.replace('keys: private.jwks.json', `token: x.y.z, ${encryption}`)
  const supply = supplyOf(text, {
    good: plain,
    others: { second: plain, revoked: 'opaque', expired: 'a.b.c.d.e' },
  })
  expect(await opened(supply.good.text)).toBe(plain)
  expect(await opened(supply.other('second'))).toBe(plain)
  expect(supply.other('revoked')).toBe('opaque')
  expect(supply.other('expired')).toBe('a.b.c.d.e')
})
