import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createDeck } from './deck.ts'
import type { Engine, EngineEnd, EngineSettings, Shot, Workload } from './engine.ts'
import { seededRandom } from './random.ts'
import { Recorder, type ClassRecord, type LoadClass, type LoadJudge } from './record.ts'

export type PhaseSettings = EngineSettings & {
  readonly name: string
  /** Of traffic that is sent and not counted. */
  readonly warmupMs: number
  readonly durationMs: number
  /** Of the order in which classes are mixed. */
  readonly seed: number
}

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
}

export type PhaseResult = {
  readonly name: string
  readonly model: 'closed'
  /** `interrupted`: by the signal; what was counted until then stands. */
  readonly end: EngineEnd | { readonly kind: 'interrupted' }
  readonly connections: number
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
  /** How late the generator's own event loop was in the measured time: 99th percentile. Null where it was too short. */
  readonly loopDelayP99Ms: number | null
  readonly seed: number
}

const loopResolutionMs = 10
const progressMs = 250

/**
 * Runs one phase: a warm-up that is not counted, the measured time, then the wait for what is in flight. A request
 * counts where it was sent in the measured time; it is counted once, when it ends.
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
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs })
  const measuring = setTimeout(() => delay.enable(), settings.warmupMs)
  const measured = setTimeout(() => delay.disable(), settings.warmupMs + settings.durationMs)
  const reporter = setInterval(() => onProgress?.(progressOf(settings.name, window, recorder)), progressMs)
  let connected = 0
  try {
    const workload = createWorkload({
      window,
      recorder,
      ...traffic,
      seed: settings.seed,
      onConnected: () => connected++,
    })
    const end = await engine(settings, workload, signal)
    const interrupted = signal.aborted && end.kind === 'finished'
    return {
      ...totals(settings, recorder),
      end: interrupted ? { kind: 'interrupted' } : end,
      connected,
      ms: window.sentMs(),
      loopDelayP99Ms: delay.count === 0 ? null : Math.max(0, delay.percentile(99) / 1e6 - loopResolutionMs),
    }
  } finally {
    clearTimeout(measuring)
    clearTimeout(measured)
    clearInterval(reporter)
    delay.disable()
  }
}

type Window = ReturnType<typeof createWindow>

/** The measured time, from the moment at which this is called. */
const createWindow = ({ warmupMs, durationMs }: PhaseSettings) => {
  const begun = performance.now()
  const opens = begun + warmupMs
  const closes = opens + durationMs
  let lastSentAt = opens
  return {
    opens,
    closes,
    begun,
    isOver: () => performance.now() >= closes,
    counts: (sentAt: number) => sentAt >= opens && sentAt < closes,
    sent: (at: number) => {
      lastSentAt = Math.max(at, opens)
    },
    /** Up to the end of the window, or to the last request where the phase ended before that. */
    sentMs: () => (performance.now() >= closes ? durationMs : lastSentAt - opens),
  }
}

const createWorkload = ({
  window,
  recorder,
  classes,
  judge,
  seed,
  onConnected,
}: PhaseTraffic & {
  window: Window
  recorder: Recorder
  seed: number
  onConnected: () => void
}): Workload => {
  const shots = classes.map(({ requests }, index) =>
    requests.map((bytes, at): Shot => ({ class: index, index: at, bytes })),
  )
  const nextClass = createDeck(
    classes.map(({ weight }) => weight),
    seededRandom(seed),
  )
  // One cursor for all connections: a token is sent again only when all the others have been.
  const cursors = classes.map(() => 0)
  return {
    bodyBytes: judge.bodyBytes,
    over: window.isOver,
    connected: onConnected,
    disturbed: (kind) => {
      if (window.counts(performance.now())) recorder.trouble(kind)
    },
    take: (now) => {
      if (now >= window.closes) return undefined
      const drawn = nextClass()
      const pool = shots[drawn] ?? []
      const cursor = cursors[drawn] ?? 0
      cursors[drawn] = cursor + 1 === pool.length ? 0 : cursor + 1
      const shot = pool[cursor]
      if (shot === undefined) return undefined
      recorder.send(shot, window.counts(now))
      window.sent(now)
      return shot
    },
    answered: (shot, answer, sentAt, endedAt) => {
      if (window.counts(sentAt)) recorder.answer(shot, answer, (endedAt - sentAt) * 1000)
    },
    lost: (shot, loss, sentAt, endedAt) => {
      if (window.counts(sentAt)) recorder.lose(shot, loss, (endedAt - sentAt) * 1000)
    },
  }
}

const totals = ({ name, connections, seed }: PhaseSettings, recorder: Recorder) => ({
  name,
  model: 'closed' as const,
  connections,
  seed,
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
