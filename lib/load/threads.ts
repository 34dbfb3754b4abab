import type { Lesson } from '../judge/side.ts'
import type { Reach } from './endpoint.ts'
import type { EngineName } from './engines.ts'
import { joinProgress } from './join-progress.ts'
import { joinResults } from './join.ts'
import type { Spectator } from './measure.ts'
import type { OrderedClass } from './phase-message.ts'
import { startPhaseThread, type PhaseThread } from './phase-thread.ts'
import { nothingFired, type PhaseResult, type PhaseSettings, type PhaseTraffic } from './phase.ts'
import { segmentsOf } from './requests.ts'
import { delayOf, portionOf, type Shard } from './shard.ts'

/** What a thread makes its own connections and its own judge from. */
export type ThreadGround = { readonly reach: Reach; readonly lesson: Lesson }

export type ThreadPlan = {
  readonly ground: ThreadGround
  readonly engine: EngineName
  readonly workers: number
}

/** All threads know of their moment before it has come. */
const leadNs = 20_000_000n

type Member = { readonly thread: PhaseThread; readonly share: Share; readonly shard: Shard }
type Share = Omit<PhaseSettings, 'endpoint'>

/**
 * Runs a phase on several threads, each with its share of the connections, of the rate and of the requests, and all from
 * the same moment on. To whoever looks it is one phase.
 */
export const runInThreads = async (
  plan: ThreadPlan,
  settings: PhaseSettings,
  traffic: PhaseTraffic,
  { signal, onProgress }: Spectator,
): Promise<PhaseResult> => {
  const crew = startCrew(plan, settings, traffic, onProgress ?? (() => undefined))
  const stop = (): void => {
    for (const { thread } of crew) thread.stop()
  }
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  try {
    await Promise.all(crew.map(({ thread }) => thread.ready))
    const begunNs = process.hrtime.bigint() + leadNs
    const cpu = process.cpuUsage()
    for (const { thread, share, shard } of crew)
      thread.fire(begunNs + nanoseconds(delayOf(share.open?.rate.from, shard)))
    const [first, ...more] = await Promise.all(
      crew.map(async ({ thread, share }) => {
        const result = await thread.result
        // Where one found nobody to talk to, the others would find out no sooner.
        if (result !== undefined && result.end.kind !== 'finished') stop()
        return result ?? silent(share, traffic)
      }),
    )
    if (first === undefined) throw new RangeError('there is no thread to send')
    const { user, system } = process.cpuUsage(cpu)
    const ms = Number(process.hrtime.bigint() - begunNs) / 1e6
    return { ...joinResults([first, ...more], settings), cpuShare: (user + system) / 1000 / ms }
  } finally {
    signal.removeEventListener('abort', stop)
    await Promise.all(crew.map(({ thread }) => thread.end()))
  }
}

const startCrew = (
  { ground, engine, workers }: ThreadPlan,
  settings: PhaseSettings,
  { classes }: PhaseTraffic,
  onProgress: NonNullable<Spectator['onProgress']>,
): readonly Member[] => {
  const pools = classes.map((one) => ({ ...one, segments: segmentsOf(one.requests) }))
  const tell = joinProgress(workers, onProgress)
  return Array.from({ length: workers }, (_, index): Member => {
    const shard = { index, of: workers }
    const share = shareOfPhase(settings, shard)
    const ordered = pools.map(({ requests: { length }, ...pool }) => orderedClass(pool, length, shard))
    const order = { ...ground, engine, settings: share, classes: ordered }
    return { share, shard, thread: startPhaseThread(order, (progress) => tell(index, progress)) }
  })
}

/** Each draws its classes and its arrivals in an order of its own: else all would send at the same moments. */
const shareOfPhase = ({ endpoint: _endpoint, ...settings }: PhaseSettings, shard: Shard): Share => {
  const { connections, maxConnections, open, seed } = settings
  const { rate } = open ?? {}
  return {
    ...settings,
    connections: portionOf(connections, shard),
    maxConnections: Math.max(portionOf(connections, shard), portionOf(maxConnections, shard)),
    seed: (seed + shard.index * seedStep) >>> 0,
    ...(open === undefined || rate === undefined
      ? {}
      : { open: { ...open, rate: { from: rate.from / shard.of, to: rate.to / shard.of } } }),
  }
}

const seedStep = 0x9e3779b1

/** A part of the requests for each thread, so that no two send the same token; all for each where they are too few. */
const orderedClass = (
  { name, expect, weight, segments }: Omit<OrderedClass, 'from' | 'to' | 'isShared'>,
  length: number,
  shard: Shard,
): OrderedClass => {
  const isShared = length < shard.of
  const from = isShared ? 0 : Math.floor((length * shard.index) / shard.of)
  const to = isShared ? length : from + portionOf(length, shard)
  return { name, expect, weight, segments, from, to, isShared }
}

const nanoseconds = (ms: number): bigint => BigInt(Math.round(ms * 1e6))

const silent = (share: Share, traffic: PhaseTraffic): PhaseResult => ({
  ...nothingFired(share, traffic),
  doubts: ['a thread that sends did not tell in time what it had counted, so its part is left out'],
})
