import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import type { Packed } from './packed.ts'
import { mintPool, type PoolTemplate } from './pool.ts'

const textsIn = (texts: Packed): string[] =>
  Array.from({ length: texts.length }, (_, at) => texts.at(at)?.toString('latin1') ?? '')

const keys: Record<string, () => KeyObject> = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  PS384: () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  EdDSA: () => generateKeyPairSync('ed25519').privateKey,
}
const template = (alg: string, privateKey: KeyObject): PoolTemplate => ({
  key: { kid: 'k', alg, privateKey, publicKey: createPublicKey(privateKey) },
  header: { alg, typ: 'at+jwt', kid: 'k' },
  claims: { iss: 'issuer', aud: 'gateway', exp: 4_000_000_000, jti: 'replaced' },
  prefix: 'run',
})

describe.each(Object.entries(keys))('a pool of %s tokens', (alg, makeKey) => {
  const key = makeKey()

  it.each([
    ['in this thread', 7],
    ['in several threads', 501],
  ])(
    'signed %s holds as many good tokens as asked for, each with a jti of its own',
    async (_where, count) => {
      const { texts, perSecond } = await mintPool(template(alg, key), count)
      const tokens = textsIn(texts)
      expect(tokens).toHaveLength(count)
      expect(perSecond).toBeGreaterThan(0)
      const ids: unknown[] = []
      for (const token of tokens) {
        const { payload, protectedHeader } = await jwtVerify(token, createPublicKey(key), {
          algorithms: [alg],
        })
        expect(payload).toMatchObject({ iss: 'issuer', aud: 'gateway', exp: 4_000_000_000 })
        expect(protectedHeader).toEqual({ alg, typ: 'at+jwt', kid: 'k' })
        ids.push(payload.jti)
      }
      expect(ids).toEqual(Array.from({ length: count }, (_, at) => `run-${at}`))
    },
  )
})

describe('a pool in a frame', () => {
  it('holds requests that are ready to be sent, over memory that threads share', async () => {
    const key = generateKeyPairSync('ed25519').privateKey
    const frame = { before: Buffer.from('Authorization: Bearer '), after: Buffer.from('\r\n\r\n') }
    const { texts } = await mintPool(template('EdDSA', key), 250, { frame })
    expect(texts.segments.every(({ bytes }) => bytes.buffer instanceof SharedArrayBuffer)).toBe(true)
    const ids: unknown[] = []
    for (const text of textsIn(texts)) {
      const [, token = ''] = /^Authorization: Bearer (\S+)\r\n\r\n$/.exec(text) ?? []
      ids.push((await jwtVerify(token, createPublicKey(key))).payload.jti)
    }
    expect(ids).toEqual(Array.from({ length: 250 }, (_, at) => `run-${at}`))
  })
})

describe('minting', () => {
  const key = generateKeyPairSync('ed25519').privateKey

  it('fails with the reason where the key does not fit the algorithm, in a thread as here', async () => {
    await expect(mintPool(template('RS256', key), 5)).rejects.toThrow()
    await expect(mintPool(template('RS256', key), 500)).rejects.toThrow()
    await expect(mintPool(template('XX256', key), 500)).rejects.toThrow('unknown algorithm XX256')
  })

  it('stops with the signal', async () => {
    await expect(mintPool(template('EdDSA', key), 500, { signal: AbortSignal.abort() })).rejects.toThrow(
      'aborted',
    )
    const stop = new AbortController()
    const minting = mintPool(template('EdDSA', key), 500_000, { signal: stop.signal })
    stop.abort()
    await expect(minting).rejects.toThrow('aborted')
  })

  it('makes none where none are asked for, and no more than a million', async () => {
    expect((await mintPool(template('EdDSA', key), 0)).texts).toHaveLength(0)
    await expect(mintPool(template('EdDSA', key), 1_000_001)).rejects.toThrow('at most 1000000')
  })
})
