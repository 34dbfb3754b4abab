import type { Guard, Route, Routes } from './deployment.ts'
import { type GatewayRequest, headerValues } from './request.ts'

export type RoutingDecisions = {
  /** Is the request ambiguous about where it ends or for whom it is? */
  readonly isMalformed: (request: GatewayRequest) => boolean
  /** The routes of the request's path. */
  readonly lookUp: (routes: Routes, request: GatewayRequest) => readonly Route[] | undefined
  readonly allows: (route: Route, request: GatewayRequest) => boolean
  /** What the route demands of this request. */
  readonly guard: (route: Route, request: GatewayRequest) => Guard
}

export const soundRouting: RoutingDecisions = {
  isMalformed: (request) => {
    const hosts = headerValues(request, 'host')
    const codings = headerValues(request, 'transfer-encoding')
    return (
      // RFC 9112 section 3.2: 400 to a lack of Host, to more than one, and to one that contradicts the target.
      hosts.length > 1 ||
      (hosts.length === 0 && request.httpVersion !== '1.0') ||
      (request.authority !== undefined && request.authority.toLowerCase() !== hosts[0]?.toLowerCase()) ||
      // RFC 9112 section 6.3: a body whose length is not sure ends the connection.
      codings.length > 1 ||
      (codings[0] !== undefined && codings[0].toLowerCase() !== 'chunked')
    )
  },
  // The path as it arrived, character by character: what is spelt in another way is another path.
  lookUp: (routes, request) => routes.get(request.path),
  allows: (route, request) => route.methods.has(request.method),
  guard: (route) => route.guard,
}
