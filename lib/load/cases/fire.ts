import type { LoadCasePhase } from '../../config/load-case.ts'
import { phaseMs } from '../../plan/load-needs.ts'
import { perSecondOf } from '../evaluate.ts'
import { engineFor, engines } from '../engines.ts'
import { runPhase, type PhaseSettings } from '../phase.ts'
import type { LoadClass } from '../record.ts'
import { Unjudged, type Bench, type Fired } from './bench.ts'
import type { Mixture } from './mix.ts'
import { indulgent, spiedEngine } from './spy.ts'

const defaults = { connections: 8, duration: '2s', maxConnections: 128, warmupMs: 100 } as const

/** More than that a second is asked of no gateway by a case. */
const highestRate = 20_000

const capacityMs = 1000

/** What becomes of a phase beside its sending. */
export type FireOptions = {
  readonly name: string
  /** Called half a second after the phase has begun. */
  readonly during?: (() => void) | undefined
}

/** Half a second: by then the load is under way. */
const duringAfterMs = 500

/** Runs one phase with these classes. The part of the mixture's classes that is not named is left out. */
export const firePhase = async (
  phase: LoadCasePhase & { readonly keepAlive?: boolean },
  mixture: Pick<Mixture, 'classes' | 'spies' | 'bodyBytes' | 'end'>,
  { name, during }: FireOptions,
  bench: Bench,
): Promise<Fired> => {
  const { classes, spies, bodyBytes, end } = mixture
  const { judge, io, onProgress } = bench
  const watched = new Set(end === undefined ? [] : ['ending', 'withdrawn'])
  const sender = engines[engineFor('native', bench.endpoint)]
  const engine = spiedEngine(sender, classes, judge, { spies, bodyBytes })
  const timer = during === undefined ? undefined : setTimeout(during, duringAfterMs)
  try {
    const result = await runPhase(
      engine,
      settingsOf(name, phase, bench),
      { classes, judge: indulgent(judge, watched) },
      { signal: io.signal, onProgress },
    )
    if (result.end.kind === 'interrupted') throw new Unjudged({ reason: 'interrupted' })
    if (result.end.kind !== 'finished') throw new Unjudged({ reason: `unreachable: ${result.end.detail}` })
    return { result, classes }
  } finally {
    clearTimeout(timer)
  }
}

const settingsOf = (
  name: string,
  { model = 'closed', connections = defaults.connections, rate, duration, keepAlive = true }: LoadCasePhase,
  { config, endpoint, seed, waits }: Bench,
): PhaseSettings => {
  const perSecond = typeof rate === 'number' ? rate : 100
  return {
    name,
    endpoint,
    timeoutMs: config.target.timeoutMs,
    connections,
    maxConnections: Math.max(connections, defaults.maxConnections),
    keepAlive: keepAlive !== false,
    warmupMs: defaults.warmupMs,
    durationMs: phaseMs(duration ?? defaults.duration, waits),
    seed,
    ...(model === 'closed'
      ? {}
      : { open: { rate: { from: perSecond, to: perSecond }, arrivals: 'poisson' as const } }),
  }
}

/** The rate of a phase that goes by what the closed model reaches with good requests, which is measured first. */
export const rateFor = async (
  phase: LoadCasePhase,
  classes: readonly LoadClass[],
  bench: Bench,
): Promise<{ readonly rate: number | undefined; readonly capacity?: number }> => {
  const { rate } = phase
  if (typeof rate !== 'object') return { rate }
  const good = classes.filter(({ expect }) => expect === 'accept')
  const { result } = await firePhase(
    { ...phase, model: 'closed', duration: `${capacityMs}ms`, keepAlive: true },
    { classes: good, spies: new Map(), bodyBytes: 0 },
    { name: 'capacity' },
    bench,
  )
  const capacity = Math.round(perSecondOf([result]))
  if (capacity === 0) throw new Unjudged({ reason: 'no good request came to a verdict' })
  return { rate: Math.min(highestRate, capacity * rate.capacity), capacity }
}
