import type { Config } from '../../config/config.ts'
import type { Suite } from '../../config/suite.ts'
import type { Waits } from '../../plan/step-needs.ts'
import type { MakeRequest } from '../../trial/job.ts'
import type { World } from '../../trial/world.ts'
import type { Endpoint } from '../endpoint.ts'
import type { LoadClass, LoadJudge } from '../record.ts'
import type { PhaseProgress, PhaseResult } from '../phase.ts'
import type { TrafficSource } from '../traffic.ts'

/** What every load case of a run works with. */
export type Bench = {
  readonly config: Config
  readonly suite: Suite
  readonly source: TrafficSource
  readonly features: ReadonlySet<string>
  readonly waits: Waits
  readonly make: MakeRequest
  readonly judge: LoadJudge
  readonly endpoint: Endpoint
  readonly io: World
  readonly seed: number
  readonly onProgress: (progress: PhaseProgress) => void
}

/** A phase that a case took, and what it sent. */
export type Fired = { readonly result: PhaseResult; readonly classes: readonly LoadClass[] }

/** Why a case comes to no verdict. */
export class Unjudged extends Error {
  override readonly name = 'Unjudged'
  /** The features that are missing, or why it is not known. */
  readonly why: { readonly missing: readonly string[] } | { readonly reason: string }

  constructor(cause: { readonly missing: readonly string[] } | { readonly reason: string }) {
    super('missing' in cause ? cause.missing.join(', ') : cause.reason)
    this.why = cause
  }
}
