import { parentPort, workerData } from 'node:worker_threads'
import { packed } from '../forge/packed.ts'
import { endpointOf } from './endpoint.ts'
import { engines } from './engines.ts'
import { writeResult, type FromThread, type PhaseOrder, type ToThread } from './phase-message.ts'
import { runPhase, type PhaseResult, type PhaseTraffic } from './phase.ts'
import { loadJudge } from './read-answer.ts'
import { sliceOf } from './requests.ts'

const isOrder = (value: unknown): value is PhaseOrder =>
  typeof value === 'object' && value !== null && 'lesson' in value

const tell = (message: FromThread): void => parentPort?.postMessage(message)

const trafficOf = ({ classes, lesson }: PhaseOrder): PhaseTraffic => ({
  judge: loadJudge(lesson),
  classes: classes.map(({ name, expect, weight, segments, from, to }) => ({
    name,
    expect,
    weight,
    requests: sliceOf(packed(segments), from, to),
  })),
})

/** Requests are counted among those of all threads. */
const asOfAll = (result: PhaseResult, { classes }: PhaseOrder): PhaseResult => ({
  ...result,
  classes: result.classes.map((record, at) => {
    const { from = 0, isShared = false } = classes[at] ?? {}
    const offenders = record.offenders.map((each) => ({ ...each, index: each.index + from }))
    return { ...record, offenders, isShared }
  }),
})

/** So much of the time of a phase may a thread begin after the others: less than that changes no rate that is told. */
const mostLate = 0.05

const doubtOf = (lateMs: number, { durationMs }: PhaseOrder['settings']): Pick<PhaseResult, 'doubts'> =>
  lateMs > durationMs * mostLate
    ? { doubts: [`a thread began to send ${Math.round(lateMs)} ms after its moment`] }
    : {}

/** A timer is up to a millisecond late: the last of the way the clock is watched. */
const watchMs = 2
const msUntil = (atNs: bigint): number => Number(atNs - process.hrtime.bigint()) / 1e6

const order: unknown = workerData
if (isOrder(order)) {
  const { engine, settings, reach } = order
  const traffic = trafficOf(order)
  const endpoint = endpointOf(reach)
  const stop = new AbortController()
  let isBegun = false
  const fire = async (lateMs: number): Promise<void> => {
    if (isBegun) return
    isBegun = true
    const result = await runPhase(engines[engine], { ...settings, endpoint }, traffic, {
      signal: stop.signal,
      onProgress: (progress) => tell({ kind: 'progress', progress }),
    })
    tell({ kind: 'result', result: writeResult({ ...asOfAll(result, order), ...doubtOf(lateMs, settings) }) })
  }
  parentPort?.on('message', (message: ToThread) => {
    if (message.kind === 'stop') {
      stop.abort()
      void fire(0)
      return
    }
    const { atNs } = message
    setTimeout(
      () => {
        while (msUntil(atNs) > 0);
        void fire(-msUntil(atNs))
      },
      Math.max(0, msUntil(atNs) - watchMs),
    )
  })
  tell({ kind: 'ready' })
}
