import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { Config } from '../lib/config/config.ts'
import { loadConfig } from '../lib/config/load.ts'
import type { Deviation } from '../lib/config/deviation.ts'
import { endedFor } from '../lib/config/measure.ts'
import { loadSuites } from '../lib/config/suites.ts'
import type { Decryption } from '../lib/forge/decryption.ts'
import { flawsAsSent, type Flaw, type Reference } from '../lib/forge/check.ts'
import { publish } from '../lib/forge/keyring.ts'
import { changesToken } from '../lib/forge/token.ts'
import { wordsOf } from '../lib/judge/rule.ts'
import { featuresOf } from '../lib/plan/features.ts'
import { plan } from '../lib/plan/plan.ts'
import { gather } from '../lib/trial/gather.ts'
import { openShop } from '../lib/trial/workshop.ts'

const folder = mkdtempSync(join(tmpdir(), 'one-flaw-'))
afterAll(() => rmSync(folder, { recursive: true }))

const kinds = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
} as const

type Algorithm = keyof typeof kinds

/** Two private keys in a file, and their public halves in another. */
const writeKeys = (alg: Algorithm): void => {
  const keys = ['first', 'second'].map((kid) => ({ pair: kinds[alg](), more: { kid, alg, use: 'sig' } }))
  const set = (half: 'privateKey' | 'publicKey') => ({
    keys: keys.map(({ pair, more }) => ({ ...pair[half].export({ format: 'jwk' }), ...more })),
  })
  writeFileSync(join(folder, 'private.json'), JSON.stringify(set('privateKey')))
  writeFileSync(join(folder, 'public.json'), JSON.stringify(set('publicKey')))
}

const decryptions = {
  'RSA-OAEP-256': () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'ECDH-ES': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
} as const

/** The gateway's key for encryption in a file, and what decrypts. */
const writeEncryption = (alg: keyof typeof decryptions): Decryption => {
  const { publicKey, privateKey } = decryptions[alg]()
  writeFileSync(join(folder, 'encryption.json'), JSON.stringify(publicKey.export({ format: 'jwk' })))
  return { privateKey, alg, enc: 'A256GCM' }
}

/** A target with all that a case may ask for, where nothing is ever sent. */
const configWith = (alg: Algorithm, enforces: readonly unknown[], decryption?: Decryption): Config => {
  writeKeys(alg)
  const file = join(folder, 'gateproof.json')
  const target = {
    url: 'https://gw.example.test/v1',
    routes: {
      protected: '/hello',
      scoped: { path: '/orders', scope: { all: ['orders.read', 'orders.list'] } },
      public: '/ping',
      optional: '/welcome',
    },
    unsafeMethods: true,
  }
  const policy = {
    issuer: 'https://idp.example.com/tenant',
    audience: 'https://gw.example.test/api',
    algorithms: [alg],
    jwks: 'public.json',
    clockSkew: '60s',
    requiredClaims: { tenant: ['acme'], 'app.plan': ['gold'], 'https://claims.example.test/role': ['clerk'] },
    enforces,
  }
  const encryption = decryption && { jwk: 'encryption.json', alg: decryption.alg, enc: decryption.enc }
  const tokens = { keys: 'private.json', encryption }
  const serve = { listener: 'localhost:9403' }
  writeFileSync(file, JSON.stringify({ target, policy, tokens, serve }))
  return loadConfig(file, { env: {}, cwd: folder })
}

const suite = loadSuites(fileURLToPath(new URL('../suites/', import.meta.url)), [])
const io = { now: () => Date.now(), newId: () => randomUUID(), random: (bytes: number) => randomBytes(bytes) }

