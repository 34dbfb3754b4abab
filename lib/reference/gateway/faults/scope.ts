import type { Decisions } from '../decisions.ts'
import { isObject, type JsonObject } from '../strict-json.ts'
import { segmentJson, serverErrorWhere, withChallenge, withStatus } from './answers.ts'
import { type Fault, fault } from './fault.ts'

const comparing =
  (same: (wanted: string, held: string) => boolean): Fault['alter'] =>
  (next) => ({ sameScope: (wanted, held) => same(wanted, held) || next.sameScope(wanted, held) })

/** The token's scopes are read from its claims in another way; what is sound remains. */
const alsoHeld =
  (read: (claims: JsonObject) => readonly unknown[]): Fault['alter'] =>
  (next) => ({
    scopesOf: (claims, d) => [
      ...next.scopesOf(claims, d),
      ...read(claims).filter((scope) => typeof scope === 'string'),
    ],
  })

const authorizedWhere =
  (test: (claims: JsonObject) => boolean): Fault['alter'] =>
  (next) => ({
    isAuthorized: (claims, guard, d) => test(claims) || next.isAuthorized(claims, guard, d),
  })

const pieces = ({ scope }: JsonObject, delimiter: RegExp | string): readonly string[] =>
  typeof scope === 'string' ? scope.split(delimiter) : []

const textsIn = (value: unknown): readonly unknown[] =>
  typeof value === 'string' ? value.split(' ') : [value].flat()

