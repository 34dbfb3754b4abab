import type { Lesson } from '../judge/side.ts'
import type { EngineName } from './engines.ts'
import type { Reach } from './endpoint.ts'
import { decodeHistogram, encodeHistogram } from './histogram-codec.ts'
import type { PhaseProgress, PhaseResult, PhaseSettings } from './phase.ts'
import type { ClassRecord, LoadClass } from './record.ts'
import type { Segment } from '../forge/packed.ts'

/** What a thread is started with: all that it takes to fire its share of a phase. */
export type PhaseOrder = {
  readonly engine: EngineName
  readonly settings: Omit<PhaseSettings, 'endpoint'>
  readonly reach: Reach
  /** How the gateway says yes and no. */
  readonly lesson: Lesson
  readonly classes: readonly OrderedClass[]
}

/** The requests from one to another of those in the segments, which all threads share. */
export type OrderedClass = Pick<LoadClass, 'name' | 'expect' | 'weight'> & {
  readonly segments: readonly Segment[]
  readonly from: number
  readonly to: number
  /** Every thread has all of them. */
  readonly isShared: boolean
}

/** What a thread is told: to fire at a moment of `process.hrtime`, which all threads have in common, or to end. */
export type ToThread = { readonly kind: 'fire'; readonly atNs: bigint } | { readonly kind: 'stop' }

/** What a thread tells. */
export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly progress: PhaseProgress }
  | { readonly kind: 'result'; readonly result: WrittenResult }

/** A result as it passes from thread to thread: histograms as `encodeHistogram` writes them, which loses nothing. */
export type WrittenResult = Omit<PhaseResult, 'classes' | 'service' | 'lateness'> & {
  readonly service: string
  readonly lateness: string
  readonly classes: readonly (Omit<ClassRecord, 'latency'> & { readonly latency: string })[]
}

export const writeResult = ({ classes, service, lateness, ...result }: PhaseResult): WrittenResult => ({
  ...result,
  service: encodeHistogram(service),
  lateness: encodeHistogram(lateness),
  classes: classes.map(({ latency, ...record }) => ({ ...record, latency: encodeHistogram(latency) })),
})

export const readResult = ({ classes, service, lateness, ...result }: WrittenResult): PhaseResult => ({
  ...result,
  service: decodeHistogram(service),
  lateness: decodeHistogram(lateness),
  classes: classes.map(({ latency, ...record }) => ({ ...record, latency: decodeHistogram(latency) })),
})
