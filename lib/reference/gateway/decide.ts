import type { Decisions } from './decisions.ts'
import type { Deployment, Route } from './deployment.ts'
import type { Refusal } from './refusal.ts'
import { type GatewayRequest, isTooLarge } from './request.ts'
import type { KeySet } from './verification-key.ts'

export type Outcome =
  | { readonly kind: 'served'; readonly route: Route; readonly isGuarded: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly route?: Route }

export type Surroundings = {
  readonly deployment: Deployment
  /** Resolves to undefined where the key set cannot be had. */
  readonly keys: () => Promise<KeySet | undefined>
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The way of a request through the gateway: from its bytes to a route, and past the route's guard. */
export const decide = async (
  request: GatewayRequest,
  { deployment, keys, now }: Surroundings,
  d: Decisions,
): Promise<Outcome> => {
  if (isTooLarge(request)) return { kind: 'refused', refusal: { why: 'too-large' } }
  if (d.isMalformed(request)) return { kind: 'refused', refusal: { why: 'malformed-request' } }

  const routes = d.lookUp(deployment.routes, request)
  if (routes === undefined) return { kind: 'refused', refusal: { why: 'not-found' } }
  const route = routes.find((candidate) => d.allows(candidate, request))
  if (route === undefined) return { kind: 'refused', refusal: notAllowed(routes) }

  const { policy } = deployment
  const guard = d.guard(route, request)
  if (policy === undefined || guard.kind === 'open') return { kind: 'served', route, isGuarded: false }
  const keySet = await keys()
  if (keySet === undefined) return { kind: 'refused', refusal: { why: 'keys-unreachable' }, route }

  const verdict = d.admit(request, { guard, policy, keys: keySet, nowSeconds: now() / 1000 }, d)
  if (verdict === 'admitted') return { kind: 'served', route, isGuarded: true }
  const refusal: Refusal =
    verdict === 'insufficient-scope'
      ? { why: verdict, anyOf: guard.kind === 'scoped' ? guard.anyOf : [] }
      : { why: verdict }
  return { kind: 'refused', refusal, route }
}

const notAllowed = (routes: readonly Route[]): Refusal => ({
  why: 'method-not-allowed',
  allowed: [...new Set(routes.flatMap(({ methods }) => [...methods]))],
})
