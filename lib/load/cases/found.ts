import type { Level } from '../../config/suite.ts'
import { mismatchKinds, type Mismatch, type MismatchKind } from '../../judge/verdict.ts'
import type { HitSource } from '../../trial/witness.ts'
import type { ValidationResult } from '../differences.ts'
import { Unjudged } from './bench.ts'
import type { Played } from './play.ts'

/** What a check found out. */
export type Found = {
  readonly mismatches: readonly Mismatch[]
  readonly notes: readonly string[]
  readonly measured: Readonly<Record<string, number | string | boolean | null>>
}

/** What the checks of a case look at. */
export type Sight = {
  readonly level: Level
  readonly played?: Played | undefined
  readonly validation?: ValidationResult | undefined
  readonly upstream?: HitSource | undefined
}

/** What a check finds that has nothing to tell. */
export const nothing: Found = { mismatches: [], notes: [], measured: {} }

/** A mismatch of that level. */
export const finding = (kind: MismatchKind, level: Level, detail: string): readonly Mismatch[] => [
  { kind, safety: mismatchKinds[kind].safety, level, detail },
]

/** Throws Unjudged where nothing was fired. */
export const playedIn = ({ played }: Sight): Played => {
  if (played === undefined) throw new Unjudged({ reason: 'no phase was fired' })
  return played
}

/** What several parts have measured. */
export const joined = (parts: readonly Found['measured'][]): Found['measured'] =>
  Object.fromEntries(parts.flatMap((part) => Object.entries(part)))
