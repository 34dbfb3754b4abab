import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { variantsOf } from '../lib/plan/plan.ts'
import type { FaultName } from '../lib/reference/gateway/faults.ts'
import {
  awaiting,
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

/** Holds one of so many parts of the faults to their laws, so that several processes can share the work. */
export const describeFaults = (part: number, of: number): void => {
  let world: MatrixWorld
  beforeAll(async () => {
    world = await openMatrixWorld()
  })
  afterAll(() => world.close())

  describe('a fault of the reference gateway', () => {
    it.each(
      faultNames.filter(
        (name, index) => name !== sleeping && !awaiting.includes(name) && index % of === part,
      ),
    )('%s is caught by every case that names it', async (fault) => {
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
    })
  })
}
