import { parentPort, workerData } from 'node:worker_threads'
import { startStack, type StackOptions } from '../reference/stack.ts'
import type { StackReport } from './embedded-thread.ts'

/** What the thread is started with; its clock is its own. */
export type StackOrder = Omit<StackOptions, 'now'>

const isOrder = (value: unknown): value is StackOrder =>
  typeof value === 'object' && value !== null && 'signingKeys' in value

const report = (message: StackReport): void => parentPort?.postMessage(message)

const order: unknown = workerData
if (isOrder(order)) {
  try {
    const running = await startStack({ ...order, now: () => Date.now() })
    const { gatewayUrl, identityUrl, issuer, audience, clientId, clientSecret } = running
    parentPort?.once('message', () => {
      void running.close().then(() => {
        report({ kind: 'closed' })
        parentPort?.close()
      })
    })
    report({ kind: 'up', stack: { gatewayUrl, identityUrl, issuer, audience, clientId, clientSecret } })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'EADDRINUSE') throw error
    report({ kind: 'in-use', message: error instanceof Error ? error.message : '' })
  }
}
