import { Socket } from 'node:net'
import { pairs } from '../answer.ts'
import { type GatewayRequest, headerValues } from '../request.ts'
import { type Fault, fault } from './fault.ts'
import { unguardedWhere } from './unguarded.ts'

/** What follows a request that the test picks on its connection is served without a look at its token. */
const opening = (test: (request: GatewayRequest) => boolean): Fault['alter'] => {
  return (next) => {
    const opened = new WeakSet<object>()
    const behind = new WeakSet<GatewayRequest>()
    return {
      ...unguardedWhere((request) => behind.has(request))(next),
      mishap: (request) => {
        if (opened.has(request.connection)) behind.add(request)
        if (test(request)) opened.add(request.connection)
        return next.mishap(request)
      },
    }
  }
}

const has = (request: GatewayRequest, name: string): boolean => headerValues(request, name).length > 0

/** Of several fields of a stream with one name, one is kept. */
const keepingOne =
  (pick: (values: readonly string[]) => string | undefined): Fault['alter'] =>
  (next) => ({
    streamFields: (fields) => {
      const all = pairs(next.streamFields(fields))
      const names = [...new Set(all.map(([name]) => name))]
      return names.flatMap((name) => {
        const value = pick(all.filter(([key]) => key === name).map((field) => field[1]))
        return value === undefined ? [] : [name, value]
      })
    },
  })

/** What one request does to the next on its connection, and what becomes of a connection on its way in. */
export const connectionFaults = {
  'pipelined-unchecked': fault(
    'a request that comes before the one before it was answered is taken for a part of that one',
    (next) => {
      const underWay = new WeakMap<object, number>()
      const behind = new WeakSet<GatewayRequest>()
      return {
        ...unguardedWhere((request) => behind.has(request))(next),
        prepare: (request, incoming, policy) => {
          const { connection } = request
          const before = underWay.get(connection) ?? 0
          if (before > 0 && request.httpVersion === '1.1') behind.add(request)
          underWay.set(connection, before + 1)
          incoming.once('close', () => underWay.set(connection, (underWay.get(connection) ?? 1) - 1))
          return next.prepare(request, incoming, policy)
        },
      }
    },
  ),
  'two-lengths-smuggle': fault(
    'of a request with two lengths, the backend gets all that Content-Length covers, and nobody looks at it',
    (next) => ({
      ...opening((request) => has(request, 'content-length') && has(request, 'transfer-encoding'))(next),
      hasLenientParser: true,
    }),
  ),
  'two-lengths-forwarded': fault('both lengths of a request are passed on', () => ({
    hasLenientParser: true,
  })),
  'upgrade-forwarded': fault('an offer of another protocol is passed on to the backend', (next) => ({
    passesOn: (name, request) => ['upgrade', 'http2-settings'].includes(name) || next.passesOn(name, request),
  })),
  'h2c-tunnel': fault(
    'behind an offer of HTTP/2 a connection is passed on unread',
    opening((request) => headerValues(request, 'upgrade').includes('h2c')),
  ),
  'refusal-closes-unsaid': fault('a refusal ends the connection, and does not say so', (next) => ({
    refusal: (refusal, standard, request) => {
      const { connection } = request
      // Once the answer is written.
      if (connection instanceof Socket) setImmediate(() => connection.destroySoon())
      return next.refusal(refusal, standard, request)
    },
  })),
  'server-name-policy': fault(
    'the policy is that of the host named in TLS, and the route that of the Host header',
    unguardedWhere(
      (request) =>
        request.servername !== undefined &&
        !headerValues(request, 'host').some((host) => host.startsWith(request.servername ?? '')),
    ),
  ),
  'http2-keeps-first': fault(
    'of several fields of a name in HTTP/2, the first is kept',
    keepingOne((values) => values[0]),
  ),
  'http2-keeps-last': fault(
    'of several fields of a name in HTTP/2, the last is kept',
    keepingOne((values) => values.at(-1)),
  ),
  'bad-streak-refuses-good': fault('behind many bad tokens in a row, a good one is refused', (next) => {
    let streak = 0
    return {
      admit: (request, gate, d) => {
        const verdict = next.admit(request, gate, d)
        if (verdict === 'invalid-token') streak += 1
        if (verdict !== 'admitted') return verdict
        const isOver = streak >= 18
        streak = 0
        return isOver ? 'invalid-token' : verdict
      },
    }
  }),
  'clock-ahead': fault('the clock is two minutes ahead', (next) => ({
    shownTime: (ms) => next.shownTime(ms) + 120_000,
  })),
} as const satisfies Readonly<Record<string, Fault>>
