import { createDeck } from './deck.ts'
import type { Arrivals, Shot, Workload } from './engine.ts'
import type { PhaseSettings, PhaseTraffic } from './phase.ts'
import { seededRandom } from './random.ts'
import type { Requests } from './requests.ts'
import type { Recorder } from './record.ts'
import { scheduleArrivals } from './schedule.ts'

export type Window = ReturnType<typeof createWindow>

/** The measured time of a phase that begins at the moment at which this is called. */
export const createWindow = ({ warmupMs, durationMs }: Pick<PhaseSettings, 'warmupMs' | 'durationMs'>) => {
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

/** Draws the requests of a phase from its classes, and counts those that are due in the measured time. */
export const createWorkload = ({
  window,
  recorder,
  classes,
  judge,
  settings,
  onConnected,
  onIdle,
}: PhaseTraffic & {
  window: Window
  recorder: Recorder
  settings: PhaseSettings
  onConnected: () => void
  onIdle: (ms: number) => void
}): Workload => {
  const shots = classes.map(({ requests }, index) => shotsOf(requests, index))
  const arrivals = arrivalsOf(settings, window)
  const nextClass = createDeck(
    classes.map(({ weight }) => weight),
    seededRandom(settings.seed),
  )
  // One cursor for all connections: a token is sent again only when all the others have been.
  const cursors = classes.map(() => 0)
  return {
    bodyBytes: judge.bodyBytes,
    ...(arrivals === undefined ? {} : { arrivals }),
    over: () => (arrivals === undefined ? window.isOver() : arrivals.peek() === Infinity),
    connected: onConnected,
    idled: onIdle,
    disturbed: (kind) => {
      if (window.counts(performance.now())) recorder.trouble(kind)
    },
    take: (dueAt) => {
      if (dueAt >= window.closes) return undefined
      const drawn = nextClass()
      const cursor = cursors[drawn] ?? 0
      cursors[drawn] = cursor + 1 === classes[drawn]?.requests.length ? 0 : cursor + 1
      const shot = shots[drawn]?.(cursor)
      if (shot === undefined) return undefined
      recorder.send(shot, window.counts(dueAt))
      window.sent(dueAt)
      return shot
    },
    answered: (shot, answer, span) => {
      if (window.counts(span.dueAt)) recorder.answer(shot, answer, span)
    },
    lost: (shot, loss, span) => {
      if (window.counts(span.dueAt)) recorder.lose(shot, loss, span)
    },
  }
}

const arrivalsOf = (
  { open, warmupMs, durationMs, seed }: PhaseSettings,
  { begun }: Window,
): Arrivals | undefined =>
  open === undefined
    ? undefined
    : scheduleArrivals(
        { rate: open.rate, kind: open.arrivals, warmupMs, durationMs },
        begun,
        // Another row than that which mixes the classes.
        seededRandom(seed ^ 0x5bd1e995),
      )

/** Beyond so many, a shot is made when it is taken: a million of them would take more room than their bytes. */
const mostKept = 20_000

const shotsOf = (requests: Requests, index: number): ((at: number) => Shot | undefined) => {
  const make = (at: number): Shot | undefined => {
    const bytes = requests.at(at)
    return bytes === undefined ? undefined : { class: index, index: at, bytes, isHead: isHead(bytes) }
  }
  if (requests.length > mostKept) return make
  const kept: (Shot | undefined)[] = []
  return (at) => (kept[at] ??= make(at))
}

/** Whether it begins with "HEAD". */
const isHead = (bytes: Uint8Array): boolean => bytes[0] === 0x48 && bytes[1] === 0x45
