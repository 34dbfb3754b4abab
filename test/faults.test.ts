import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Expect } from '../lib/config/suite.ts'
import { variantsOf } from '../lib/plan/plan.ts'
import type { FaultName } from '../lib/reference/gateway/faults.ts'
import {
  faultNames,
  mismatched,
  named,
  openMatrixWorld,
  sleeping,
  suite,
  topicsOf,
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

/** The cases, or CASE/VARIANT, that are there to catch the fault. */
const catchers = (fault: FaultName): readonly string[] =>
  suite.requirements.flatMap(({ cases }) =>
    cases.flatMap((one) =>
      variantsOf(one).flatMap(({ name }) => {
        const own = name === undefined ? undefined : one.variants?.[name]?.fault
        if ((own ?? one.fault) !== fault) return []
        return [name === undefined ? one.id : `${one.id}/${name}`]
      }),
    ),
  )

describe('the sound reference gateway', () => {
  it.each(worlds)('has no failure, no warning and nothing inconclusive (%s)', async (where) => {
    const cases = await world.judge([], [], where)
    expect(named(cases, 'fail', 'warn', 'inconclusive')).toEqual([])
  })
})

describe('a fault of the reference gateway', () => {
  it.each(faultNames.filter((name) => name !== sleeping))(
    '%s is caught by every case that names it',
    async (fault) => {
      let missed = catchers(fault)
      const noticed: string[] = []
      const applicable: string[] = []
      for (const where of worlds) {
        const cases = await world.judge([fault], topicsOf(fault), where)
        const caught = mismatched(cases)
        noticed.push(...caught, ...named(cases, 'inconclusive'))
        applicable.push(...named(cases, 'pass', 'observed', 'warn', 'fail', 'inconclusive'))
        missed = missed.filter((name) => !caught.includes(name))
        if (missed.length === 0 && noticed.length > 0) break
      }
      expect(noticed, 'noticed').not.toEqual([])
      // A route whose own control is refused judges nothing in one world, and does in the other.
      expect(missed.filter((name) => applicable.includes(name))).toEqual([])
    },
  )
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