const workOn = async (config: Config, decryption?: Decryption) => {
  const gathered = await gather(config, io)
  if (gathered.kind === 'failed') throw new Error(gathered.message)
  const features = featuresOf(config, gathered.facts)
  const { make, workshop } = openShop(config, gathered, io)
  const { good } = workshop.supply
  if (good.kind === 'opaque') throw new Error('the good token is opaque')
  const { issuer } = gathered.keyring
  const reference: Reference = {
    policy: config.policy,
    good,
    keys: issuer.map(publish),
    now: workshop.now(),
    ...(decryption === undefined ? {} : { decryption }),
  }
  const ground = { target: config.target, features, risky: true }
  const variants = plan(suite, { include: [], exclude: [] }, ground).flatMap((one) =>
    one.variants
      .filter(({ missing }) => missing.length === 0)
      .map(({ name, deviation, expect: wanted }) => ({
        id: name === undefined ? one.case.id : `${one.case.id}/${name}`,
        topic: one.requirement.topic,
        deviation,
        words: wordsOf(wanted, features),
      })),
  )
  return { make, reference, variants }
}

/** What the token that a deviation comes to has to be refused for. */
const flawsIn = async (text: string | undefined, reference: Reference): Promise<readonly Flaw[]> => {
  if (text === undefined) throw new Error('the request carries no token')
  return flawsAsSent(text, reference)
}

/**
 * A form that is broken without the issuer's key breaks the signature too, a header of two minds names no key, and an
 * issuer that nobody knows has none.
 */
const hidesSigner = ({ sign, wire, raw }: Deviation): boolean =>
  (sign !== undefined && sign !== 'issuer') || wire !== undefined || raw?.header !== undefined

/** Seconds after its end, beyond the leeway of the policy. */
const measured = [152, 305, 600]

const strict = ['typ-at-jwt', 'rfc9068', 'algorithm-pinned', 'require-exp', 'require-iat']

describe.each<[string, Algorithm, readonly unknown[], (keyof typeof decryptions)?]>([
  ['a lenient policy', 'RS256', []],
  ['a strict policy', 'RS256', [...strict, { 'max-lifetime': '1h' }, { 'max-age': '1h' }]],
  ['a lenient policy', 'PS256', []],
  ['a lenient policy', 'ES256', []],
  ['a lenient policy', 'EdDSA', []],
  ['a policy of encrypted tokens', 'RS256', [], 'ECDH-ES'],
  ['a policy of encrypted tokens', 'ES256', [], 'RSA-OAEP-256'],
])('under %s, with %s', async (_, alg, enforces, encryption) => {
  const decryption = encryption && writeEncryption(encryption)
  const { make, reference, variants } = await workOn(configWith(alg, enforces, decryption), decryption)

  test('the good token has no flaw', async () => {
    expect(await flawsIn(make({}).secrets[0], reference)).toEqual([])
  })

  test.each(variants.map((variant) => [variant.id, variant] as const))(
    '%s can be forged',
    (_, { deviation }) => {
      expect(make(deviation).method).not.toBe('')
    },
  )

  const refused = variants.filter(
    ({ topic, deviation, words }) =>
      !['scope', 'replay'].includes(topic) &&
      words.every((word) => word !== 'accept' && word !== 'observe') &&
      changesToken(deviation) &&
      deviation.token === undefined &&
      // A token without the scope is good: it is the route that refuses it.
      (deviation.request?.route?.startsWith('scoped') !== true || deviation.sign !== undefined),
  )
  test.each(refused.map((variant) => [variant.id, variant] as const))(
    '%s has one flaw',
    async (_, { deviation }) => {
      const flaws = await flawsIn(make(deviation).secrets[0], reference)
      const counted =
        hidesSigner(deviation) && (flaws.includes('form') || flaws.includes('issuer'))
          ? flaws.filter((flaw) => flaw !== 'authenticity')
          : flaws
      expect(counted).toHaveLength(1)
    },
  )

  test.each(measured)('a token that ended %i seconds ago has one flaw', async (seconds) => {
    expect(await flawsIn(make(endedFor(seconds)).secrets[0], reference)).toEqual(['time'])
  })
})
