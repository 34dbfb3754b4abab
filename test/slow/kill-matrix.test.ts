import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FaultName } from '../../lib/reference/gateway/faults.ts'
import {
  bluntFaults,
  faultNames,
  mismatched,
  named,
  openMatrixWorld,
  sleeping,
  worlds,
  type MatrixWorld,
} from '../matrix-world.ts'

/** The whole matrix takes minutes: `MATRIX=1/8` runs every eighth fault, `MATRIX=write` the whole, and writes it. */
const share = process.env.MATRIX ?? '1/1'
const step = Number(/^1\/(\d+)$/.exec(share)?.[1] ?? 1)
const chosen = faultNames.filter((_, index) => index % step === 0)
const file = new URL('../kill-matrix.txt', import.meta.url)

let world: MatrixWorld
const killed = new Map<FaultName, readonly string[]>()
const unsure = new Map<FaultName, number>()

beforeAll(async () => {
  world = await openMatrixWorld()
  for (const fault of chosen) {
    const caught = new Set<string>()
    let doubts = 0
    for (const where of worlds) {
      const cases = await world.judge([fault], fault === sleeping ? ['kid'] : [], where)
      for (const name of mismatched(cases)) caught.add(name)
      doubts += named(cases, 'inconclusive').length
    }
    killed.set(fault, [...caught].sort())
    unsure.set(fault, doubts)
  }
}, 3_000_000)
afterAll(() => world.close())

const lineOf = (fault: FaultName): string => `${fault}: ${(killed.get(fault) ?? []).join(' ')}`.trimEnd()

/** Every fault against every case: who is caught by whom. */
describe('the kill matrix', () => {
  it('stands as it was committed, a line a fault', () => {
    const lines = chosen.map(lineOf).sort()
    if (share === 'write') writeFileSync(file, `${lines.join('\n')}\n`)
    const committed = readFileSync(file, 'utf8').split('\n')
    expect(lines.filter((line) => !committed.includes(line))).toEqual([])
    if (step === 1) expect(committed.filter((line) => line !== '').length).toBe(faultNames.length)
  })

  it('has no fault that nobody notices', () => {
    expect(chosen.filter((fault) => killed.get(fault)?.length === 0 && unsure.get(fault) === 0)).toEqual([])
  })

  it.runIf(step === 1)(
    'has for every case that can fail, and each of its variants, a fault that is not blunt',
    async () => {
      const caught = new Set(
        faultNames
          .filter((fault) => !bluntFaults.includes(fault))
          .flatMap((fault) => killed.get(fault) ?? []),
      )
      const missed = new Set<string>()
      for (const where of worlds)
        for (const name of named(await world.judge([], [], where), 'pass'))
          if (!caught.has(name)) missed.add(name)
      expect([...missed].sort()).toEqual([])
    },
  )
})
