import type { Answer, Lost } from './answer.ts'
import { answeredFrom } from './body.ts'
import type { Reading } from './inbox.ts'
import { lossOf, type Reason } from './loss.ts'
import type { Received } from './parser.ts'

export type Circumstances = {
  /** `host:port` of the target. */
  readonly address: string
  readonly ms: number
  /** The connection had served before. */
  readonly reused: boolean
}

/** What a reading amounts to; throws what is no failure of the network or the peer. */
export const answerOf = async (reading: Reading, circumstances: Circumstances): Promise<Answer> => {
  const { address, ms } = circumstances
  switch (reading.kind) {
    case 'answer':
      return answeredFrom(reading.received, ms)
    case 'closed':
      return lost({ loss: 'closed', detail: closedDetail(reading.heard, address) }, circumstances, reading)
    case 'malformed': {
      const detail = `${address} sent ${reading.detail}`
      return lost({ loss: 'malformed', detail }, circumstances, { heard: true, received: reading.received })
    }
    case 'failed': {
      const reason = lossOf(reading.error, address)
      if (reason === undefined) throw reading.error
      // An answer that came before the connection broke is an answer; one that never ends is none.
      return reading.received && reason.loss !== 'timeout'
        ? answeredFrom(reading.received, ms)
        : lost(reason, circumstances, reading)
    }
  }
}

const closedDetail = (heard: boolean, address: string): string =>
  heard
    ? `${address} closed the connection within a header section`
    : `${address} closed the connection without an answer`

const lost = async (
  { loss, detail }: Reason,
  { ms, reused }: Circumstances,
  { heard, received }: { readonly heard: boolean; readonly received?: Received | undefined },
): Promise<Lost> => ({
  kind: 'lost',
  loss,
  detail,
  ms,
  ...(reused && !heard && (loss === 'reset' || loss === 'closed') && { reused: true as const }),
  ...(received && { partial: await answeredFrom(received, ms) }),
})
