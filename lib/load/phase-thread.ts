import { Worker } from 'node:worker_threads'
import { readResult, type FromThread, type PhaseOrder, type ToThread } from './phase-message.ts'
import type { PhaseProgress, PhaseResult } from './phase.ts'

/** A thread that fires its share of a phase. */
export type PhaseThread = {
  /** Settled when it waits for its moment. Rejected where it breaks, as `result` is. */
  readonly ready: Promise<unknown>
  /** Undefined where it was told to end, and did not say in time what it had counted. */
  readonly result: Promise<PhaseResult | undefined>
  /** At a moment of `process.hrtime`, in nanoseconds. */
  fire(atNs: bigint): void
  /** What is in flight ends at once. */
  stop(): void
  /** Ends the thread itself. */
  end(): Promise<void>
}

// Node.js 20 runs no TypeScript in a thread: from the sources the compiled one is taken, which the tests build first.
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/load/phase.worker.js' : './phase.worker.js',
  import.meta.url,
)

/** So long it may take to tell what it has counted, once it is told to end. */
const graceMs = 1500

export const startPhaseThread = (
  order: PhaseOrder,
  onProgress: (progress: PhaseProgress) => void,
): PhaseThread => {
  const worker = new Worker(workerFile, { workerData: order })
  const ready = openPromise<undefined>()
  const result = openPromise<PhaseResult | undefined>()
  let grace: NodeJS.Timeout | undefined
  const tell = (message: ToThread): void => worker.postMessage(message)
  const fail = (error: Error): void => {
    ready.reject(error)
    result.reject(error)
  }
  // Whoever waits for one of them may never come to wait for the other.
  result.promise.catch(() => undefined)
  worker.on('message', (message: FromThread) => {
    if (message.kind === 'ready') ready.resolve(undefined)
    else if (message.kind === 'progress') onProgress(message.progress)
    else result.resolve(readResult(message.result))
  })
  worker.once('error', fail)
  worker.once('exit', (code) => {
    clearTimeout(grace)
    // After a result this changes nothing any more.
    fail(new Error(`a thread that sends ended with ${code} before it was done`))
  })
  return {
    ready: ready.promise,
    result: result.promise,
    fire: (atNs) => tell({ kind: 'fire', atNs }),
    stop: () => {
      tell({ kind: 'stop' })
      grace ??= setTimeout(() => {
        ready.resolve(undefined)
        result.resolve(undefined)
      }, graceMs)
    },
    end: async () => {
      clearTimeout(grace)
      await worker.terminate()
    },
  }
}

type OpenPromise<Value> = {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
  readonly reject: (error: Error) => void
}

const openPromise = <Value>(): OpenPromise<Value> => {
  let resolve: OpenPromise<Value>['resolve'] = () => undefined
  let reject: OpenPromise<Value>['reject'] = () => undefined
  const promise = new Promise<Value>((settle, fail) => {
    resolve = settle
    reject = fail
  })
  return { promise, resolve: (value) => resolve(value), reject: (error) => reject(error) }
}
