import { describe, expect, test } from 'vitest'
import type { Deviation } from '../config/deviation.ts'
import type { Expect } from '../config/expect.ts'
import type { CatalogueCase } from '../config/suite.ts'
import { requestTo } from '../exchange/fixture.ts'
import { answered, hit, lessonFrom, refusal } from '../judge/fixture.ts'
import type { PlannedCase, PlannedVariant } from '../plan/plan.ts'
import { controlRoute, type Job } from './job.ts'
import { noLookout } from './lookout.ts'
import { settle, type Findings, type JudgedCase } from './settle.ts'
import type { Exchanges } from './trial.ts'
import { noWitness } from './witness.ts'

const yes = answered(200, [], 'hello')
const no = refusal(401, 'Bearer error="invalid_token"')
const lesson = lessonFrom({ good: yes, none: no, unrouted: answered(404) })

const variantOf = (expected: Expect, name?: string, deviation: Deviation = {}): PlannedVariant => ({
  name,
  deviation,
  expect: expected,
  level: undefined,
  form: false,
  close: false,
  missing: [],
})

const planned = (id: string, expected: Expect, ...variants: readonly PlannedVariant[]): PlannedCase => {
  const one: CatalogueCase = { id, title: id, expect: expected, digest: '' }
  return {
    requirement: {
      id: 'alg.none',
      topic: 'alg',
      title: '',
      spec: { document: 'RFC 7519', section: '6' },
      level: 'must',
      features: [],
      advisories: [],
      file: '',
      cases: [one],
    },
    case: one,
    level: 'must',
    severity: 'major',
    spec: { document: 'RFC 7519', section: '6' },
    advisories: [],
    variants: variants.length === 0 ? [variantOf(expected)] : variants,
  }
}

const got = (...answers: readonly Exchanges['sent'][number]['answer'][]): Exchanges => ({
  sent: answers.map((answer, index) => ({ request: requestTo('/'), id: `id-${index}`, answer })),
  notes: [],
})

const jobOf = (one: PlannedCase, index: number): Job => {
  const variant = one.variants[index]
  if (variant === undefined) throw new Error('more exchanges than variants')
  const route = controlRoute(variant.deviation)
  return {
    planned: one,
    variant,
    route,
    fitness: () => Promise.resolve({ kind: 'fit', method: 'GET' }),
    make: () => requestTo('/'),
  }
}

/** Settles the cases, of whose variants each came to these exchanges. */
const settled = (
  cases: readonly (readonly [PlannedCase, ...(readonly Exchanges[])])[],
  changes: Partial<Findings> = {},
) => {
  const jobs = cases.flatMap(([one, ...exchanges]) =>
    exchanges.map((exchange, index): readonly [Job, readonly Exchanges[]] => [jobOf(one, index), [exchange]]),
  )
  return settle(
    cases.map(([one]) => one),
    { ...findings, exchanges: new Map(jobs), ...changes },
  )
}

const findings: Findings = {
  exchanges: new Map(),
  unfit: new Map(),
  lessons: new Map([['protected', { lesson, good: yes, goodHits: [], keepsApart: true }]]),
  style: {},
  witness: noWitness,
  lookout: noLookout,
  features: new Set(),
  info: { tls: { kind: 'capability', title: 'TLS', unlock: 'use https' } },
  scheme: 'Bearer',
}

const statusOf = ([first]: readonly JudgedCase[]) =>
  first?.verdict.status === 'inconclusive' ? `inconclusive: ${first.verdict.reason}` : first?.verdict.status

test('a case has the verdict on its exchange, and the attempt that decided', () => {
  const [pass] = settled([[planned('a', 'reject'), got(no)]])
  expect(pass?.verdict.status).toBe('pass')
  expect(pass?.variants[0]?.decisive?.id).toBe('id-0')
  const [fail] = settled([[planned('a', 'reject'), got(no, yes, no)]])
  expect(fail?.verdict.status).toBe('fail')
  expect(fail?.variants[0]?.decisive?.id).toBe('id-1')
})

