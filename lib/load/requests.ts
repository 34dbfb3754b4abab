import { pack, type Segment } from '../forge/packed.ts'

/** Requests as bytes: a few in an array, or a pool of them in shared memory. */
export type Requests = {
  readonly length: number
  at(index: number): Uint8Array | undefined
  /** Where a pool has them. */
  readonly segments?: readonly Segment[]
}

/** The same requests in memory that threads share; those of a pool are there already. */
export const segmentsOf = (requests: Requests): readonly Segment[] =>
  requests.segments ?? pack(eachOf(requests)).segments

function* eachOf(requests: Requests): Generator<Uint8Array> {
  for (let at = 0; at < requests.length; at++) {
    const bytes = requests.at(at)
    if (bytes !== undefined) yield bytes
  }
}

/** Some that follow one another, without a copy. */
export const sliceOf = (requests: Requests, from: number, to: number): Requests => ({
  length: to - from,
  at: (index) => (index < to - from ? requests.at(from + index) : undefined),
})
