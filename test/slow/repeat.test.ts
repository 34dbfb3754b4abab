import { afterAll, beforeAll, expect, it } from 'vitest'
import type { FaultName } from '../../lib/reference/gateway/faults.ts'
import type { JudgedCase } from '../../lib/trial/settle.ts'
import {
  catchers,
  faultNames,
  loadFaults,
  openMatrixWorld,
  riskyFaults,
  suite,
  type MatrixWorld,
  type World,
} from '../matrix-world.ts'

/**
 * The same gateway gets the same verdicts, run after run: `REPEAT=100` runs the sound one a hundred times and each fault
 * of the key-set kind thirty times. `REPEAT_PART=2/4` takes the second of every four runs and faults, so that several
 * processes share them; `REPEAT_LANES=3` has as many runs on their way at a time.
 */
const repeats = Number(process.env.REPEAT ?? 2)
const faultyRepeats = Math.ceil(repeats * 0.3)
const lanes = Number(process.env.REPEAT_LANES ?? 1)
const [, part = '1', parts = '1'] = /^(\d+)\/(\d+)$/.exec(process.env.REPEAT_PART ?? '1/1') ?? []

const topic = 'jwks'
const known = new Set(
  suite.requirements.filter((one) => one.topic === topic).flatMap(({ cases }) => cases.map(({ id }) => id)),
)
const idOf = (name: string): string => name.replace(/\/.*$/, '')
const keySetFaults = faultNames.filter(
  (fault) => !loadFaults.includes(fault) && catchers(fault).some((name) => known.has(idOf(name))),
)
const shared = <T>(all: readonly T[]): readonly T[] =>
  all.filter((_, index) => index % Number(parts) === Number(part) - 1)

let worlds: readonly MatrixWorld[]
beforeAll(async () => {
  worlds = await Promise.all(Array.from({ length: lanes }, openMatrixWorld))
})
afterAll(() => Promise.all(worlds.map((world) => world.close())))

/** A line a case or variant: its verdict, and what is held against the gateway. */
const told = (cases: readonly JudgedCase[]): readonly string[] =>
  cases
    .flatMap(({ planned, variants }) =>
      variants.map(({ variant, verdict }) => {
        const kinds = 'mismatches' in verdict ? (verdict.mismatches ?? []).map(({ kind }) => kind) : []
        return `${planned.case.id}/${variant.name ?? ''}: ${[verdict.status, ...kinds].join(' ')}`
      }),
    )
    .sort()

/** What the runs told, by turns over the lanes. */
const repeat = async (
  times: number,
  faults: readonly FaultName[],
  include: readonly string[],
  where: World,
): Promise<readonly (readonly string[])[]> => {
  const runs: (readonly string[])[] = []
  let left = times
  const lane = async (world: MatrixWorld): Promise<void> => {
    while (left-- > 0) runs.push(told(await world.judge(faults, include, where)))
  }
  await Promise.all(worlds.map(lane))
  return runs
}

/** Lines that not every run tells, each with the number of runs that do: told at once, since the rest takes long. */
const unsteady = (runs: readonly (readonly string[])[]): readonly string[] => {
  const counts = new Map<string, number>()
  for (const line of runs.flat()) counts.set(line, (counts.get(line) ?? 0) + 1)
  const found = [...counts].filter(([, count]) => count < runs.length)
  const lines = found.map(([line, count]) => `${line} (${count} of ${runs.length})`)
  if (lines.length > 0) process.stderr.write(`${lines.join('\n')}\n`)
  return lines
}

it.each(['header', 'keys'] as const)(
  'the sound gateway, run after run (%s)',
  async (where) => {
    const runs = await repeat(shared(Array(repeats).fill(0)).length, [], [], where)
    expect(unsteady(runs)).toEqual([])
    expect(runs[0]?.length).toBeGreaterThan(50)
  },
  10_000_000,
)

it.each(shared(keySetFaults))(
  'a fault of the key set, run after run (%s)',
  async (fault) => {
    const ids = catchers(fault).map(idOf)
    const include =
      riskyFaults[fault] === undefined
        ? suite.requirements
            .filter(({ cases }) => cases.some(({ id }) => ids.includes(id)))
            .map(({ id }) => id)
        : [topic]
    const runs = await repeat(faultyRepeats, [fault], include, 'keys')
    expect(unsteady(runs)).toEqual([])
    expect(runs.flat().some((line) => /: \S+ \S/.test(line))).toBe(true)
  },
  10_000_000,
)
