import { subjectHeader } from '../../config/forwarded.ts'
import type { HitSource } from '../../trial/witness.ts'
import { loadBytes } from '../load-bytes.ts'
import type { LoadClass } from '../record.ts'
import type { Bench } from './bench.ts'
import { Unjudged } from './bench.ts'
import type { Spy } from './spy.ts'

/** What the upstream writes of a request into its answer is within that. */
export const identityBytes = 2048

/** So many of the class's requests were answered for another, and so many reached the upstream as another's. */
export type Mixups = {
  readonly answers: number
  readonly arrivals: number
  /** Answers and arrivals that could be told. */
  readonly compared: number
}

export type IdentityWatch = {
  readonly class: LoadClass
  readonly spy: Spy
  read(upstream: HitSource): Mixups
}

/** Good requests, each of a subject of its own and with an id that the upstream writes into its answer. Throws Unjudged. */
export const watchIdentity = (weight: number, count: number, bench: Bench): IdentityWatch => {
  const { config, make, io } = bench
  const header = subjectHeader(config.policy)
  const idHeader = config.serve.upstream?.idHeader
  if (header === undefined || idHeader === undefined)
    throw new Unjudged({ missing: [header === undefined ? 'forwards-subject' : 'upstream'] })
  const run = io.random(4).toString('hex')
  const subjects = new Map<string, string>()
  const requests = Array.from({ length: count }, (_, index) => {
    const [id, subject] = [`load-${run}-${index}`, `subject-${run}-${index}`]
    subjects.set(id, subject)
    const headers = [{ name: idHeader, value: id }]
    return loadBytes(make({ claims: { sub: subject }, request: { headers } }), config)
  })
  let [answers, compared] = [0, 0]
  return {
    class: { name: 'valid', expect: 'accept', weight, requests },
    spy: ({ index, reading, answer }) => {
      const named = reading === 'let-in' ? idIn(answer.body, run) : undefined
      if (named === undefined) return
      compared++
      if (named !== `load-${run}-${index}`) answers++
    },
    read: (upstream) => {
      const hits = upstream.hits().filter(({ id }) => id !== undefined && subjects.has(id))
      const strange = hits.filter(({ id = '', headers }) => {
        const told = headers.filter(([name]) => name.toLowerCase() === header.toLowerCase())
        return told.length !== 1 || told[0]?.[1] !== subjects.get(id)
      })
      return { answers, arrivals: strange.length, compared: compared + hits.length }
    },
  }
}

const idIn = (body: Uint8Array, run: string): string | undefined =>
  new RegExp(`load-${run}-\\d+`).exec(Buffer.from(body).toString('latin1'))?.[0]
