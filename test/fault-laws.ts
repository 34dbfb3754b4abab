import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  catchers,
  faultNames,
  loadFaults,
  mismatched,
  named,
  openMatrixWorld,
  riskyFaults,
  slowFaults,
  takesTime,
  topicsOf,
  worlds,
  type MatrixWorld,
  type World,
} from './matrix-world.ts'

const answered = ['pass', 'observed', 'warn', 'fail', 'inconclusive'] as const

/** Holds one of so many parts of the faults to their laws, so that several processes can share the work. */
export const describeFaults = (part: number, of: number): void => {
  let world: MatrixWorld
  const judged = new Map<World, ReadonlySet<string>>()
  /** What the sound gateway of a world is judged by; where cases wait, that is not tried. */
  const isJudged = async (name: string, where: World): Promise<boolean> => {
    if (takesTime(where)) return true
    const known = judged.get(where) ?? new Set(named(await world.judge([], [], where), ...answered))
    judged.set(where, known)
    return known.has(name)
  }
  beforeAll(async () => {
    world = await openMatrixWorld()
  })
  afterAll(() => world.close())

  describe('a fault of the reference gateway', () => {
    it.each(
      faultNames.filter(
        (name, index) => !slowFaults.includes(name) && !loadFaults.includes(name) && index % of === part,
      ),
    )('%s is caught by every case that names it', async (fault) => {
      let missed = catchers(fault)
      const noticed: string[] = []
      const applicable: string[] = []
      for (const where of worlds) {
        const here: string[] = []
        // Without its fault, a case that is risky runs nowhere.
        for (const name of missed) if (fault in riskyFaults || (await isJudged(name, where))) here.push(name)
        if (missed.length > 0 && here.length === 0) continue
        const include = takesTime(where) ? ['controls', ...here] : here.length > 0 ? here : topicsOf(fault)
        const cases = await world.judge([fault], include, where)
        const caught = mismatched(cases)
        noticed.push(...caught, ...named(cases, 'inconclusive'))
        applicable.push(...named(cases, ...answered))
        missed = missed.filter((name) => !caught.includes(name))
        if (missed.length === 0 && noticed.length > 0) break
      }
      expect(noticed, 'noticed').not.toEqual([])
      // A route whose own control is refused judges nothing in one world, and does in the other.
      expect(missed.filter((name) => applicable.includes(name))).toEqual([])
    })
  })
}
