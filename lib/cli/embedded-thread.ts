import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Stack } from '../reference/stack.ts'
import { ServeError } from '../serve/open.ts'
import type { StackOrder } from './embedded.worker.ts'

/** What the thread of the embedded stack says. */
export type StackReport =
  | { readonly kind: 'up'; readonly stack: Omit<Stack, 'close'> }
  | { readonly kind: 'in-use'; readonly message: string }
  | { readonly kind: 'closed' }

/** Node.js 20 runs no TypeScript in a thread: from the sources the compiled worker is taken, which the tests build first. */
const workerFile = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/cli/embedded.worker.js', import.meta.url)
  : new URL('./embedded.worker.js', import.meta.url)

/**
 * Starts the embedded stack in a thread of its own: in ours, a load test would measure the generator and the gateway
 * taking turns. Throws ServeError where a port is in use.
 */
export const startStackThread = async (order: StackOrder): Promise<Stack> => {
  const worker = new Worker(workerFile, { workerData: order })
  const report = await firstReport(worker)
  if (report.kind !== 'up') {
    await worker.terminate()
    throw new ServeError(report.kind === 'in-use' ? report.message : 'the embedded stack did not start')
  }
  return {
    ...report.stack,
    close: async () => {
      const ended = once(worker, 'exit')
      worker.postMessage('close')
      await ended
    },
  }
}

const firstReport = (worker: Worker): Promise<StackReport> =>
  new Promise((resolve, reject) => {
    worker.once('message', (report: StackReport) => resolve(report))
    worker.once('error', reject)
  })
