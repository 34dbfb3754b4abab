import { describe, expect, it } from 'vitest'
import type { Verdict } from '../lib/judge/verdict.ts'
import { loadFaults, suite } from './matrix-world.ts'
import { playUnderLoad } from './load-world.ts'

const cases = suite.requirements
  .filter(({ topic }) => topic === 'load')
  .flatMap((requirement) => requirement.cases)

/** Those that can fail, with the fault that each names. */
const proved = cases.flatMap(({ id, fault }) => (fault === undefined ? [] : [{ id, fault }]))

/** How long something takes is the machine's affair: it decides nothing here. */
const isOfTime = ({ id }: { readonly id: string }): boolean => id === 'load-latency-reject'

const findingsOf = (verdict: Verdict | undefined): readonly string[] =>
  verdict !== undefined && 'mismatches' in verdict
    ? (verdict.mismatches ?? []).map(({ kind }) => kind).filter((kind) => kind !== 'out-of-proportion')
    : []

const verdictOn = async (id: string, ...faults: readonly string[]): Promise<Verdict | undefined> => {
  const known = loadFaults.filter((name) => faults.includes(name))
  expect(known).toHaveLength(faults.length)
  return (await playUnderLoad(known, [id])).get(id)?.verdict
}

describe.concurrent('a load case', () => {
  it.each(cases)('$id finds nothing wrong with the sound gateway', { timeout: 60_000 }, async ({ id }) => {
    const verdict = await verdictOn(id)
    expect(findingsOf(verdict)).toEqual([])
    expect(['pass', 'observed', 'warn', 'inconclusive', 'not-applicable']).toContain(verdict?.status)
  })

  it.each(proved.filter((one) => !isOfTime(one)))(
    '$id catches the fault $fault',
    { timeout: 60_000 },
    async ({ id, fault }) => {
      expect(findingsOf(await verdictOn(id, fault))).not.toEqual([])
    },
  )

  it.each(proved.filter(isOfTime))(
    '$id never passes the fault $fault',
    { timeout: 60_000 },
    async ({ id, fault }) => {
      expect((await verdictOn(id, fault))?.status).not.toBe('pass')
    },
  )
})

it('a fault that shows under load alone is named by a load case', () => {
  expect(proved.map(({ fault }) => fault).sort()).toEqual([...loadFaults])
})
