import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FaultName } from '../../lib/reference/gateway/faults.ts'
import {
  bluntFaults,
  catchers,
  faultNames,
  loadFaults,
  mismatched,
  named,
  openMatrixWorld,
  riskyFaults,
  suite,
  takesTime,
  worlds,
  type MatrixWorld,
  type World,
} from '../matrix-world.ts'

/**
 * The whole matrix takes minutes. `MATRIX=2/8` runs the second of every eight faults; with `MATRIX_WRITE=1` the lines of
 * those faults are written anew.
 */
const [, part = '1', parts = '1'] = /^(\d+)\/(\d+)$/.exec(process.env.MATRIX ?? '1/1') ?? []
const known = faultNames.filter((name) => !loadFaults.includes(name))
const chosen = known.filter((_, index) => index % Number(parts) === Number(part) - 1)
const whole = parts === '1'
const file = new URL('../kill-matrix.txt', import.meta.url)

let world: MatrixWorld
const killed = new Map<FaultName, readonly string[]>()
const unsure = new Set<FaultName>()
/** What the sound gateway of each world is judged by, and what it passes. */
const judged = new Map<World, ReadonlySet<string>>()
const passing = new Set<string>()

beforeAll(async () => {
  world = await openMatrixWorld()
  for (const where of worlds) {
    const cases = await world.judge([], [], where)
    judged.set(where, new Set(named(cases, 'pass', 'observed')))
    for (const name of named(cases, 'pass')) passing.add(name)
  }
  for (const fault of chosen) killed.set(fault, await casesFailedBy(fault))
}, 3_000_000)
afterAll(() => world.close())

/**
 * In as few worlds as it takes for each case that names the fault to be judged, else in the first that notices it. Where
 * cases wait, the requirements that name it are tried, and not the whole suite.
 */
const casesFailedBy = async (fault: FaultName): Promise<readonly string[]> => {
  const failed = new Set<string>()
  const tried = new Set<World>()
  const run = async (where: World): Promise<void> => {
    tried.add(where)
    const cases = await world.judge([fault], selectionFor(fault, where), where)
    for (const name of mismatched(cases)) failed.add(name)
    if (named(cases, 'inconclusive').length > 0) unsure.add(fault)
  }
  for (const where of worlds)
    if (catchers(fault).some((name) => !failed.has(name) && judged.get(where)?.has(name) === true))
      await run(where)
  for (const where of worlds) if (failed.size === 0 && !tried.has(where)) await run(where)
  return [...failed].sort()
}

const selectionFor = (fault: FaultName, where: World): readonly string[] => {
  const topic = riskyFaults[fault]
  if (topic !== undefined) return [topic]
  const ids = catchers(fault).map((name) => name.replace(/\/.*$/, ''))
  return takesTime(where)
    ? suite.requirements.filter(({ cases }) => cases.some(({ id }) => ids.includes(id))).map(({ id }) => id)
    : []
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
    return known.some((fault) => fault === name) && !chosen.some((fault) => fault === name)
  })
  writeFileSync(file, `${[...others, ...chosen.map(lineOf)].sort().join('\n')}\n`)
}

/**
 * Whom a fault catches by chance: what follows a good request on its connection, but for the cases that are about that; and a
 * sum of two numbers that is a byte longer than both.
 */
const byChance: Readonly<Record<string, (name: string) => boolean>> = {
  'connection-bound': (name) => !/^path-(connection-reuse|h2-stream-mix)\b/.test(name),
  'sig-error-is-success': (name) => name === 'sig-rsa-not-reduced',
}

/** The line without what chance decides. */
const steadyPart = (line: string): string => {
  const [fault = '', ...names] = line.split(' ')
  return [fault, ...names.filter((name) => byChance[fault.slice(0, -1)]?.(name) !== true)].join(' ')
}

/** Every fault against every case: who is caught by whom. */
describe('the kill matrix', () => {
  it('stands as it was committed, a line a fault', () => {
    if (process.env.MATRIX_WRITE === '1') write()
    const lines = committed().map(steadyPart)
    expect(chosen.map((fault) => steadyPart(lineOf(fault))).filter((line) => !lines.includes(line))).toEqual(
      [],
    )
    if (whole) expect(lines).toHaveLength(known.length)
  })

  it('has no fault that nobody notices', () => {
    // Where every good token is refused, nothing can be judged, and that is what is told.
    const unnoticed = chosen.filter(
      (fault) => killed.get(fault)?.length === 0 && !(fault === 'refuse-all' && unsure.has(fault)),
    )
    expect(unnoticed).toEqual([])
  })

  it('has for every case that can fail, and each of its variants, a fault that is not blunt', () => {
    const caught = new Set(
      committed()
        .filter((line) => !bluntFaults.some((blunt) => line.startsWith(`${blunt}:`)))
        .flatMap((line) => line.split(' ').slice(1)),
    )
    expect([...passing].sort().filter((name) => !caught.has(name))).toEqual([])
  })
})
