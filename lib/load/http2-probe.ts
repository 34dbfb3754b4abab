import type { ClientHttp2Session } from 'node:http2'
import { schemeOf, sendStream } from './http2-session.ts'
import type { Probed, ProbeSettings } from './probe.ts'

/** Sends one request over a session, and waits for its answer as long as the session's peer may take. */
export const probeSession = (
  session: ClientHttp2Session,
  bytes: Uint8Array,
  { endpoint, bodyBytes, timeoutMs }: ProbeSettings,
): Promise<Probed> =>
  new Promise((resolve) => {
    if (session.closed || session.destroyed) {
      resolve({ kind: 'lost', detail: 'the connection was closed' })
      return
    }
    const sentAt = performance.now()
    const settle = (probed: Probed): void => {
      clearTimeout(timer)
      resolve(probed)
    }
    const flight = sendStream(
      session,
      bytes,
      { scheme: schemeOf(endpoint), bodyBytes },
      {
        answered: (answer) => {
          const microseconds = (performance.now() - sentAt) * 1000
          settle({ kind: 'answered', answer, microseconds, keptOpen: !session.closed })
        },
        broken: (_ending, detail) => settle({ kind: 'lost', detail }),
      },
    )
    const timer = setTimeout(() => {
      flight.giveUp()
      settle({ kind: 'lost', detail: 'no answer in time' })
    }, timeoutMs)
  })
