import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { SigningKey } from '../config/config.ts'
import { mint, unpack, type MintOrder, type PackedTokens } from './mint.ts'
import type { Members } from './scene.ts'

/** What is signed over and over, with another `jti` each time. */
export type PoolTemplate = {
  readonly key: SigningKey
  readonly header: Members
  /** A `jti` in them is replaced. */
  readonly claims: Members
  /** Begins every `jti`, so that two pools share none. */
  readonly prefix: string
}

export type Pool = {
  readonly tokens: readonly string[]
  /** Signed tokens a second, the start of the threads included. Null where none had to be. */
  readonly perSecond: number | null
}

/** So few are signed sooner than a thread starts. */
const fewEnough = 100
/** About 1 GB of tokens signed with RSA. */
const most = 1_000_000

/**
 * Signs so many distinct tokens on all cores, while this thread stays free. Ends early with the signal.
 * @throws RangeError for more than a million tokens.
 */
export const mintPool = async (
  template: PoolTemplate,
  count: number,
  signal?: AbortSignal,
): Promise<Pool> => {
  if (count > most) throw new RangeError(`a pool has at most ${most} tokens`)
  signal?.throwIfAborted()
  const started = performance.now()
  const orders = ordersFor(template, count)
  const [only, ...others] = orders
  const packed =
    only !== undefined && others.length === 0 && count <= fewEnough
      ? [mint(only)]
      : await Promise.all(orders.map((order) => mintInThread(order, signal)))
  const seconds = Math.max(0.001, (performance.now() - started) / 1000)
  return { tokens: packed.flatMap(unpack), perSecond: count / seconds }
}

/** Even shares, one for each thread. */
const ordersFor = ({ key, header, claims, prefix }: PoolTemplate, count: number): MintOrder[] => {
  const threads = Math.max(1, Math.min(availableParallelism(), Math.ceil(count / fewEnough)))
  const edge = (share: number): number => Math.floor((share * count) / threads)
  return Array.from({ length: threads }, (_, at) => ({
    key: key.privateKey,
    alg: key.alg,
    header,
    claims,
    prefix,
    first: edge(at),
    count: edge(at + 1) - edge(at),
  }))
}

// Node.js 20 runs no TypeScript in a thread: from the sources the compiled one is taken, which the tests build first.
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/forge/mint.worker.js' : './mint.worker.js',
  import.meta.url,
)

const mintInThread = (order: MintOrder, signal?: AbortSignal): Promise<PackedTokens> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(workerFile)
    const stop = (): void => {
      void worker.terminate()
      reject(signal?.reason instanceof Error ? signal.reason : new Error('minting was stopped'))
    }
    signal?.addEventListener('abort', stop, { once: true })
    worker.once('message', (tokens: PackedTokens) => resolve(tokens))
    worker.once('error', reject)
    worker.once('exit', (code) => {
      signal?.removeEventListener('abort', stop)
      // After a message this changes nothing any more.
      reject(new Error(`a thread that mints tokens ended with ${code} before it was done`))
    })
    worker.postMessage(order)
  })
