import { headersOf, type Answer, type Answered } from '../exchange/answer.ts'
import { parseHttpDate } from '../exchange/http-date.ts'
import type { Hit } from '../serve/hit.ts'
import { quote } from './quote.ts'

/** RFC 9112 section 9.6. */
const saysClose = (answer: Answered): boolean =>
  headersOf(answer, 'connection').some((value) => /(?:^|,)\s*close\s*(?:,|$)/i.test(value))

/** The named checks of a connection and of the clock behind it. */
export const connectionChecks = {
  /** RFC 9112 section 9.6: whoever will close says so, and else the next request is served. */
  'connection-survives': (answer: Answered, { next }: { readonly next?: Answer | undefined }) => {
    if (next === undefined || saysClose(answer)) return undefined
    if (next.kind === 'lost')
      return `the next request on its connection had no answer (${next.loss}), and nothing had said that it would close`
    return next.status < 400 || [429, 503].includes(next.status)
      ? undefined
      : `the good request that followed on its connection was answered ${next.status}`
  },
  /** RFC 9112 section 6.1: behind a request with two lengths nothing on the connection is answered. */
  'connection-closed': (answer: Answered) =>
    `answered ${answer.status} on a connection that had to be closed`,
  /** RFC 9110 section 7.8: Upgrade is for one connection, and not passed on. */
  'upgrade-not-forwarded': (_: Answered, { hits }: { readonly hits: readonly Hit[] }) => {
    const passed = hits
      .flatMap(({ headers }) => headers)
      .find(([name]) => /^(?:upgrade|http2-settings)$/i.test(name))
    return passed && `the upstream got the client’s ${quote(passed[0])}`
  },
  /** RFC 9112 section 6.3: an intermediary passes on a message of one length. */
  'one-length-forwarded': (_: Answered, { hits }: { readonly hits: readonly Hit[] }) =>
    hits.some(({ headers }) => has(headers, 'content-length') && has(headers, 'transfer-encoding'))
      ? 'the upstream got both Content-Length and Transfer-Encoding'
      : undefined,
  /** A clock that is off by more makes tokens end too early or too late. */
  'clock-near': (answer: Answered) => {
    const [date] = headersOf(answer, 'date')
    const isCached = headersOf(answer, 'age').length > 0 || headersOf(answer, 'via').length > 0
    const at = date === undefined || isCached ? undefined : parseHttpDate(date)
    const offset = at === undefined ? 0 : Math.round((at - answer.receivedAt) / 1000)
    return Math.abs(offset) <= 30
      ? undefined
      : `its clock is ${Math.abs(offset)} s ${offset > 0 ? 'ahead' : 'behind'}`
  },
} as const

const has = (headers: Hit['headers'], wanted: string): boolean =>
  headers.some(([name]) => name.toLowerCase() === wanted)
