import type { Hit } from '../serve/hit.ts'
import type { Sent } from './attempt.ts'

/** What the upstream that we own saw. */
export type Witness = {
  /** The hits of one attempt, as far as they are known by now. */
  hitsFor(sent: Pick<Sent, 'id'>): readonly Hit[]
  /** Whether the ids of attempts come through; if not, witness cases run one at a time. */
  readonly byId: boolean
}

export type HitSource = { hits(): readonly Hit[]; hitsOf(id: string): readonly Hit[] }

export const noWitness: Witness = { hitsFor: () => [], byId: true }

/** Hits are told apart by the id that each attempt carries. */
export const witnessById = (source: HitSource): Witness => ({
  hitsFor: ({ id }) => source.hitsOf(id),
  byId: true,
})

/** The gateway strips the id: what arrived while an attempt was under way, alone, is that attempt's. */
export const witnessByTurn = (): Witness & { record(id: string, hits: readonly Hit[]): void } => {
  const byAttempt = new Map<string, readonly Hit[]>()
  return {
    hitsFor: ({ id }) => byAttempt.get(id) ?? [],
    byId: false,
    record: (id, hits) => void byAttempt.set(id, hits),
  }
}
