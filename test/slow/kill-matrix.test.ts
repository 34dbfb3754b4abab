import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bluntFaults, faultNames, named, openMatrixWorld, worlds, type MatrixWorld } from '../matrix-world.ts'
import type { FaultName } from '../../lib/reference/gateway/faults.ts'

let world: MatrixWorld
const killed = new Map<FaultName, readonly string[]>()
const canFail = new Set<string>()

beforeAll(async () => {
  world = await openMatrixWorld()
  for (const fault of faultNames) {
    const caught: string[] = []
    for (const where of worlds) caught.push(...named(await world.judge([fault], [], where), 'fail', 'warn'))
    killed.set(fault, [...new Set(caught)].sort())
  }
  for (const where of worlds)
    for (const name of named(await world.judge([], [], where), 'pass')) canFail.add(name)
}, 1_200_000)
afterAll(() => world.close())

/** Every fault against every case: who is caught by whom. */
describe('the kill matrix', () => {
  it('stands as it was committed, a line a fault', async () => {
    const lines = faultNames.map((fault) => `${fault}: ${(killed.get(fault) ?? []).join(' ')}`.trimEnd())
    await expect(`${lines.sort().join('\n')}\n`).toMatchFileSnapshot('../kill-matrix.txt')
  })

  it('has no fault that nobody notices', () => {
    expect(faultNames.filter((fault) => killed.get(fault)?.length === 0)).toEqual([])
  })

  it('has for every case that can fail, and each of its variants, a fault that is not blunt', () => {
    const caught = new Set(
      faultNames.filter((fault) => !bluntFaults.includes(fault)).flatMap((fault) => killed.get(fault) ?? []),
    )
    expect([...canFail].filter((name) => !caught.has(name)).sort()).toEqual([])
  })
})
