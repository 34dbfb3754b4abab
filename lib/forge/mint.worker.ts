import { parentPort } from 'node:worker_threads'
import { mint, type MintOrder } from './mint.ts'

/** Signs the order that comes, and hands the tokens back without a copy. */
parentPort?.once('message', (order: MintOrder) => {
  const { bytes, ends } = mint(order)
  parentPort?.postMessage({ bytes, ends }, [bytes.buffer, ends.buffer])
})
