import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { SigningKey } from '../config/config.ts'
import { mint, type MintOrder } from './mint.ts'
import { noFrame, packed, type Frame, type Packed, type Segment } from './packed.ts'
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
  /** The tokens, or what they stand in. */
  readonly texts: Packed
  /** Signed tokens a second, the start of the threads included. Null where none had to be. */
  readonly perSecond: number | null
}

export type PoolOptions = {
  /** What each token stands in. */
  readonly frame?: Frame
  /** Ends early. */
  readonly signal?: AbortSignal
}

/** So few are signed sooner than a thread starts. */
const fewEnough = 100
/** So many a thread signs before it asks for more: a buffer of tens of megabytes at most. */
const mostInOrder = 20_000
/** About 1 GB of tokens signed with RSA. */
const most = 1_000_000

/**
 * Signs so many distinct tokens on all cores, while this thread stays free.
 * @throws RangeError for more than a million tokens.
 */
export const mintPool = async (
  template: PoolTemplate,
  count: number,
  { frame = noFrame, signal }: PoolOptions = {},
): Promise<Pool> => {
  if (count > most) throw new RangeError(`a pool has at most ${most} tokens`)
  signal?.throwIfAborted()
  const started = performance.now()
  const orders = ordersFor(template, count, frame)
  const [only, ...others] = orders
  const segments =
    only !== undefined && others.length === 0 && count <= fewEnough
      ? [mint(only)]
      : await mintInThreads(orders, signal)
  const seconds = Math.max(0.001, (performance.now() - started) / 1000)
  return { texts: packed(segments), perSecond: count / seconds }
}

/** Even shares, at least one for each thread. */
const ordersFor = (
  { key, header, claims, prefix }: PoolTemplate,
  count: number,
  frame: Frame,
): MintOrder[] => {
  const wanted = Math.min(availableParallelism(), Math.ceil(count / fewEnough))
  const shares = Math.max(1, wanted, Math.ceil(count / mostInOrder))
  const edge = (share: number): number => Math.floor((share * count) / shares)
  return Array.from({ length: shares }, (_, at) => ({
    key: key.privateKey,
    alg: key.alg,
    header,
    claims,
    prefix,
    first: edge(at),
    count: edge(at + 1) - edge(at),
    frame,
  }))
}

/** What each order came to, in their order. */
const mintInThreads = async (orders: readonly MintOrder[], signal?: AbortSignal): Promise<Segment[]> => {
  const made: Segment[] = []
  const next = orders.entries()
  const failure = new AbortController()
  const stop = AbortSignal.any([failure.signal, ...(signal === undefined ? [] : [signal])])
  const threads = Array.from({ length: Math.min(availableParallelism(), orders.length) }, () =>
    mintInThread(next, (at, segment) => (made[at] = segment), stop),
  )
  try {
    await Promise.all(threads)
  } finally {
    // Where one failed, the others need not go on.
    failure.abort()
  }
  return made
}

// Node.js 20 runs no TypeScript in a thread: from the sources the compiled one is taken, which the tests build first.
const workerFile = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/forge/mint.worker.js' : './mint.worker.js',
  import.meta.url,
)

/** Has a thread sign one order after the other until none is left. */
const mintInThread = (
  orders: Iterator<[number, MintOrder], undefined>,
  onMade: (at: number, segment: Segment) => void,
  signal: AbortSignal,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(workerFile)
    let current = 0
    const order = (): void => {
      const { done, value } = orders.next()
      if (done === true) {
        resolve()
        void worker.terminate()
        return
      }
      current = value[0]
      worker.postMessage(value[1])
    }
    const stop = (): void => {
      void worker.terminate()
      reject(signal.reason instanceof Error ? signal.reason : new Error('minting was stopped'))
    }
    signal.addEventListener('abort', stop, { once: true })
    worker.on('message', (segment: Segment) => {
      onMade(current, segment)
      order()
    })
    worker.once('error', reject)
    worker.once('exit', (code) => {
      signal.removeEventListener('abort', stop)
      // After the last order this changes nothing any more.
      reject(new Error(`a thread that mints tokens ended with ${code} before it was done`))
    })
    order()
  })
