import { latencyOf } from '../evaluate.ts'
import { paceDoubts } from '../generator.ts'
import { Unjudged, type Fired } from './bench.ts'
import { finding, joined, nothing, playedIn, type Found, type Sight } from './found.ts'

/** Percentiles of each phase. Throws Unjudged where the generator did not keep the pace. */
export const reportsLatency = (sight: Sight): Found => {
  const { fired } = playedIn(sight)
  const doubts = fired.flatMap(({ result }) =>
    result.model === 'closed'
      ? []
      : paceDoubts({ ...result, latencyP99: latencyOf(undefined, [result]).percentile(0.99) }),
  )
  const [doubt] = doubts
  if (doubt !== undefined) throw new Unjudged({ reason: `measurement-not-valid: ${doubt}` })
  return { ...nothing, measured: joined(fired.map(percentiles)) }
}

const percentiles = ({ result }: Fired): Found['measured'] => {
  const { p50, p99 } = latencyOf(undefined, [result]).latencyMs()
  const service = result.service.latencyMs()
  const at = (name: string) => `${result.name}: ${name}`
  return {
    [at('p50 ms')]: p50,
    [at('p99 ms')]: p99,
    ...(result.model === 'closed'
      ? { [at('latency from')]: 'sending' }
      : { [at('latency from')]: 'when it was due', [at('p99 ms from sending')]: service.p99 }),
  }
}

/** How often the keys were fetched in the phase, and the worst second of it. */
export const reportsRefreshes = (sight: Sight): Found => {
  const { fetches = 0, fired } = playedIn(sight)
  if (fetches === 0) throw new Unjudged({ missing: ['time'] })
  const spikes = fired.flatMap(({ result }) =>
    (result.series ?? []).map(({ latencyMs }) => latencyMs.p99 ?? 0),
  )
  const all = fired.map(({ result }) => result)
  return {
    ...nothing,
    measured: {
      fetches,
      p99Ms: latencyOf(undefined, all).latencyMs().p99,
      worstSecondP99Ms: Math.max(0, ...spikes),
    },
  }
}

/** What is less than that is the noise of a machine. */
const leastSlowdownMs = 20

/** How much longer good requests take beside the rest of the mix than alone. */
export const boundedSlowdown = ({ atMost }: { readonly atMost: number }, sight: Sight): Found => {
  const { fired, alone } = playedIn(sight)
  const p95 = (some: readonly Fired[]) =>
    latencyOf(
      'valid',
      some.map(({ result }) => result),
    ).percentile(0.95)
  const [before, beside] = [alone && p95([alone]), p95(fired)]
  if (before === undefined || beside === undefined) throw new Unjudged({ reason: 'no-verdicts' })
  const isSlowed = beside > before * atMost && beside - before > leastSlowdownMs * 1000
  const [alonePart, besidePart] = [before, beside].map((us) => Math.round(us / 10) / 100)
  return {
    mismatches: isSlowed
      ? finding(
          'out-of-proportion',
          sight.level,
          `good requests took ${besidePart} ms (p95) beside the flood, ${alonePart} ms without it`,
        )
      : [],
    notes: [],
    measured: { 'alone: p95 ms': alonePart ?? null, 'beside: p95 ms': besidePart ?? null },
  }
}
