import { describe, expect, test } from 'vitest'
import type { Waiver } from '../config/config.ts'
import type { CatalogueCase, Requirement, Suite, Topic } from '../config/suite.ts'
import { requestTo } from '../exchange/fixture.ts'
import { answered, hit, lost, refusal } from '../judge/fixture.ts'
import { mismatch } from '../judge/protocol.ts'
import type { Mismatch, Verdict } from '../judge/verdict.ts'
import type { Sent } from '../trial/attempt.ts'
import type { JudgedCase, JudgedVariant } from '../trial/settle.ts'
import { noLookout } from '../trial/lookout.ts'
import { noWitness, type Witness } from '../trial/witness.ts'
import { conformancePart } from './conformance.ts'

const requirement = (topic: Topic, cases: readonly CatalogueCase[]): Requirement => ({
  id: `${topic}.one`,
  topic,
  title: 'The requirement',
  spec: { document: 'RFC 7519', section: '4' },
  level: 'must',
  features: [],
  why: 'because',
  advisories: [],
  file: '',
  cases,
})

const caseOf = (id: string): CatalogueCase => ({ id, title: id, expect: 'reject', digest: 'a digest' })

const suiteOf = (...requirements: readonly Requirement[]): Suite => ({
  version: '1.0',
  digest: 'digest of all',
  requirements,
  features: {},
})

const variant = (verdict: Verdict, sent: readonly Sent[] = [], decisive?: Sent): JudgedVariant => ({
  variant: {
    name: undefined,
    deviation: {},
    expect: 'reject',
    level: undefined,
    form: false,
    close: false,
    missing: [],
  },
  verdict,
  sent,
  ...(decisive === undefined ? {} : { decisive }),
})

const judged = (topic: Topic, id: string, one: JudgedVariant): JudgedCase => {
  const catalogued = caseOf(id)
  const planned = {
    requirement: requirement(topic, [catalogued]),
    case: catalogued,
    level: 'must',
    severity: 'major',
    spec: { document: 'RFC 7519', section: '4' },
    advisories: [],
    variants: [one.variant],
  } as const
  return { planned, verdict: one.verdict, variants: [one] }
}

const part = (cases: readonly JudgedCase[], waivers: readonly Waiver[] = [], witness: Witness = noWitness) =>
  conformancePart({
    suite: suiteOf(),
    cases,
    features: [],
    style: { reject: { status: 403, scheme: undefined, error: undefined } },
    witness,
    lookout: noLookout,
    waivers,
    secrets: [],
  })

const pass: Verdict = { status: 'pass', notes: [] }
const fail = (...mismatches: readonly Mismatch[]): Verdict => ({ status: 'fail', mismatches, notes: [] })
const letIn = mismatch('let-in', 'answered 200')
const silent = mismatch('no-challenge', 'no WWW-Authenticate header')

const sent = (id: string, answer: Sent['answer']): Sent => ({ request: requestTo('/hello'), id, answer })

test('results are sorted by topic, as the suites are, and by id', () => {
  const { results } = part([
    judged('scope', 'b', variant(pass)),
    judged('alg', 'z', variant(pass)),
    judged('scope', 'a', variant(pass)),
    judged('controls', 'y', variant(pass)),
  ])
  expect(results.map((result) => result.case)).toEqual(['y', 'z', 'a', 'b'])
})

test('the six counts add up to the results, and what is waived counts beside them', () => {
  const waiver: Waiver = { on: { case: 'b' }, kind: 'let-in', reason: 'accepted' }
  const { summary, results } = part(
    [judged('alg', 'a', variant(pass)), judged('alg', 'b', variant(fail(letIn)))],
    [waiver],
  )
  const { waived, ...counts } = summary
  expect(waived).toBe(1)
  expect(counts).toMatchObject({ pass: 1, fail: 1 })
  expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(results.length)
})

test('the style is told in words', () => {
  expect(part([]).style).toEqual({ reject: '403, no challenge, no error code' })
})