test('what steps have measured stands beside the verdict on them', () => {
  const words = { leeway: 'none' }
  const told: Exchanges = { sent: [], notes: [], found: [], measured: words }
  const stepped = { ...variantOf('reject'), steps: [{ measure: { leeway: 'exp' as const } }] }
  const one = planned('a', 'reject', stepped)
  const step = { name: '1-9s-after', expect: 'observe' as const, route: 'protected' as const, counting: [] }
  const exchanges = new Map([[jobOf(one, 0), [{ ...got(yes), step }, told]]])
  const [judged] = settled([[one]], { exchanges })
  expect(judged?.verdict.status).toBe('observed')
  expect(judged?.variants[0]?.measured).toEqual(words)
})

test('what lacks a feature does not apply, and says what would unlock it', () => {
  const lacking = { ...variantOf('reject'), missing: ['tls'] }
  expect(settled([[planned('a', 'reject', lacking)]])[0]?.verdict).toEqual({
    status: 'not-applicable',
    missing: ['tls'],
    unlock: 'use https',
    notes: [],
  })
})

describe('what was not sent', () => {
  test('has the reason of the run', () => {
    expect(statusOf(settled([[planned('a', 'reject')]]))).toBe('inconclusive: interrupted')
    expect(statusOf(settled([[planned('a', 'reject')]], { overall: 'unreachable' }))).toBe(
      'inconclusive: unreachable',
    )
  })

  test('has its own where its route taught nothing', () => {
    const scoped = planned('a', 'reject', variantOf('reject', undefined, { request: { route: 'scoped' } }))
    const unsent: Exchanges = { sent: [], reason: 'control-refused', notes: [] }
    expect(statusOf(settled([[scoped, unsent]]))).toBe('inconclusive: control-refused')
  })

  test('cannot be made for this target', () => {
    const one = planned('a', 'reject')
    const [variant] = one.variants
    if (variant === undefined) throw new Error('no variant')
    const unfit = new Map([
      [variant, { kind: 'unfit', missing: 'distinct-deviation', detail: 'the claim is not there' } as const],
    ])
    expect(settled([[one]], { unfit })[0]?.verdict).toMatchObject({
      status: 'not-applicable',
      missing: ['distinct-deviation'],
      notes: ['the claim is not there'],
    })
  })
})

test('keeping out cannot be told where a path without a route looks let in', () => {
  const apart = (keepsApart: boolean) => ({
    lessons: new Map([['protected', { lesson, good: yes, goodHits: [], keepsApart }] as const]),
  })
  const one = planned('a', 'keep-out')
  expect(statusOf(settled([[one, got(answered(404))]], apart(true)))).toBe('pass')
  expect(settled([[one, got(yes)]], apart(false))[0]?.verdict).toMatchObject({
    status: 'not-applicable',
    missing: ['distinct-answer'],
  })
  expect(statusOf(settled([[planned('b', 'reject'), got(no)]], apart(false)))).toBe('pass')
  const either = planned('c', ['keep-out', 'accept'])
  expect(statusOf(settled([[either, got(yes)]], apart(false)))).toBe('pass')
})

describe('an answer that asks for patience', () => {
  const busy = answered(503)

  test('is no evidence, unless the case lists its status', () => {
    expect(statusOf(settled([[planned('a', 'reject'), got(busy)]]))).toBe('inconclusive: no-answer')
    expect(statusOf(settled([[planned('a', { is: 'keep-out', status: [429] }), got(busy)]]))).toBe(
      'inconclusive: no-answer',
    )
    expect(statusOf(settled([[planned('a', { is: 'observe', status: [503] }), got(busy)]]))).toBe('observed')
  })

  test('is evidence where the request reached our upstream', () => {
    const witness = { hitsFor: () => [hit] }
    expect(statusOf(settled([[planned('a', 'reject'), got(busy)]], { witness }))).toBe('fail')
  })
})

