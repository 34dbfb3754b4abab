import { parentPort } from 'node:worker_threads'
import { mint, type MintOrder } from './mint.ts'

/** Signs each order that comes, and hands the tokens back without a copy. */
parentPort?.on('message', (order: MintOrder) => {
  parentPort?.postMessage(mint(order))
})
