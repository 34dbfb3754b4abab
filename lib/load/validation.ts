import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Endpoint } from './endpoint.ts'
import type { AnswerHead } from './engine.ts'
import type { Requests } from './requests.ts'
import { openProbe, type Probe } from './probe.ts'
import { seededRandom, shuffle, type Random } from './random.ts'
import { summarizeBlocks, type Comparison, type ValidationResult } from './differences.ts'

/** One kind of request, ready to be sent. */
export type Variant = {
  /** Sent in turn, over and over. */
  readonly requests: Requests
  /** Whether the gateway did with it what the measurement supposes: another answer takes another time. */
  isExpected(answer: AnswerHead): boolean
}

/** A variant in the measurement. */
export type Arm = Variant & {
  readonly name: string
  /** Its requests are sent once each, and the measurement ends with the last. */
  readonly once: boolean
  /** Left out where it can't be measured, while all others stand. */
  readonly optional: boolean
}

/** What is measured side by side, and what is compared with what. */
export type ValidationPlan = {
  readonly arms: readonly Arm[]
  readonly comparisons: readonly Comparison[]
  /** Two arms that are one and the same: the control. */
  readonly twins: readonly [of: string, from: string]
  /** There is no public route to compare with. */
  readonly relative: boolean
}

export type ValidationSettings = {
  readonly endpoint: Endpoint
  readonly timeoutMs: number
  readonly durationMs: number
  readonly maxBlocks: number
  readonly bodyBytes: number
  readonly seed: number
}

/** So many blocks given up in a row end the measurement. */
const patience = 20

/**
 * Measures what validation costs on an idle connection, by blocks: each sends one request of every arm, in random order,
 * over one keep-alive connection, so that whatever slows the machine slows all arms alike. The differences within the
 * blocks are what counts. Ends with the time, the blocks, the distinct tokens, or the signal, whichever is first.
 */
export const measureValidation = async (
  { arms, comparisons, twins, relative }: ValidationPlan,
  settings: ValidationSettings,
  signal: AbortSignal,
): Promise<ValidationResult> => {
  const probe = openProbe(settings.endpoint, settings.timeoutMs, settings.bodyBytes, signal)
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs })
  try {
    const lanes = arms.map((arm): Lane => ({ ...arm, next: 0, times: [] }))
    const needed = arms.flatMap(({ name, optional }) => (optional ? [] : [name]))
    const leftOut: { name: string; reason: string }[] = []
    for (const lane of lanes) {
      const reason = (await tryOut(lane, probe)) && (await tryOut(lane, probe))
      if (reason !== undefined) leftOut.push({ name: lane.name, reason })
    }
    const usable = lanes.filter(({ name }) => leftOut.every((each) => each.name !== name))
    delay.enable()
    const isWhole = leftOut.every(({ name }) => !needed.includes(name))
    const { dropped } = isWhole ? await runBlocks(usable, probe, settings, signal) : { dropped: 0 }
    const loopDelayP99Ms =
      delay.count === 0 ? null : Math.max(0, delay.percentile(99) / 1e6 - loopResolutionMs)
    const { seed } = settings
    const circumstances = { relative, comparisons, twins, needed, leftOut, dropped, loopDelayP99Ms, seed }
    return summarizeBlocks(usable, circumstances)
  } finally {
    delay.disable()
    probe.close()
  }
}

const loopResolutionMs = 10

type Lane = Arm & {
  next: number
  /** Microseconds, one for each complete block. */
  readonly times: number[]
}

type Shown = { readonly microseconds: number } | { readonly reason: string }

const fire = async (lane: Lane, probe: Probe): Promise<Shown> => {
  const bytes = lane.requests.at(lane.next++ % lane.requests.length)
  if (bytes === undefined) return { reason: 'there is no such request' }
  const probed = await probe.exchange(bytes)
  if (probed.kind === 'lost') return { reason: probed.detail }
  if (!lane.isExpected(probed.answer))
    return { reason: `answered with ${probed.answer.status}, which was not expected` }
  return probed.keptOpen ? probed : { reason: 'the gateway closes the connection after it' }
}

const tryOut = async (lane: Lane, probe: Probe): Promise<string | undefined> => {
  const shown = await fire(lane, probe)
  return 'reason' in shown ? shown.reason : undefined
}

const runBlocks = async (
  lanes: readonly Lane[],
  probe: Probe,
  { seed, maxBlocks, durationMs }: ValidationSettings,
  signal: AbortSignal,
): Promise<{ dropped: number }> => {
  const random = seededRandom(seed)
  const until = performance.now() + durationMs
  let [dropped, inARow] = [0, 0]
  const spent = (): boolean => lanes.some(({ once, next, requests }) => once && next >= requests.length)
  for (
    let block = 0;
    block < maxBlocks && !signal.aborted && !spent() && performance.now() < until;
    block++
  ) {
    const times = await runBlock(lanes, probe, random)
    if (times === undefined) {
      dropped++
      if (++inARow === patience) break
      continue
    }
    inARow = 0
    for (const [at, lane] of lanes.entries()) lane.times.push(times[at] ?? 0)
  }
  return { dropped }
}

/** The microseconds of each lane, or undefined where the block cannot be used. */
const runBlock = async (
  lanes: readonly Lane[],
  probe: Probe,
  random: Random,
): Promise<number[] | undefined> => {
  const order = lanes.map((_lane, at) => at)
  shuffle(order, random)
  const times: number[] = []
  for (const at of order) {
    const lane = lanes[at]
    if (lane === undefined) continue
    const shown = await fire(lane, probe)
    if ('reason' in shown) return undefined
    times[at] = shown.microseconds
  }
  return times
}
