import type { Decisions } from './decisions.ts'
import type { Guard } from './deployment.ts'
import type { JsonObject } from './strict-json.ts'

export type ScopeDecisions = {
  /** May a token with these claims use a route with this guard? */
  readonly isAuthorized: (claims: JsonObject, guard: Guard, d: Decisions) => boolean
  readonly scopesOf: (claims: JsonObject, d: Decisions) => readonly string[]
  readonly sameScope: (wanted: string, held: string) => boolean
}

export const soundScope: ScopeDecisions = {
  isAuthorized: (claims, guard, d) => {
    if (guard.kind !== 'scoped') return true
    const held = d.scopesOf(claims, d)
    const isHeld = (wanted: string) => held.some((scope) => d.sameScope(wanted, scope))
    return guard.needsAll === true ? guard.anyOf.every(isHeld) : guard.anyOf.some(isHeld)
  },
  // RFC 6749 section 3.3: case-sensitive strings, delimited by spaces and by nothing else.
  scopesOf: (claims, d) => {
    const scope = d.claim(claims, 'scope')
    return typeof scope === 'string' ? scope.split(' ') : []
  },
  sameScope: (wanted, held) => wanted === held,
}
