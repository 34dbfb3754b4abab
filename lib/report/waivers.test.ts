import { describe, expect, it } from 'vitest'
import type { Waiver } from '../config/config.ts'
import type { CatalogueCase, Requirement, Suite } from '../config/suite.ts'
import { fail, inconclusive, judged, missing, pass } from './compare/fixture.ts'
import type { Result } from './report.ts'
import { waivedBy, waiverDoubts } from './waivers.ts'

const today = '2026-11-25'
const observed = (...kinds: readonly ('let-in' | 'wrong-status')[]): Result['verdict'] => ({
  status: 'observed',
  mismatches: kinds.map((kind) => ({ kind, safety: 'protocol', level: 'may', detail: '' })),
  notes: [],
})

/** A suite of the topic audience with cases that have these variants. */
const suiteOf = (cases: Readonly<Record<string, readonly string[]>>): Suite => ({
  version: '1.0',
  digest: 'digest-of-it',
  features: {},
  requirements: [
    {
      topic: 'audience',
      cases: Object.entries(cases).map(
        ([id, variants]) =>
          ({
            id,
            ...(variants.length === 0
              ? {}
              : { variants: Object.fromEntries(variants.map((name) => [name, {}])) }),
          }) as CatalogueCase,
      ),
    } as unknown as Requirement,
  ],
})

const onCase: Waiver = { on: { case: 'aud-a' }, kind: 'let-in', reason: 'ticket 1' }
const onTopic: Waiver = { on: { topic: 'audience' }, kind: 'wrong-status', reason: 'ticket 2' }

describe('a result is waived', () => {
  const waived = (verdict: Result['verdict'], ...waivers: readonly Waiver[]) =>
    waivedBy('aud-a', 'audience', verdict, waivers)

  it('only where every mismatch of it is, by case or by topic', () => {
    expect(waived(fail('let-in'), onCase)).toEqual([{ kind: 'let-in', reason: 'ticket 1' }])
    expect(waived(fail('let-in', 'wrong-status'), onCase)).toBeUndefined()
    expect(waived(fail('let-in', 'wrong-status'), onCase, onTopic)).toHaveLength(2)
    expect(waived(fail('let-in'), onTopic)).toBeUndefined()
  })

  it('by no waiver of another case or topic, and not where it does not fail', () => {
    expect(waived(fail('let-in'), { ...onCase, on: { case: 'aud-b' } })).toBeUndefined()
    expect(waived(fail('wrong-status'), { ...onTopic, on: { topic: 'scope' } })).toBeUndefined()
    expect(waived(pass, onCase)).toBeUndefined()
    expect(waived(inconclusive, onCase)).toBeUndefined()
  })
})

describe('a waiver no longer holds', () => {
  const results = (...verdicts: readonly Result['verdict'][]): readonly Result[] =>
    verdicts.map((verdict, at) => judged(`aud-${'abc'.charAt(at)}`, verdict))
  const doubts = (waiver: Waiver, all: readonly Result[], suite?: Suite) =>
    waiverDoubts([waiver], all, today, suite)

  it('after its last day, whether its case ran or not', () => {
    expect(doubts({ ...onCase, until: today }, results(fail('let-in')))).toEqual([])
    const late = { ...onCase, until: '2026-11-24' }
    for (const all of [results(fail('let-in')), []])
      expect(doubts(late, all)).toEqual(['the waiver of let-in for aud-a expired on 2026-11-24'])
  })

  it('where its case ran and passed, and not where it failed, did not run or could not be judged', () => {
    expect(doubts(onCase, results(pass))).toEqual(['the waiver of let-in for aud-a is stale: it passes now'])
    for (const verdict of [fail('wrong-status'), inconclusive, missing, observed()])
      expect(doubts(onCase, results(verdict))).toEqual([])
    expect(doubts(onCase, [])).toEqual([])
  })

  it('where all of its topic that was judged passed, but for what is only observed', () => {
    expect(doubts(onTopic, results(pass, missing))).toHaveLength(1)
    expect(doubts(onTopic, results(pass, observed()))).toHaveLength(1)
    expect(doubts(onTopic, results(pass, observed('let-in')))).toHaveLength(1)
    expect(doubts(onTopic, results(pass, observed('wrong-status')))).toEqual([])
    for (const verdict of [inconclusive, fail('wrong-status')])
      expect(doubts(onTopic, results(pass, verdict))).toEqual([])
    expect(doubts(onTopic, results(missing))).toEqual([])
  })

  it('but not where only some of its topic, or of its variants, was selected', () => {
    const whole = suiteOf({ 'aud-a': [], 'aud-b': [] })
    expect(doubts(onTopic, results(pass), whole)).toEqual([])
    expect(doubts(onTopic, results(pass, pass), whole)).toHaveLength(1)
    const varied = suiteOf({ 'aud-a': ['x', 'y'] })
    const some = (...names: readonly string[]) => [
      judged('aud-a', pass, { variants: names.map((name) => ({ name, verdict: pass })) }),
    ]
    expect(doubts(onCase, some('x'), varied)).toEqual([])
    expect(doubts(onCase, some('x', 'y'), varied)).toHaveLength(1)
  })
})
