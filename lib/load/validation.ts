import type { Endpoint } from './endpoint.ts'
import type { AnswerHead } from './engine.ts'
import { openProbe, type Probe } from './probe.ts'
import { seededRandom, shuffle, type Random } from './random.ts'
import { summarizeBlocks, variantNames, type ValidationResult } from './differences.ts'

/** One kind of request, ready to be sent. */
export type Variant = {
  /** Sent in turn, over and over. */
  readonly requests: readonly [Uint8Array, ...Uint8Array[]]
  /** Whether the gateway did with it what the measurement supposes: another answer takes another time. */
  isExpected(answer: AnswerHead): boolean
}

/** What is compared. Without a public route the differences are relative to a token that was seen before. */
export type ValidationPlan = {
  /** The public route, without a token and with a good one in the same bytes as on the protected route. */
  readonly public?: { readonly bare: Variant; readonly withToken: Variant }
  /** The protected route with one good token again and again. */
  readonly repeated: Variant
  /** The protected route with good tokens that this gateway hasn't seen before: the measurement ends with the last. */
  readonly distinct: Variant
  /** The protected route with bad tokens. */
  readonly refused?: Variant
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
 * Measures what validation costs on an idle connection, by blocks: each sends every variant once, in random order, over
 * one keep-alive connection, so that whatever slows the machine slows all variants alike. The differences within the
 * blocks are what counts. Ends with the time, the blocks, the distinct tokens, or the signal, whichever is first.
 */
export const measureValidation = async (
  plan: ValidationPlan,
  settings: ValidationSettings,
  signal: AbortSignal,
): Promise<ValidationResult> => {
  const probe = openProbe(settings.endpoint, settings.timeoutMs, settings.bodyBytes)
  try {
    const lanes = lanesOf(plan)
    const leftOut: { name: string; reason: string }[] = []
    for (const lane of lanes) {
      const reason = (await tryOut(lane, probe)) && (await tryOut(lane, probe))
      if (reason !== undefined) leftOut.push({ name: lane.name, reason })
    }
    const usable = lanes.filter(({ name }) => leftOut.every((each) => each.name !== name))
    const needed = leftOut.find(({ name }) => name !== variantNames.refused)
    const run = needed === undefined ? await runBlocks(usable, probe, settings, signal) : { dropped: 0 }
    return summarizeBlocks(usable, { relative: plan.public === undefined, leftOut, dropped: run.dropped })
  } finally {
    probe.close()
  }
}

type Lane = Variant & {
  readonly name: string
  /** Its requests are sent once each. */
  readonly once: boolean
  next: number
  /** Microseconds, one for each complete block. */
  readonly times: number[]
}

const lanesOf = (plan: ValidationPlan): Lane[] => [
  ...(plan.public === undefined
    ? [laneOf(variantNames.repeatedTwin, plan.repeated)]
    : [
        laneOf(variantNames.public, plan.public.bare),
        laneOf(variantNames.publicWithToken, plan.public.withToken),
        laneOf(variantNames.publicTwin, plan.public.withToken),
      ]),
  laneOf(variantNames.repeated, plan.repeated),
  laneOf(variantNames.distinct, plan.distinct),
  ...(plan.refused === undefined ? [] : [laneOf(variantNames.refused, plan.refused)]),
]

const laneOf = (name: string, variant: Variant): Lane => ({
  name,
  requests: variant.requests,
  isExpected: (answer) => variant.isExpected(answer),
  once: name === variantNames.distinct,
  next: 0,
  times: [],
})

type Shown = { readonly microseconds: number } | { readonly reason: string }

const fire = async (lane: Lane, probe: Probe): Promise<Shown> => {
  const bytes = lane.requests[lane.next++ % lane.requests.length] ?? lane.requests[0]
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
