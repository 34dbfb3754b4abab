import type { Config } from '../../config/config.ts'
import { asksCost } from '../../config/load-case.ts'
import type { Suite } from '../../config/suite.ts'
import { featuresOf } from '../../plan/features.ts'
import { plan, type PlannedCase, type Selection } from '../../plan/plan.ts'
import { waitsOf } from '../../plan/step-needs.ts'
import { gather } from '../../trial/gather.ts'
import type { World } from '../../trial/world.ts'
import { openLoad, type LoadTrouble } from '../opening.ts'
import type { ValidationResult } from '../differences.ts'
import type { PhaseProgress } from '../phase.ts'
import { loadBytes } from '../load-bytes.ts'
import { measureValidation } from '../validation.ts'
import { planValidation } from '../variants.ts'
import { Unjudged, type Bench } from './bench.ts'
import { checkLoad } from './checks.ts'
import { letInWithin } from './key-rotation.ts'
import { playCase, type Played } from './play.ts'
import { inapplicable, judgedOutcome, unjudgedOutcome, type LoadCaseOutcome } from './settle.ts'

/** What a run of load cases came to. */
export type LoadCaseRun = {
  readonly outcomes: readonly LoadCaseOutcome[]
  readonly validation?: ValidationResult
  /** The version of HTTP that was spoken. */
  readonly http?: '1.1' | '2'
  /** Why none of them could be judged. */
  readonly trouble?: LoadTrouble
}

export type LoadCaseOptions = {
  readonly selection: Selection & { readonly risky: boolean }
  readonly seed: number
  readonly onProgress: (progress: PhaseProgress) => void
}

/** So long what validation costs is measured, where a case asks for it. */
const costMs = 3000

/** Tokens outlive the longest phase by far. */
const leastLifetimeSeconds = 180

/** The load pipeline for cases: tokens, controls, and one case after the other, each with a good request before it. */
export const runLoadCases = async (
  given: Config,
  suite: Suite,
  options: LoadCaseOptions,
  io: World,
): Promise<LoadCaseRun> => {
  const outliving = lasting(given)
  const gathered = await gather(outliving, io)
  const known = new Set([...featuresOf(outliving, gathered.facts), 'load'])
  const planned = planFor(suite, outliving, options, known)
  if (gathered.kind === 'failed')
    return untried(planned, suite, { kind: 'no-token', message: gathered.message })
  const opened = await openLoad(outliving, suite, { gathered, features: known }, io)
  if ('trouble' in opened) return untried(planned, suite, opened.trouble)
  const { config, shop, lesson, judge, endpoint } = opened
  const features = lesson.witnessed ? opened.features : without(opened.features, 'upstream')
  const bench: Bench = {
    config,
    suite,
    source: { config, suite, workshop: shop.workshop, features, signal: io.signal },
    features,
    io,
    waits: waitsOf(config),
    make: shop.make,
    judge,
    endpoint,
    seed: options.seed,
    onProgress: options.onProgress,
  }
  const chosen = planFor(suite, config, options, features)
  const validation = await validationFor(chosen, bench)
  const outcomes: LoadCaseOutcome[] = []
  for (const one of chosen) outcomes.push(await outcomeOf(one, validation, bench))
  const http = endpoint.http2 === true ? '2' : '1.1'
  return { outcomes, http, ...(validation === undefined ? {} : { validation }) }
}

const lasting = (config: Config): Config => {
  const { tokens } = config
  if (tokens.kind !== 'keys') return config
  return {
    ...config,
    tokens: { ...tokens, lifetimeSeconds: Math.max(tokens.lifetimeSeconds, leastLifetimeSeconds) },
  }
}

/** The load cases of a selection; all of them where it names none. */
const planFor = (
  suite: Suite,
  config: Config,
  { selection: { risky, ...selection } }: Pick<LoadCaseOptions, 'selection'>,
  features: ReadonlySet<string>,
): readonly PlannedCase[] =>
  plan(suite, selection, { target: config.target, features, waits: waitsOf(config), risky }).filter(
    (one) => one.case.load !== undefined,
  )

const without = (features: ReadonlySet<string>, name: string): ReadonlySet<string> =>
  new Set([...features].filter((each) => each !== name))

const untried = (
  planned: readonly PlannedCase[],
  { features }: Suite,
  trouble: NonNullable<LoadCaseRun['trouble']>,
): LoadCaseRun => ({
  trouble,
  outcomes: planned.map(
    (one) => inapplicable(one, features) ?? unjudgedOutcome(one, { reason: trouble.kind }, features),
  ),
})

const validationFor = async (
  planned: readonly PlannedCase[],
  { source, make, judge, endpoint, config, seed, io }: Bench,
): Promise<ValidationResult | undefined> => {
  const isAsked = planned.some(
    ({ case: { load }, variants }) =>
      load !== undefined && asksCost(load) && variants.some(({ missing }) => missing.length === 0),
  )
  if (!isAsked || io.signal.aborted) return undefined
  const maxBlocks = costMs / leastBlockMs
  const measurement = await planValidation(source, { make, judge, blocks: maxBlocks })
  if (measurement === undefined) return undefined
  const { timeoutMs } = config.target
  return measureValidation(
    measurement,
    { endpoint, timeoutMs, durationMs: costMs, maxBlocks, bodyBytes: judge.bodyBytes, seed },
    io.signal,
  )
}

/** A block is hardly ever shorter, so there are distinct tokens enough. */
const leastBlockMs = 2

/** So long a gateway may take to recover from what the case before did to it. */
const recoveryMs = 10_000

const outcomeOf = async (
  one: PlannedCase,
  validation: ValidationResult | undefined,
  bench: Bench,
): Promise<LoadCaseOutcome> => {
  const { suite, io, make, config } = bench
  const absent = inapplicable(one, suite.features)
  const { load } = one.case
  if (absent !== undefined || load === undefined)
    return absent ?? unjudgedOutcome(one, { missing: ['load'] }, suite.features)
  let played: Played | undefined
  try {
    if (!(await letInWithin(() => loadBytes(make({}), config), recoveryMs, bench)))
      throw new Unjudged({ reason: 'locked-out' })
    played = asksCost(load) && load.mix === undefined ? undefined : await playCase(one.case.id, load, bench)
    const found = checkLoad(load, { level: one.level, played, validation, upstream: io.upstream })
    return judgedOutcome(one, found, played?.fired ?? [])
  } catch (error) {
    if (!io.signal.aborted && !(error instanceof Unjudged)) throw error
    const why = error instanceof Unjudged && !io.signal.aborted ? error.why : { reason: 'interrupted' }
    return unjudgedOutcome(one, why, suite.features, played?.fired)
  }
}
