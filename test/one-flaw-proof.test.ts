import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../lib/config/load.ts'
import { loadSuites } from '../lib/config/suites.ts'
import { wordsOf } from '../lib/judge/rule.ts'
import { featuresOf } from '../lib/plan/features.ts'
import { plan } from '../lib/plan/plan.ts'
import { gather } from '../lib/trial/gather.ts'
import { proofFlawsIn } from '../lib/trial/proof-flaws.ts'
import { openShop } from '../lib/trial/workshop.ts'

const folder = mkdtempSync(join(tmpdir(), 'one-flaw-proof-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
writeFileSync(
  join(folder, 'private.json'),
  JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' }),
)

const suite = loadSuites(fileURLToPath(new URL('../suites/', import.meta.url)), [])
const io = { now: () => Date.now(), newId: () => randomUUID(), random: (bytes: number) => randomBytes(bytes) }

const workWith = async (nonce: 'required' | 'optional') => {
  const file = join(folder, `${nonce}.json`)
  const target = {
    url: 'https://gw.example.test/v1',
    routes: { protected: '/hello', scoped: { path: '/orders', scope: 'orders.read' }, public: '/ping' },
    unsafeMethods: true,
  }
  const policy = { issuer: 'i', audience: 'a', algorithms: ['ES256'], dpop: { algorithms: ['ES256'], nonce } }
  const tokens = { keys: 'private.json', binding: { dpop: true } }
  writeFileSync(file, JSON.stringify({ target, policy, tokens }))
  const config = loadConfig(file, { env: {}, cwd: folder })
  const gathered = await gather(config, io)
  if (gathered.kind === 'failed') throw new Error(gathered.message)
  const features = featuresOf(config, gathered.facts)
  const shop = openShop(config, gathered, io)
  if (nonce === 'required') shop.setNonce('n-1')
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
  return { shop, variants }
}

describe.each(['required', 'optional'] as const)('where a nonce is %s', async (nonce) => {
  const { shop, variants } = await workWith(nonce)
  const flawsIn = (deviation: (typeof variants)[number]['deviation']) =>
    proofFlawsIn(shop.make(deviation), shop.workshop)

  const bent = variants.filter(
    ({ deviation: { proof, carry } }) => proof !== undefined && carry === undefined,
  )
  const refused = bent.filter(
    ({ words, deviation }) => !words.includes('accept') && deviation.claims === undefined,
  )
  const accepted = bent.filter(({ words }) => words.includes('accept'))

  test('there is something to look at', () => {
    expect(refused.length).toBeGreaterThan(20)
    expect(accepted.length).toBeGreaterThan(5)
  })

  test.each(refused.map((variant) => [variant.id, variant] as const))(
    'the proof of %s has one flaw',
    (_, variant) => {
      expect(flawsIn(variant.deviation)).toHaveLength(1)
    },
  )

  test.each(accepted.map((variant) => [variant.id, variant] as const))(
    'the proof of %s has none',
    (_, variant) => {
      expect(flawsIn(variant.deviation)).toEqual([])
    },
  )

  /** A token that is bent, another path, another method: the proof is about what is sent. */
  const others = variants.filter(
    ({ topic, deviation: { proof, carry, request } }) =>
      topic !== 'path' && proof === undefined && carry === undefined && request?.target === undefined,
  )
  test('the proofs of all other cases are good for what they send', () => {
    const flawed = others.filter(({ deviation }) => flawsIn(deviation).length > 0)
    expect(flawed.map(({ id }) => id)).toEqual([])
    expect(others.length).toBeGreaterThan(200)
  })
})
