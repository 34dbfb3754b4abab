import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Histogram } from './histogram.ts'

/** What the generator itself had to do in the measured time. */
export type GeneratorStrain = {
  /** How late its event loop was: 99th percentile. Null where the time was too short. */
  readonly loopDelayP99Ms: number | null
  /** The share of the time in which it had something to do, from 0 to 1. Null likewise. */
  readonly busy: number | null
}

export type StrainMeter = {
  /** Time in which it watched the clock with nothing else to do. */
  idled(ms: number): void
  read(): GeneratorStrain
  stop(): void
}

const resolutionMs = 10

/** Measures the strain between two moments, in milliseconds from now. */
export const createStrainMeter = (fromMs: number, toMs: number): StrainMeter => {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs })
  let begun: ReturnType<typeof performance.eventLoopUtilization> | undefined
  let used: ReturnType<typeof performance.eventLoopUtilization> | undefined
  let watchedMs = 0
  const begin = setTimeout(() => {
    delay.enable()
    begun = performance.eventLoopUtilization()
  }, fromMs)
  const end = (): void => {
    delay.disable()
    if (begun !== undefined) used ??= performance.eventLoopUtilization(begun)
  }
  const ending = setTimeout(end, toMs)
  return {
    idled: (ms) => {
      if (begun !== undefined && used === undefined) watchedMs += ms
    },
    read: () => {
      end()
      return {
        loopDelayP99Ms: delay.count === 0 ? null : Math.max(0, delay.percentile(99) / 1e6 - resolutionMs),
        busy:
          used === undefined || used.active + used.idle === 0
            ? null
            : Math.max(0, used.active - watchedMs) / (used.active + used.idle),
      }
    },
    stop: () => {
      clearTimeout(begin)
      clearTimeout(ending)
      delay.disable()
    },
  }
}

/** What a phase of the open model tells of its own pace. */
export type Pace = {
  /** Microseconds by which requests were sent late though a connection was free for them. */
  readonly lateness: Histogram
  /** In microseconds. */
  readonly latencyP99: number | undefined
  readonly busy: number | null
  readonly sent: number
  /** Requests for which no connection was free when they were due. */
  readonly waited: number
}

const leastLatenessUs = 1000
const mostBusy = 0.97
const fewWaits = 0.01

/**
 * Why an open phase says too little of the gateway because the generator did not keep up, if so. What waits because the
 * gateway holds all connections is no doubt: it is what the phase is to show.
 */
export const paceDoubts = ({ lateness, latencyP99, busy, sent, waited }: Pace): string[] => {
  const late = lateness.percentile(0.99) ?? 0
  const allowed = Math.max(leastLatenessUs, (latencyP99 ?? 0) / 10)
  return [
    ...(late > allowed
      ? [
          `the generator sent late by ${(late / 1000).toFixed(1)} ms (p99) while connections were free: it does not keep this rate here`,
        ]
      : []),
    ...(busy !== null && busy > mostBusy && waited > sent * fewWaits
      ? [
          `the generator had no time left (${Math.round(busy * 100)} % busy) while ${waited} requests waited for a connection: it does not keep this rate here`,
        ]
      : []),
  ]
}
