import type { Gate } from './admit.ts'
import type { Beyond } from './beyond.ts'
import { placeOf } from './check-holder.ts'
import type { Decisions } from './decisions.ts'
import type { Deployment, Guard, Route, TokenPlace } from './deployment.ts'
import { cookieValues } from './find-token.ts'
import type { ProofDesk } from './proof-desk.ts'
import type { Refusal } from './refusal.ts'
import { type GatewayRequest, headerValues, isTooLarge } from './request.ts'
import type { JsonObject } from './strict-json.ts'
import type { KeySource } from './key-source.ts'
import { objectIn } from './read-token.ts'
import type { KeySet } from './verification-key.ts'

export type Outcome =
  | {
      readonly kind: 'served'
      readonly route: Route
      readonly isGuarded: boolean
      /** Of the token that was let in, where the backend hears of them. */
      readonly claims?: JsonObject | undefined
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly route?: Route }

export type Surroundings = {
  readonly deployment: Deployment
  readonly keys: KeySource
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly beyond: Beyond
  readonly desk: ProofDesk | undefined
}

/** The way of a request through the gateway: from its bytes to a route, and past the route's guard. */
export const decide = async (
  request: GatewayRequest,
  { deployment, keys, now, beyond, desk }: Surroundings,
  d: Decisions,
): Promise<Outcome> => {
  if (isTooLarge(request)) return { kind: 'refused', refusal: { why: 'too-large' } }
  if (d.isMalformed(request)) return { kind: 'refused', refusal: { why: 'malformed-request' } }

  const routes = d.lookUp(deployment.routes, request)
  if (routes === undefined) return { kind: 'refused', refusal: { why: 'not-found' } }
  const route = routes.find((candidate) => d.allows(candidate, request))
  if (route === undefined) return { kind: 'refused', refusal: notAllowed(routes) }

  const { policy } = deployment
  const guard = guardOf(d.guard(route, request), route, beyond)
  if (policy === undefined || guard.kind === 'open') return { kind: 'served', route, isGuarded: false }
  const held = await keys.keys()
  if (held === undefined) return { kind: 'refused', refusal: { why: 'keys-unreachable' }, route }

  const home = placeOf(request, policy.place, desk !== undefined)
  const place = cookiePlace(request, home, beyond) ?? home
  const presented = d.present(request, place, d)
  // Whoever has no token waits as long: of requests in one write, the first is decided on first.
  const opened = await (presented.kind === 'token'
    ? d.openToken(presented.token, beyond.encryption, d)
    : noToken())
  const keySet = isKnown(opened, held, d) ? held : ((await keys.again()) ?? held)
  const trust = d.trustFor(opened, route, { policy, keys: keySet }, beyond.trust ?? {}, d)
  const gate: Gate = {
    guard,
    policy: { ...policy, ...trust?.policy, place },
    keys: trust?.keys ?? keySet,
    nowSeconds: now() / 1000,
    opened: trust === undefined ? undefined : opened,
    demands: beyond.demands ?? {},
    desk,
    readsCertificates: beyond.clientCertificates !== undefined,
  }
  const verdict = d.admit(request, gate, d)
  if (verdict === 'admitted' && !mayBeUsed(opened, beyond, d))
    return { kind: 'refused', refusal: { why: 'invalid-token' }, route }
  if (verdict === 'admitted') {
    const claims = beyond.forwards === undefined ? undefined : d.claimsToForward(opened, d)
    return { kind: 'served', route, isGuarded: true, claims }
  }
  const refusal: Refusal =
    verdict === 'insufficient-scope'
      ? { why: verdict, anyOf: guard.kind === 'scoped' ? guard.anyOf : [] }
      : { why: verdict }
  return { kind: 'refused', refusal, route }
}

const noToken = (): Promise<undefined> => Promise.resolve(undefined)

const mayBeUsed = (token: string | undefined, { uses }: Beyond, d: Decisions): boolean => {
  if (token === undefined || uses === undefined) return true
  const claims = d.readToken(token, d)?.claims
  return claims !== undefined && d.mayBeUsed(token, claims, uses, d)
}

/** Whether the set has the key that a token names, so far as it can be read. */
const isKnown = (token: string | undefined, { usable }: KeySet, d: Decisions): boolean => {
  const [head = ''] = token?.split('.', 1) ?? []
  const kid = head === '' ? undefined : objectIn(head, d)?.kid
  return typeof kid !== 'string' || usable.has(kid)
}

/** A cookie is looked at where the header does not say who calls. */
const cookiePlace = (
  request: GatewayRequest,
  home: TokenPlace,
  { cookie }: Beyond,
): TokenPlace | undefined =>
  cookie !== undefined &&
  home.in === 'header' &&
  headerValues(request, home.name).length === 0 &&
  cookieValues(request, cookie).length > 0
    ? { in: 'cookie', name: cookie }
    : undefined

const guardOf = (guard: Guard, { path }: Route, { needsAllScopes = [] }: Beyond): Guard =>
  guard.kind === 'scoped' && needsAllScopes.includes(path) ? { ...guard, needsAll: true } : guard

const notAllowed = (routes: readonly Route[]): Refusal => ({
  why: 'method-not-allowed',
  allowed: [...new Set(routes.flatMap(({ methods }) => [...methods]))],
})
