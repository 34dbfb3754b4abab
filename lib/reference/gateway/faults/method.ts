import { errorAnswer } from '../answer.ts'
import { type GatewayRequest, headerValues, queryValues } from '../request.ts'
import { type Fault, fault } from './fault.ts'
import { unguardedWhere } from './unguarded.ts'

/** Requests that the test picks are let through whatever methods the route has, and unchecked. */
const throughWhere =
  (test: (request: GatewayRequest) => boolean): Fault['alter'] =>
  (next) => ({
    ...unguardedWhere(test)(next),
    allows: (route, request) => test(request) || next.allows(route, request),
  })

const has = (request: GatewayRequest, name: string): boolean => headerValues(request, name).length > 0

const overrides = ['x-http-method-override', 'x-http-method', 'x-method-override', 'x-forwarded-method']

const isSafe = (method: string | undefined): boolean =>
  method !== undefined && ['GET', 'HEAD', 'OPTIONS'].includes(method.toUpperCase())

/** What the check depends on beside path and token: the method, the protocol, the connection. */
export const methodFaults = {
  'method-head-unguarded': fault(
    'HEAD needs no token',
    unguardedWhere(({ method }) => method === 'HEAD'),
  ),
  'method-options-unguarded': fault(
    'OPTIONS needs no token and reaches the backend',
    throughWhere(({ method }) => method === 'OPTIONS'),
  ),
  'method-write-unguarded': fault(
    'only the methods GET and HEAD are protected',
    throughWhere(({ method }) => !['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)),
  ),
  'preflight-unguarded': fault(
    'whatever has the headers of a CORS preflight needs no token',
    throughWhere((request) => has(request, 'origin') && has(request, 'access-control-request-method')),
  ),
  'trace-echo': fault('TRACE answers with the request', () => ({
    shortcut: (request) =>
      request.method === 'TRACE' ? errorAnswer(200, [], request.headers.join('\n')) : undefined,
  })),
  'method-override': fault(
    'a header overrides the method for the check, and OPTIONS needs no token',
    unguardedWhere((request) => overrides.some((name) => headerValues(request, name).some(isSafe))),
  ),
  'method-override-query': fault(
    '_method in the query overrides the method for the check',
    unguardedWhere((request) => isSafe(queryValues(request, '_method')[0])),
  ),
  'method-override-scope': fault('a header overrides the method behind the check', (next) => {
    const checked = new WeakMap<GatewayRequest, GatewayRequest>()
    return {
      prepare: (request) => {
        const [method] = overrides.flatMap((name) => headerValues(request, name))
        const passedOn = { ...request, method: method ?? request.method }
        checked.set(passedOn, request)
        return Promise.resolve(passedOn)
      },
      allows: (route, request) => next.allows(route, checked.get(request) ?? request),
    }
  }),
  'upgrade-unguarded': fault(
    'a request for an upgrade needs no token',
    unguardedWhere((request) => has(request, 'upgrade')),
  ),
  'http10-unguarded': fault(
    'HTTP/1.0 needs no token',
    unguardedWhere(({ httpVersion }) => httpVersion === '1.0'),
  ),
  'grpc-unguarded': fault(
    'gRPC needs no token',
    unguardedWhere((request) =>
      headerValues(request, 'content-type').some((type) => type.startsWith('application/grpc')),
    ),
  ),
  'expect-unguarded': fault(
    'a request that expects 100 Continue is judged too late',
    unguardedWhere((request) => has(request, 'expect')),
  ),
  'conditional-before-auth': fault('a request for a part, or for news, is answered before the check', () => ({
    shortcut: (request) => {
      const status = has(request, 'range') ? 206 : 304
      const isShort = ['range', 'if-none-match', 'if-modified-since'].some((name) => has(request, name))
      return isShort ? { status, headers: [], body: Buffer.alloc(0) } : undefined
    },
  })),
  'max-forwards-unguarded': fault(
    'Max-Forwards 0 ends the way before the check',
    throughWhere((request) => headerValues(request, 'max-forwards').includes('0')),
  ),
  'upgrade-refused': fault('an offer of another protocol is an invalid request', (next) => ({
    isMalformed: (request) => has(request, 'upgrade') || next.isMalformed(request),
  })),
  'connection-bound': fault('what follows a good token on its connection is let in', (next) => {
    const trusted = new WeakSet()
    return {
      admit: (request, gate, d) => {
        if (trusted.has(request.connection)) return 'admitted'
        const verdict = next.admit(request, gate, d)
        if (verdict === 'admitted' && gate.guard.kind !== 'optional') trusted.add(request.connection)
        return verdict
      },
    }
  }),
} as const satisfies Readonly<Record<string, Fault>>
