import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Config } from '../lib/config/config.ts'
import type { Expect } from '../lib/config/expect.ts'
import type { CatalogueCase } from '../lib/config/suite.ts'
import type { Verdict } from '../lib/judge/verdict.ts'
import { openMatrixWorld, suite, type Change, type MatrixWorld } from './matrix-world.ts'

let world: MatrixWorld
beforeAll(async () => {
  world = await openMatrixWorld()
})
afterAll(() => world.close())

/** The gateway of this world has static keys: it never fetches what we serve. */
const verdictsWhere = async (include: readonly string[], change: Change): Promise<readonly Verdict[]> => {
  const cases = await world.judge([], ['controls', ...include], 'header', change)
  return include.map((id) => {
    const found = cases.find((one) => one.planned.case.id === id)
    if (found === undefined) throw new Error(`${id} was not judged`)
    return found.verdict
  })
}

const serving =
  (maxWaitMs: number, keySet?: NonNullable<Config['policy']['keySet']>) =>
  (config: Config): Config => ({
    ...config,
    serve: { ...config.serve, jwks: { host: '127.0.0.1', port: 0 } },
    policy: { ...config.policy, ...(keySet === undefined ? {} : { keySet }) },
    cases: { ...config.cases, maxWaitMs },
  })

describe('a gateway that does not fetch the key set', () => {
  it('is warned about where nothing is declared, and other cases lack the time', async () => {
    const [rotation, use] = await verdictsWhere(['jwks-rotation-new-kid', 'jwks-use-enc'], {
      config: serving(300),
    })
    expect(rotation).toMatchObject({
      status: 'warn',
      mismatches: [{ kind: 'refused-good', level: 'should' }],
    })
    expect(use).toMatchObject({ status: 'not-applicable', missing: ['time'] })
  })

  it('fails where it should have taken the change up, and other cases cannot be judged', async () => {
    const [use] = await verdictsWhere(['jwks-use-enc'], { config: serving(60_000, { maxAgeMs: 100 }) })
    expect(use).toMatchObject({ status: 'inconclusive', reason: 'not-taken-up' })
  }, 60_000)

  it('is not asked at all where its time is longer than the run may wait', async () => {
    const [use] = await verdictsWhere(['jwks-use-enc'], { config: serving(300, { maxAgeMs: 3_600_000 }) })
    expect(use).toMatchObject({ status: 'not-applicable', missing: ['time'] })
  })
})

describe('a gateway that refuses a set for one bad key', () => {
  it('is warned about, and not taken for one that fetches too seldom', async () => {
    const include = ['jwks-one-bad-key', 'jwks-private-members']
    const cases = await world.judge(['jwks-bad-key-fatal'], ['controls', ...include], 'keys', {
      config: ({ policy: { keySet: _, ...policy }, ...config }) => ({
        ...config,
        policy,
        cases: { ...config.cases, maxWaitMs: 3_000 },
      }),
    })
    const [bad, sound] = include.map((id) => cases.find((one) => one.planned.case.id === id)?.verdict)
    expect(bad).toMatchObject({ status: 'warn', mismatches: [{ kind: 'refused-good', level: 'should' }] })
    expect(sound).toMatchObject({ status: 'observed' })
  }, 60_000)
})

describe('steps', () => {
  it('lack what is not declared', async () => {
    const [cached] = await verdictsWhere(['time-expired-cached'], {
      config: (config) => {
        const { clockSkewSeconds: _, ...policy } = config.policy
        return { ...config, policy, cases: { ...config.cases, maxWaitMs: 60_000 } }
      },
    })
    expect(cached).toMatchObject({ status: 'not-applicable', missing: ['declared-skew'] })
  })

  it('end where the run is called off', async () => {
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 1_500)
    const [cached] = await verdictsWhere(['time-expired-cached'], {
      config: (config) => ({ ...config, cases: { ...config.cases, maxWaitMs: 60_000 } }),
      signal: stop.signal,
    })
    expect(cached).toMatchObject({ status: 'inconclusive', reason: 'interrupted' })
  })
})

describe('an expectation of a step', () => {
  /** A case of a token by a key that nobody knows, for which this gateway fetches once. */
  const verdictOn = async (expected: Expect): Promise<Verdict | undefined> => {
    const steps = [
      { wait: '600ms' },
      { send: { deviation: { header: { kid: 'nobody-knows' } }, expect: expected } },
    ]
    const own: CatalogueCase = {
      id: 'x-own',
      title: 'Own',
      expect: 'reject',
      exclusive: true,
      steps,
      digest: '',
    }
    const requirements = suite.requirements.flatMap((one) =>
      one.topic === 'controls' ? [one] : one.id === 'jwks.rotation' ? [{ ...one, cases: [own] }] : [],
    )
    const cases = await world.judge([], ['jwks'], 'keys', {
      suite: { ...suite, requirements },
      // Its cool-down is over by then, and none of what it fetches is explained by time that goes by.
      config: (config) => ({
        ...config,
        policy: { ...config.policy, keySet: { maxAgeMs: 60_000, cooldownMs: 60_000 } },
      }),
    })
    return cases.find(({ planned }) => planned.case.id === 'x-own')?.verdict
  }

  it('bounds how often the key set is fetched meanwhile', async () => {
    expect(await verdictOn({ is: 'reject', fetches: 2 })).toMatchObject({ status: 'pass' })
    expect(await verdictOn({ is: 'reject', fetches: 0 })).toMatchObject({
      mismatches: [
        {
          kind: 'fetches-too-often',
          detail: expect.stringMatching(/fetched [12] times, expected at most 0/) as string,
        },
      ],
    })
  })

  it('asks for headers', async () => {
    const header = { 'WWW-Authenticate': { pattern: '^Bearer ' }, Location: null }
    expect(await verdictOn({ is: 'reject', header })).toMatchObject({ status: 'pass' })
    expect(await verdictOn({ is: 'reject', header: { Location: '/' } })).toMatchObject({
      mismatches: [{ kind: 'malformed-answer', detail: 'no header Location' }],
    })
  })
})
