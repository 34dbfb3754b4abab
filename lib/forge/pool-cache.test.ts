import { createPublicKey, generateKeyPairSync, randomBytes, createSecretKey } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { cachedPool } from './pool-cache.ts'
import type { Pool, PoolTemplate } from './pool.ts'

let parent: string
let dir: string
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'gateproof-pool-'))
  dir = join(parent, 'tokens')
})
afterEach(() => rmSync(parent, { recursive: true, force: true }))

const { privateKey } = generateKeyPairSync('ed25519')
const template = (prefix: string, claims: object = {}): PoolTemplate => ({
  key: { kid: 'k', alg: 'EdDSA', privateKey, publicKey: createPublicKey(privateKey) },
  header: { alg: 'EdDSA' },
  claims: { iss: 'issuer', iat: 1000, exp: 1300, ...claims },
  prefix,
})
const cache = (now: number, lasts = 60) => ({ dir, now, lasts })

const tokensIn = ({ texts }: Pool): string[] =>
  Array.from({ length: texts.length }, (_, at) => texts.at(at)?.toString('latin1') ?? '')

it('keeps a pool for the next run, readable by its owner alone', async () => {
  const first = await cachedPool(template('a'), 20, cache(1000))
  const second = await cachedPool(template('b', { iat: 1100, exp: 1400 }), 20, cache(1100))
  expect(second.perSecond).toBeNull()
  expect(tokensIn(second)).toEqual(tokensIn(first))
  const [file = ''] = readdirSync(dir)
  expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600)
  expect(statSync(dir).mode & 0o777).toBe(0o700)
})

it('mints anew where the tokens would end too soon', async () => {
  const first = await cachedPool(template('a'), 20, cache(1000))
  const second = await cachedPool(template('b', { exp: 1600 }), 20, cache(1250))
  expect(tokensIn(second)).not.toEqual(tokensIn(first))
  expect(readdirSync(dir)).toHaveLength(1)
})

it.each([
  ['another claim', template('b', { aud: 'other' }), 20],
  ['another number', template('b'), 21],
  [
    'another key',
    {
      ...template('b'),
      key: (({ privateKey: other }) => ({
        ...template('b').key,
        privateKey: other,
        publicKey: createPublicKey(other),
      }))(generateKeyPairSync('ed25519')),
    },
    20,
  ],
] as const)('mints anew for %s', async (_what, other, count) => {
  const first = await cachedPool(template('a'), 20, cache(1000))
  const second = await cachedPool(other, count, cache(1000))
  expect(second.perSecond).not.toBeNull()
  expect(tokensIn(second).filter((token) => tokensIn(first).includes(token))).toEqual([])
  expect(readdirSync(dir)).toHaveLength(2)
})

it('mints anew where the file was cut', async () => {
  await cachedPool(template('a'), 20, cache(1000))
  const [file = ''] = readdirSync(dir)
  truncateSync(join(dir, file), 700)
  expect((await cachedPool(template('b'), 20, cache(1000))).perSecond).not.toBeNull()
})

it('holds tokens of a secret, and such without an end', async () => {
  const secret = createSecretKey(randomBytes(32))
  const key = { kid: 'k', alg: 'HS256', privateKey: secret, publicKey: secret }
  const endless = { ...template('a', { exp: undefined }), key, header: { alg: 'HS256' } }
  const first = await cachedPool(endless, 5, cache(1000))
  expect(tokensIn(await cachedPool(endless, 5, cache(9e9)))).toEqual(tokensIn(first))
})

it('keeps what is minted in a frame as bare tokens, and frames it anew', async () => {
  const frame = { before: Buffer.from('<'), after: Buffer.from('>') }
  const first = await cachedPool(template('a'), 20, cache(1000), { frame })
  const bare = await cachedPool(template('b'), 20, cache(1000))
  expect(tokensIn(bare).map((token) => `<${token}>`)).toEqual(tokensIn(first))
  const again = await cachedPool(template('c'), 20, cache(1000), { frame })
  expect(tokensIn(again)).toEqual(tokensIn(first))
})
