import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { variantsOf } from '../lib/plan/plan.ts'
import type { FaultName } from '../lib/reference/gateway/faults.ts'
import {
  faultNames,
  named,
  openMatrixWorld,
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
  it.each(worlds)('has no failure, no warning and nothing inconclusive (token in the %s)', async (where) => {
    const cases = await world.judge([], [], where)
    expect(named(cases, 'fail', 'warn', 'inconclusive')).toEqual([])
  })
})

describe('a fault of the reference gateway', () => {
  it.each(faultNames)('%s is caught by every case that names it', async (fault) => {
    let missed = catchers(fault)
    const noticed: string[] = []
    for (const where of worlds) {
      const cases = await world.judge([fault], topicsOf(fault), where)
      noticed.push(...named(cases, 'fail', 'warn', 'inconclusive'))
      const caught = named(cases, 'fail', 'warn')
      const absent = named(cases, 'not-applicable')
      expect(missed.filter((name) => !caught.includes(name) && !absent.includes(name))).toEqual([])
      missed = missed.filter((name) => !caught.includes(name))
      if (missed.length === 0 && noticed.length > 0) break
    }
    expect(noticed, 'noticed').not.toEqual([])
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
              wanted !== 'observe' && (name === undefined || one.variants?.[name]?.fault === undefined),
          ),
      ),
    )
    expect(without.map(({ id }) => id)).toEqual([])
  })
})
