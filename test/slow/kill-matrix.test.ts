import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FaultName } from '../../lib/reference/gateway/faults.ts'
import {
  awaiting,
  bluntFaults,
  faultNames,
  mismatched,
  named,
  openMatrixWorld,
  sleeping,
  worlds,
  type MatrixWorld,
} from '../matrix-world.ts'

/**
 * The whole matrix takes minutes. `MATRIX=2/8` runs the second of every eight faults; with `MATRIX_WRITE=1` the lines of
 * those faults are written anew.
 */
const [, part = '1', parts = '1'] = /^(\d+)\/(\d+)$/.exec(process.env.MATRIX ?? '1/1') ?? []
const chosen = faultNames.filter((_, index) => index % Number(parts) === Number(part) - 1)
const whole = parts === '1'
const file = new URL('../kill-matrix.txt', import.meta.url)

let world: MatrixWorld
const killed = new Map<FaultName, readonly string[]>()
const unsure = new Set<FaultName>()

beforeAll(async () => {
  world = await openMatrixWorld()
  for (const fault of chosen) killed.set(fault, await casesFailedBy(fault))
}, 3_000_000)
afterAll(() => world.close())

/** In the first world that notices the fault at all. */
const casesFailedBy = async (fault: FaultName): Promise<readonly string[]> => {
  for (const where of worlds) {
    const cases = await world.judge([fault], fault === sleeping ? ['kid'] : [], where)
    const caught = mismatched(cases)
    if (caught.length > 0) return caught
    if (named(cases, 'inconclusive').length > 0) unsure.add(fault)
  }
  return []
}

const lineOf = (fault: FaultName): string => `${fault}: ${(killed.get(fault) ?? []).join(' ')}`.trimEnd()

const committed = (): readonly string[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : []

const write = (): void => {
  const others = committed().filter((line) => {
    const name = line.split(':')[0]
    return faultNames.some((fault) => fault === name) && !chosen.some((fault) => fault === name)
  })
  writeFileSync(file, `${[...others, ...chosen.map(lineOf)].sort().join('\n')}\n`)
}

/** Every fault against every case: who is caught by whom. */
describe('the kill matrix', () => {
  it('stands as it was committed, a line a fault', () => {
    if (process.env.MATRIX_WRITE === '1') write()
    const lines = committed()
    expect(chosen.map(lineOf).filter((line) => !lines.includes(line))).toEqual([])
    if (whole) expect(lines).toHaveLength(faultNames.length)
  })

  it('has no fault that nobody notices', () => {
    const unnoticed = chosen.filter((fault) => killed.get(fault)?.length === 0 && !unsure.has(fault))
    expect(unnoticed).toEqual(chosen.filter((fault) => awaiting.includes(fault)))
  })

  it('has for every case that can fail, and each of its variants, a fault that is not blunt', async () => {
    const caught = new Set(
      committed()
        .filter((line) => !bluntFaults.some((blunt) => line.startsWith(`${blunt}:`)))
        .flatMap((line) => line.split(' ').slice(1)),
    )
    const passing = named(await world.judge([], [], 'header'), 'pass')
    expect(passing.filter((name) => !caught.has(name))).toEqual([])
  })
})
