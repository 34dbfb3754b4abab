import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { configOf, smallConfig } from '../../test/fixtures/config-folder.ts'
import type { Config } from '../config/config.ts'
import { loadSuites } from '../config/suites.ts'
import { featuresOf } from '../plan/features.ts'
import { plan } from '../plan/plan.ts'
import { gather } from './gather.ts'
import { prepare, unfitAmong } from './prepare.ts'
import { openShop } from './workshop.ts'
import type { World } from './world.ts'

const suite = loadSuites(fileURLToPath(new URL('../../suites/', import.meta.url)), [])
const now = Date.parse('2031-05-06T07:08:09Z')
const io = { now: () => now, newId: () => randomUUID(), random: (bytes: number) => randomBytes(bytes) }

const open = async (config: Config, world: Pick<World, 'now' | 'newId' | 'random'> = io) => {
  const gathered = await gather(config, world)
  if (gathered.kind === 'failed') throw new Error(gathered.message)
  const features = featuresOf(config, gathered.facts)
  const { workshop } = openShop(config, gathered, world)
  const planned = plan(suite, { include: [], exclude: [] }, { target: config.target, features, risky: true })
  return prepare(planned, workshop, features)
}

/** Which of all cases would be sent with that configuration, and which cannot be made after all. */
const prepared = async (config: Config) => {
  const all = await open(config)
  const unfit = await unfitAmong(all)
  const jobs = all.filter(({ variant }) => !unfit.has(variant))
  const named = (one: (typeof jobs)[number]) =>
    one.variant.name === undefined ? one.planned.case.id : `${one.planned.case.id}/${one.variant.name}`
  // What steps send is made when their turn comes.
  const made = jobs.filter(({ variant }) => variant.steps === undefined)
  return { jobs: made, ids: jobs.map(named), unfit: [...unfit.values()].map(({ detail }) => detail) }
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** An issued token with an HMAC that only its issuer can make. */
const hmacToken = () => {
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ iss: 'i', aud: 'a', exp: now / 1000 + 600 })}`
  return `${input}.${createHmac('sha256', 'a secret of the issuer').update(input).digest('base64url')}`
}

const issued = (token: string) =>
  configOf(`
target:
  url: http://127.0.0.1:9/v1
  routes: { protected: /hello, scoped: { path: /orders, scope: x }, public: /ping, optional: /welcome }
  unsafeMethods: true
tokens: { token: "${token}" }
`)

test('with a key of ours most cases can be made, and made again', async () => {
  const { jobs } = await prepared(configOf(smallConfig))
  expect(jobs.length).toBeGreaterThan(200)
  for (const { make, fitness } of jobs)
    for (const { method } of [make(), make()]) expect(await fitness()).toMatchObject({ method })
})

/** How many tokens are minted until a case was made once, and twice, so long after it was looked at. */
const mintedAfter = async (laterMs: number): Promise<readonly number[]> => {
  let tokens = 0
  let at = now
  const jobs = await open(configOf(smallConfig), { ...io, now: () => at, newId: () => String(++tokens) })
  const job = jobs.find(({ planned }) => planned.case.id === 'aud-missing')
  if (job === undefined) throw new Error('no such case')
  expect(await job.fitness()).toMatchObject({ kind: 'fit' })
  const before = tokens
  at += laterMs
  return [1, 2].map(() => {
    job.make()
    return tokens - before
  })
}

test('what was forged to be looked at is sent itself, once, and only while it would be made the same again', async () => {
  expect(await mintedAfter(0)).toEqual([0, 1])
  expect(await mintedAfter(1000)).toEqual([1, 2])
})

test('what holds a sleep can be made with any, and nothing else can', async () => {
  const { jobs } = await prepared(configOf(smallConfig))
  const sleeping = jobs.filter(({ makeSleeping }) => makeSleeping !== undefined)
  expect([...new Set(sleeping.map(({ planned }) => planned.case.id))]).toEqual([
    'kid-sqli-timing',
    'kid-command',
  ])
  expect([...new Set(sleeping.map(({ planned }) => planned.case.risky))]).toEqual(['sleep'])
  for (const { make, makeSleeping } of sleeping) {
    expect(make().delaySeconds).toBe(5)
    expect(makeSleeping?.(10)).toMatchObject({ delaySeconds: 10 })
    expect(JSON.stringify(makeSleeping?.(10).token)).toContain('10')
  }
})

describe.each([
  ['an opaque token', () => 'opaque'],
  ['a token with an HMAC', hmacToken],
])('with %s of somebody else', (_, token) => {
  test("nothing is sent that needs the issuer's key", async () => {
    const { ids, jobs } = await prepared(issued(token()))
    expect(ids).toContain('ctl-valid-accepted')
    expect(ids).not.toContain('aud-missing')
    for (const { make, fitness } of jobs) expect(await fitness()).toMatchObject({ method: make().method })
  })
})

test('a token of somebody else that is a JWT can still be forged in what needs no key', async () => {
  const { ids } = await prepared(issued(hmacToken()))
  expect(ids.filter((id) => id.startsWith('alg-none'))).not.toEqual([])
  const opaque = await prepared(issued('opaque'))
  expect(opaque.ids.filter((id) => id.startsWith('alg-none'))).toEqual([])
})

test('a token that a sound gateway would let in under this policy is not sent as a bad one', async () => {
  const lax = smallConfig.replace('[RS256]', '[RS256, RS384, RS512, PS256, PS384, PS512]')
  const { unfit } = await prepared(configOf(lax))
  expect(unfit).toContain('under this policy a sound gateway lets this token in')
})
