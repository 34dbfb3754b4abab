import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Expect } from '../lib/config/expect.ts'
import { variantsOf } from '../lib/plan/plan.ts'
import {
  bluntFaults,
  faultNames,
  named,
  openMatrixWorld,
  suite,
  worlds,
  type MatrixWorld,
} from './matrix-world.ts'

let world: MatrixWorld
beforeAll(async () => {
  world = await openMatrixWorld()
})
afterAll(() => world.close())

/** Nothing is prescribed, or only at the level *may*: such a case never fails. */
const isObserved = (wanted: Expect): boolean =>
  wanted === 'observe' ||
  (typeof wanted === 'object' && 'is' in wanted && wanted.is === 'observe' && wanted.hits === undefined)

describe('the sound reference gateway', () => {
  const passing = new Set<string>()

  it.each(worlds)(
    'has no failure, no warning and nothing inconclusive (%s)',
    async (where) => {
      const cases = await world.judge([], [], where)
      expect(named(cases, 'fail', 'warn', 'inconclusive')).toEqual([])
      for (const name of named(cases, 'pass')) passing.add(name)
    },
    180_000,
  )

  it('passes nothing that no fault would fail, as the committed kill matrix has it', () => {
    const lines = readFileSync(new URL('kill-matrix.txt', import.meta.url), 'utf8').split('\n')
    const telling = lines.filter((line) => !bluntFaults.some((blunt) => line.startsWith(`${blunt}:`)))
    const caught = new Set(telling.flatMap((line) => line.split(' ').slice(1)))
    expect(passing.size).toBeGreaterThan(700)
    expect([...passing].sort().filter((name) => !caught.has(name))).toEqual([])
  })

  it.each(['header', 'encrypted'] as const)('stands what may take a gateway down (%s)', async (where) => {
    const cases = await world.judge([], ['jwe-zip-bomb', 'jwe-p2c-huge'], where)
    expect(named(cases, 'fail', 'warn', 'inconclusive')).toEqual([])
    expect(named(cases, 'pass')).toContain('jwe-p2c-huge')
  })
})

describe('the suites', () => {
  it('name only faults that the reference gateway has', () => {
    const used = suite.requirements.flatMap(({ cases }) =>
      cases.flatMap((one) => [
        one.fault,
        ...Object.values(one.variants ?? {}).map((variant) => variant.fault),
      ]),
    )
    const unknown = used.filter((name) => name !== undefined && !faultNames.some((fault) => fault === name))
    expect([...new Set(unknown)].sort()).toEqual([])
  })

  it('name a fault for every case that can fail', () => {
    const without = suite.requirements.flatMap(({ cases }) =>
      cases.filter(
        (one) =>
          one.fault === undefined &&
          variantsOf(one).some(
            ({ name, expect: wanted }) =>
              !isObserved(wanted) && (name === undefined || one.variants?.[name]?.fault === undefined),
          ),
      ),
    )
    expect(without.map(({ id }) => id)).toEqual([])
  })
})
