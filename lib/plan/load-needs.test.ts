import { describe, expect, it } from 'vitest'
import { needsOfLoad, phaseMs } from './load-needs.ts'

const waits = { longest: 60_000, maxAge: 10_000, skew: 2000 }

describe('what a load case needs', () => {
  it.each([
    [{ check: ['no-false-accept'] }, ['load']],
    [{ mix: { oversized: 1 }, check: ['no-false-accept'] }, ['load', 'jwt']],
    [
      { phase: { keySet: 'add' }, mix: { next: 1 }, check: ['no-false-refusal'] },
      ['load', 'signing-key', 'served-key-set'],
    ],
    [{ check: ['identity-isolated'] }, ['load', 'signing-key', 'upstream', 'forwards-subject']],
    [{ check: [{ 'reports-difference': ['validation'] }] }, ['load', 'signing-key', 'public-route']],
    [{ check: [{ 'reports-difference': ['* against *'] }] }, ['load', 'signing-key', 'second-algorithm']],
  ] as const)('%j: %j', (load, needs) => {
    const { check, ...rest } = load
    expect(needsOfLoad({ ...rest, check: [...check].map((each) => copyOf(each)) }, waits)).toEqual(needs)
  })

  it('is the time that its phase lasts, where that is declared and too long', () => {
    const duration = { $policy: 'keySet.maxAge', plus: '2s' } as const
    expect(phaseMs(duration, waits)).toBe(12_000)
    const load = { phase: { duration }, check: ['reports-latency' as const] }
    expect(needsOfLoad(load, { ...waits, longest: 5000 })).toEqual(['load', 'declared-key-set', 'time'])
    expect(needsOfLoad(load, waits)).toEqual(['load', 'declared-key-set'])
  })
})

type Check = Parameters<typeof needsOfLoad>[0]['check'][number]

/** A list that is not frozen. */
const copyOf = (
  check: Exclude<Check, object> | { readonly 'reports-difference': readonly string[] },
): Check => (typeof check === 'string' ? check : { 'reports-difference': [...check['reports-difference']] })