/** What a token may be used for. */
export const scopeFaults = {
  'scope-unchecked': fault(
    'scopes are not looked at',
    authorizedWhere(() => true),
  ),
  'scope-missing-passes': fault(
    'a token without scope may do all',
    authorizedWhere((claims) => !Object.hasOwn(claims, 'scope')),
  ),
  'scope-empty-passes': fault(
    'an empty or blank scope is taken for none, which may do all',
    authorizedWhere(({ scope }) => typeof scope === 'string' && scope.trim() === ''),
  ),
  'scope-null-passes': fault(
    'scope null is taken for none, which may do all',
    authorizedWhere(({ scope }) => scope === null),
  ),
  'scope-type-unchecked': fault(
    'a scope that is neither text nor list is not compared',
    authorizedWhere(({ scope }) => typeof scope === 'number' || isObject(scope)),
  ),
  'scope-object-keys': fault(
    'scope may be an object that has the scope as a name',
    alsoHeld(({ scope }) => (isObject(scope) ? Object.keys(scope) : [])),
  ),
  'scope-any-of-all': fault('where several scopes are needed, one is enough', (next) => ({
    isAuthorized: (claims, guard, d) =>
      next.isAuthorized(claims, guard.kind === 'scoped' ? { ...guard, needsAll: false } : guard, d),
  })),
  'scope-substring': fault('the scope text needs only to contain the scope', (next) => ({
    isAuthorized: (claims, guard, d) =>
      next.isAuthorized(claims, guard, d) ||
      (guard.kind === 'scoped' && guard.anyOf.some((wanted) => String(claims.scope).includes(wanted))),
  })),
  'scope-superstring': fault(
    'a scope that the needed one begins with is enough',
    comparing((wanted, held) => held !== '' && wanted.startsWith(held)),
  ),
  'scope-prefix': fault(
    'a scope that begins with the needed one is enough',
    comparing((wanted, held) => held.startsWith(wanted)),
  ),
  'scope-wildcard': fault(
    'a star in the token’s scope stands for all',
    comparing((wanted, held) => held.endsWith('*') && wanted.startsWith(held.replace(/\.?\*$/, ''))),
  ),
  'scope-case': fault(
    'scopes are compared without regard to case',
    comparing((wanted, held) => wanted.toLowerCase() === held.toLowerCase()),
  ),
  'scope-normalised': fault(
    'scopes are normalised before they are compared',
    comparing((wanted, held) => wanted === held.normalize('NFKC').trim()),
  ),
  'scope-comma': fault(
    'commas delimit scopes too',
    alsoHeld((claims) => pieces(claims, /[ ,]/)),
  ),
  'scope-plus': fault(
    'scopes are form-decoded: a plus or %20 delimits too',
    alsoHeld((claims) => pieces(claims, /[ +]|%20/)),
  ),
  'scope-whitespace-split': fault(
    'any white space delimits scopes',
    alsoHeld((claims) => pieces(claims, /\s+/)),
  ),
  'scope-array-accepted': fault(
    'scope may be a list',
    alsoHeld(({ scope }) => (Array.isArray(scope) ? scope : [])),
  ),
  'scope-array-joined': fault(
    'scope may be a list, whose members are split',
    alsoHeld(({ scope }) => (Array.isArray(scope) ? scope.flatMap(textsIn) : [])),
  ),
  'scope-scp-accepted': fault(
    'scp is looked at beside scope',
    alsoHeld(({ scp }) => textsIn(scp)),
  ),
  'scope-permissions-accepted': fault(
    'permissions, roles and groups are taken for scopes',
    alsoHeld((claims) => [claims.permissions, claims.roles, claims.groups].flatMap(textsIn)),
  ),
  'scope-first-only': fault('only the first scope of the token is looked at', (next) => ({
    scopesOf: (claims, d) => next.scopesOf(claims, d).slice(0, 1),
  })),
  'scope-whole-text': fault('the whole scope text must be the needed scope', () => ({
    scopesOf: ({ scope }) => (typeof scope === 'string' ? [scope] : []),
  })),
  'scope-last-ignored': fault('only the first hundred scopes of the token are looked at', (next) => ({
    scopesOf: (claims, d) => next.scopesOf(claims, d).slice(0, 100),
  })),
  'scope-unterminated': fault('the last scope is lost where no space ends it', (next) => ({
    scopesOf: (claims, d) => next.scopesOf(claims, d).slice(0, -1),
  })),
  'scope-cached-cross-route': fault('a token that was let in on one route is let in on all', (next) => {
    const admitted = new Set<string>()
    const isAuthorized: Decisions['isAuthorized'] = (claims, guard, d) => {
      const key = JSON.stringify(claims)
      const may = admitted.has(key) || next.isAuthorized(claims, guard, d)
      if (may && admitted.size < 10_000) admitted.add(key)
      return may
    }
    return { isAuthorized }
  }),
  'scope-method-ignored': fault('the scopes of a path’s first route hold for all its methods', (next) => {
    const first = new Map<string, Parameters<Decisions['guard']>[0]>()
    return {
      lookUp: (routes, request) => {
        const found = next.lookUp(routes, request)
        if (found?.[0] !== undefined) first.set(found[0].path, found[0])
        return found
      },
      guard: (route, request) => next.guard(first.get(route.path) ?? route, request),
    }
  }),
  'scope-before-signature': fault('scopes are checked before the signature', (next) => ({
    admit: (request, gate, d) => {
      const verdict = next.admit(request, gate, d)
      const claims = segmentJson(request, 1)
      return verdict === 'invalid-token' && isObject(claims) && !d.isAuthorized(claims, gate.guard, d)
        ? 'insufficient-scope'
        : verdict
    },
  })),
  'scope-status-401': fault('a lack of scope is answered with 401', (next) => ({
    refusal: (refusal, standard, request) => {
      const answer = next.refusal(refusal, standard, request)
      return refusal.why === 'insufficient-scope' ? withStatus(answer, 401) : answer
    },
  })),
  'scope-invalid-token': fault('a lack of scope is called an invalid token', (next) => ({
    refusal: (refusal, standard, request) =>
      withChallenge(next.refusal(refusal, standard, request), (text) =>
        text.replace('error="insufficient_scope"', 'error="invalid_token"'),
      ),
  })),
  'scope-not-named': fault('a lack of scope is answered without the scope that is needed', (next) => ({
    refusal: (refusal, standard, request) =>
      withChallenge(next.refusal(refusal, standard, request), (text) => text.replace(/, scope="[^"]*"/, '')),
  })),
  'scope-type-crash': fault(
    'a scope that is no text is not expected',
    serverErrorWhere((request) => {
      const claims = segmentJson(request, 1)
      return isObject(claims) && claims.scope !== undefined && typeof claims.scope !== 'string'
    }),
  ),
} as const satisfies Readonly<Record<string, Fault>>
