import type { Change } from './change.ts'
import type { Comparison, Contestant } from './comparison.ts'
import { conformanceChanges } from './conformance-changes.ts'
import { loadChanges } from './load-changes.ts'

/** A later run beside the baseline. */
export type Gate = {
  readonly name: string
  /** 1: worse, beyond noise; 2: could not tell; 0: neither. */
  readonly code: 0 | 1 | 2
  readonly changes: readonly Change[]
}

export type GateOptions = {
  /** How many of the contestants, from the first on, are runs of the baseline. */
  readonly baselines: number
  /** The share by which a measured value may be worse. */
  readonly tolerance: number
}

/**
 * Holds each later run to the baseline: its verdicts to those of the first baseline, what it measured to all of them,
 * so that what changes from run to run is taken for noise.
 */
export const gate = (comparison: Comparison, { baselines, tolerance }: GateOptions): readonly Gate[] => {
  const base = comparison.contestants.slice(0, baselines)
  return comparison.contestants.slice(baselines).map((now) => {
    const changes = [
      ...conformanceChanges(comparison, now),
      ...loadChanges(base.map(loadOf), loadOf(now), tolerance),
    ]
    return { name: now.name, code: codeOf(changes), changes }
  })
}

const loadOf = ({ report }: Contestant) => report.load

const codeOf = (changes: readonly Change[]): Gate['code'] => {
  if (changes.some(({ kind }) => kind === 'worse')) return 1
  return changes.some(({ kind }) => kind === 'unsure') ? 2 : 0
}

/** The exit code of a comparison with a baseline: the first of 1, 2 and 0 that a run has. */
export const gateCode = (gates: readonly Gate[]): Gate['code'] =>
  ([1, 2] as const).find((code) => gates.some((each) => each.code === code)) ?? 0
