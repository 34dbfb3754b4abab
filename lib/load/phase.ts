import type { Engine, EngineEnd, EngineSettings } from './engine.ts'
import { createStrainMeter, type GeneratorStrain } from './generator.ts'
import type { Histogram } from './histogram.ts'
import type { ArrivalKind, Rate } from './schedule.ts'
import { Recorder, type ClassRecord, type LoadClass, type LoadJudge } from './record.ts'
import { Series, type Slice } from './series.ts'
import { createWindow, createWorkload, type Window } from './workload.ts'

export type PhaseSettings = EngineSettings & {
  readonly name: string
  /** Of traffic that is sent and not counted. */
  readonly warmupMs: number
  readonly durationMs: number
  /** Of the order in which classes are mixed, and of arrivals by chance. */
  readonly seed: number
  /** Requests go by the clock. Absent in the closed model. */
  readonly open?: OpenModel
}

export type OpenModel = { readonly rate: Rate; readonly arrivals: ArrivalKind }

export type PhaseTraffic = { readonly classes: readonly LoadClass[]; readonly judge: LoadJudge }

/** What a running phase tells, a few times a second. */
export type PhaseProgress = {
  readonly name: string
  readonly stage: 'warmup' | 'measure' | 'drain'
  /** Since the stage began. */
  readonly ms: number
  /** Counted so far. */
  readonly answered: number
  readonly lost: number
  readonly misjudged: number
  /** The last second of the measured time, each time one is over. */
  readonly second?: Slice
}

export type PhaseResult = GeneratorStrain & {
  readonly name: string
  readonly model: 'closed' | 'open'
  /** As it was asked for; absent in the closed model. */
  readonly open?: OpenModel
  readonly keepAlive: boolean
  /** `interrupted`: by the signal; what was counted until then stands. */
  readonly end: EngineEnd | { readonly kind: 'interrupted' }
  readonly connections: number
  readonly maxConnections: number
  /** Connections made, the first ones included. */
  readonly connected: number
  /** The time in which counted requests were sent. */
  readonly ms: number
  readonly sent: number
  /** Complete answers, with a verdict or without. */
  readonly answered: number
  readonly judged: number
  readonly lost: number
  readonly classes: readonly ClassRecord[]
  readonly errors: Readonly<Record<string, number>>
  /** As the recorder has them. */
  readonly service: Histogram
  readonly lateness: Histogram
  readonly waited: number
  readonly seed: number
  /** The measured time by the second. */
  readonly series?: readonly Slice[]
  /** Time of the processor that the generator took, for each millisecond of the phase. */
  readonly cpuShare?: number
  /** Threads that sent, where there were several. */
  readonly workers?: number
  /** Why it may not be believed, where the counts do not show it. */
  readonly doubts?: readonly string[]
}

const progressMs = 250

/**
 * Runs one phase: a warm-up that is not counted, the measured time, then the wait for what is in flight. A request
 * counts where it was due in the measured time; it is counted once, when it ends.
 */
export const runPhase = async (
  engine: Engine,
  settings: PhaseSettings,
  traffic: PhaseTraffic,
  {
    signal,
    onProgress,
  }: { readonly signal: AbortSignal; readonly onProgress?: (progress: PhaseProgress) => void },
): Promise<PhaseResult> => {
  const empty = traffic.classes.find(({ requests }) => requests.length === 0)
  if (empty !== undefined) throw new RangeError(`the class ${empty.name} has no requests`)
  const recorder = new Recorder(traffic.classes, traffic.judge)
  const window = createWindow(settings)
  const strain = createStrainMeter(settings.warmupMs, settings.warmupMs + settings.durationMs)
  const series = new Series()
  const cpu = process.cpuUsage()
  const reporter = setInterval(() => {
    const second = series.observe(performance.now() - window.opens, recorder)
    onProgress?.({
      ...progressOf(settings.name, window, recorder),
      ...(second === undefined ? {} : { second }),
    })
  }, progressMs)
  let connected = 0
  try {
    const workload = createWorkload({
      window,
      recorder,
      ...traffic,
      settings,
      onConnected: () => connected++,
      onIdle: (ms) => strain.idled(ms),
    })
    const end = await engine(settings, workload, signal)
    const interrupted = signal.aborted && end.kind === 'finished'
    const { user, system } = process.cpuUsage(cpu)
    series.finish(performance.now() - window.opens, recorder)
    return {
      ...totals(settings, recorder),
      end: interrupted ? { kind: 'interrupted' } : end,
      connected,
      ms: window.sentMs(),
      ...strain.read(),
      series: series.slices,
      cpuShare: (user + system) / 1000 / (performance.now() - window.begun),
    }
  } finally {
    clearInterval(reporter)
    strain.stop()
  }
}

/** The result of a phase that was called off before anything was sent. */
export const nothingFired = (
  settings: Omit<PhaseSettings, 'endpoint'>,
  { classes, judge }: PhaseTraffic,
): PhaseResult => ({
  ...totals(settings, new Recorder(classes, judge)),
  end: { kind: 'interrupted' },
  connected: 0,
  ms: 0,
  loopDelayP99Ms: null,
  busy: null,
})

const totals = (settings: Omit<PhaseSettings, 'endpoint'>, recorder: Recorder) => ({
  name: settings.name,
  ...(settings.open === undefined
    ? { model: 'closed' as const }
    : { model: 'open' as const, open: settings.open }),
  keepAlive: settings.keepAlive,
  connections: settings.connections,
  maxConnections: settings.maxConnections,
  seed: settings.seed,
  service: recorder.service,
  lateness: recorder.lateness,
  waited: recorder.waited,
  sent: sumOf(recorder.classes.map(({ sent }) => sent)),
  judged: sumOf(recorder.classes.map(({ judged }) => judged)),
  answered: recorder.answered,
  lost: sumOf([...recorder.losses.values()]),
  classes: recorder.classes,
  errors: Object.fromEntries([...recorder.errors].sort(([a], [b]) => (a < b ? -1 : 1))),
})

const progressOf = (name: string, { begun, opens, closes }: Window, recorder: Recorder): PhaseProgress => {
  const now = performance.now()
  const [stage, since] =
    now < opens
      ? (['warmup', begun] as const)
      : now < closes
        ? (['measure', opens] as const)
        : (['drain', closes] as const)
  return {
    name,
    stage,
    ms: now - since,
    answered: recorder.answered,
    lost: sumOf([...recorder.losses.values()]),
    misjudged: sumOf(recorder.classes.map(({ falseAccepts, falseRefusals }) => falseAccepts + falseRefusals)),
  }
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0)