describe('what was observed', () => {
  const good = sent('1', answered(200))
  const late = sent('2', lost('reset'))
  const no = sent('3', refusal(401, 'Bearer realm="x"'))

  test('is the answer that decided, not the last one', () => {
    const [result] = part([judged('alg', 'a', variant(fail(letIn), [good, late], good))]).results
    expect(result?.observed).toMatchObject({ status: 200, challenge: null })
  })

  test('says nothing of the upstream without a witness', () => {
    const one = judged('alg', 'a', variant(pass, [no], no))
    expect(part([one]).results[0]?.observed).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="x"',
      reachedUpstream: null,
    })
    const seeing: Witness = { hitsFor: ({ id }) => (id === '1' ? [hit] : []) }
    expect(part([one], [], seeing).results[0]?.observed).toMatchObject({ reachedUpstream: false })
    expect(
      part([judged('alg', 'a', variant(fail(letIn), [good], good))], [], seeing).results[0]?.observed,
    ).toMatchObject({ reachedUpstream: true })
  })

  test('holds what steps have measured', () => {
    const measuring = { ...variant(pass, [no], no), measured: { leeway: 'none' } }
    expect(part([judged('alg', 'a', measuring)]).results[0]?.observed).toMatchObject({
      status: 401,
      measured: { leeway: 'none' },
    })
  })

  test('is no status where no answer came', () => {
    const [result] = part([judged('alg', 'a', variant(fail(mismatch('crashes', '')), [late]))]).results
    expect(result?.observed).toEqual({ status: null, challenge: null, reachedUpstream: null, ms: null })
    expect(result?.evidence?.[0]?.response).toEqual({ error: 'reset: gone' })
  })
})

describe('the evidence', () => {
  const many = Array.from({ length: 20 }, (_, index) =>
    sent(String(index), answered(index === 14 ? 401 : 200)),
  )

  test('of what is as it should be is the answer that decided, alone', () => {
    const [result] = part([judged('alg', 'a', variant(pass, many, many[14]))]).results
    expect(result?.evidence).toMatchObject([{ attempt: 15, response: { status: 401 } }])
  })

  test('of a finding goes up to what decided it', () => {
    const [result] = part([judged('alg', 'a', variant(fail(letIn), many, many[14]))]).results
    expect(result?.evidence).toHaveLength(10)
    expect(result?.evidence?.at(-1)).toMatchObject({ attempt: 15, response: { status: 401 } })
  })

  test('is bounded in every text, whoever wrote it', () => {
    const long = 'x'.repeat(100_000)
    const huge = { ...sent('1', answered(401, [['X-Long', long]])), request: requestTo(`/${long}`) }
    const flooded: Witness = { hitsFor: () => [{ ...hit, target: long, headers: [['X-Long', long]] }] }
    const { results } = part([judged('alg', 'a', variant(fail(letIn), [huge]))], [], flooded)
    expect(JSON.stringify(results).length).toBeLessThan(25_000)
  })
})

describe('a waiver', () => {
  const both = judged('alg', 'a', variant(fail(letIn, silent)))
  const waivedBy = (...waivers: readonly Waiver[]) => part([both], waivers).results[0]?.waived

  test('covers a result only where every mismatch of it is waived', () => {
    const one: Waiver = { on: { case: 'a' }, kind: 'no-challenge', reason: 'ticket 1' }
    const other: Waiver = { on: { case: 'a' }, kind: 'let-in', reason: 'ticket 2', until: '2027-03-31' }
    expect(waivedBy(one)).toBeUndefined()
    expect(waivedBy(one, other)).toEqual([
      { kind: 'let-in', reason: 'ticket 2', until: '2027-03-31' },
      { kind: 'no-challenge', reason: 'ticket 1' },
    ])
  })

  test('of a topic covers its cases, and of another case none of this', () => {
    const silently = judged('alg', 'a', variant(fail(silent)))
    const covering = (on: Waiver['on']) =>
      part([silently], [{ on, kind: 'no-challenge', reason: 'r' }]).results[0]?.waived
    expect(covering({ topic: 'alg' })).toHaveLength(1)
    expect(covering({ topic: 'scope' })).toBeUndefined()
    expect(covering({ case: 'b' })).toBeUndefined()
  })
})
