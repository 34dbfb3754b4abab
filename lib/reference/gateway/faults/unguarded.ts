import type { GatewayRequest } from '../request.ts'
import type { Fault } from './fault.ts'

/** Requests that the test picks are served without a look at their token. */
export const unguardedWhere =
  (test: (request: GatewayRequest) => boolean): Fault['alter'] =>
  (next) => ({
    guard: (route, request) => (test(request) ? { kind: 'open' } : next.guard(route, request)),
  })