describe('a case that must come to the side of another', () => {
  const model = planned('model', 'observe')
  const follower = planned('follower', { same: 'model' })
  const verdictOn = (...cases: Parameters<typeof settled>[0]) =>
    settled(cases).find(({ planned: { case: one } }) => one.id === 'follower')?.verdict

  test('passes where it does', () => {
    expect(verdictOn([model, got(yes)], [follower, got(yes)])?.status).toBe('pass')
    expect(verdictOn([follower, got(no)], [model, got(no)])?.status).toBe('pass')
  })

  test('fails where it does not', () => {
    expect(verdictOn([model, got(no)], [follower, got(yes)])).toMatchObject({
      mismatches: [{ kind: 'let-in' }],
    })
    expect(verdictOn([model, got(yes)], [follower, got(no)])).toMatchObject({
      mismatches: [{ kind: 'refused-good' }],
    })
  })

  test('tells nothing where the other has no side', () => {
    expect(verdictOn([follower, got(yes)])).toMatchObject({ status: 'inconclusive', reason: 'no-baseline' })
    expect(verdictOn([model], [follower, got(yes)])).toMatchObject({ reason: 'no-baseline' })
    const lacking = planned(
      'follower',
      { same: 'model' },
      { ...variantOf({ same: 'model' }), missing: ['tls'] },
    )
    expect(verdictOn([model], [lacking])?.status).toBe('not-applicable')
  })

  test('has the baseline on the side of the good token', () => {
    expect(statusOf(settled([[planned('a', { same: 'baseline' }), got(yes)]]))).toBe('pass')
    expect(statusOf(settled([[planned('a', { same: 'baseline' }), got(no)]]))).toBe('fail')
  })
})

describe('a case whose variants must come to one side', () => {
  const expected: Expect = { is: ['accept', 'reject'], consistent: 'variants' }
  const both = planned('a', expected, variantOf(expected, 'one'), variantOf(expected, 'other'))

  test('passes where they do', () => {
    expect(statusOf(settled([[both, got(yes), got(yes)]]))).toBe('pass')
    expect(statusOf(settled([[both, got(no), got(no)]]))).toBe('pass')
  })

  test('warns where they do not', () => {
    expect(settled([[both, got(yes), got(no)]])[0]?.verdict).toMatchObject({
      status: 'warn',
      mismatches: [{ kind: 'inconsistent' }],
    })
  })
})

describe('a case whose repetitions must come to one side', () => {
  const expected: Expect = { is: ['accept', 'reject'], consistent: 'repeat' }
  const verdictOn = (...turns: readonly Exchanges[]) => {
    const one = planned('a', expected)
    return settle([one], { ...findings, exchanges: new Map([[jobOf(one, 0), turns]]) })[0]?.verdict
  }

  test('passes where they do', () => {
    expect(verdictOn(got(no), got(no), got(no))?.status).toBe('pass')
  })

  test('warns where they do not', () => {
    expect(verdictOn(got(no), got(yes), got(no))).toMatchObject({
      status: 'warn',
      mismatches: [{ kind: 'inconsistent', detail: expect.stringMatching(/at one time/) }],
    })
  })

  test('is not told by an answer that only asks for patience', () => {
    expect(verdictOn(got(answered(429), yes), got(yes))?.status).toBe('pass')
  })
})

test('a case tells nothing of the side of another whose answers only asked for patience', () => {
  const model = planned('model', 'observe')
  const follower = planned('follower', { same: 'model' })
  const busy = { ...got(answered(503)), reason: 'rate-limited' }
  expect(
    settled([
      [model, busy],
      [follower, got(no)],
    ])[1]?.verdict,
  ).toMatchObject({ reason: 'no-baseline' })
})
