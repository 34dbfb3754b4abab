import type { Client, ResourceServer } from '../../config/applications.ts'

/** What a token may be asked for, to what it then says. */
export type AllowedScopes = ReadonlyMap<
  string,
  { readonly resourceServer: ResourceServer; readonly scope: string }
>

/** The scopes of a client, by how they are asked for: `<primary audience><scope>`, with nothing between the two. */
export function allowedScopes(client: Client, resourceServers: readonly ResourceServer[]): AllowedScopes {
  const all = resourceServers.flatMap((resourceServer) =>
    resourceServer.scopes.map(
      (scope) => [resourceServer.primaryAudience + scope, { resourceServer, scope }] as const,
    ),
  )
  return new Map(all.filter(([asked]) => client.allowedScopes.includes(asked)))
}

export type ScopeDecision =
  | { readonly granted: true; readonly resourceServer: ResourceServer; readonly scopes: readonly string[] }
  | { readonly granted: false; readonly reason: string }

/**
 * Takes a requested scope apart. All of it must have been given to the client, and belong to one resource server,
 * whose primary audience becomes the token's audience.
 */
export function decideScope(requested: string | undefined, allowed: AllowedScopes): ScopeDecision {
  const asked = [...new Set(requested?.split(' '))]
  const found = asked.map((scope) => allowed.get(scope))
  const known = found.filter((scope) => scope !== undefined)
  const [first] = known
  if (asked.length === 0) return refused('a scope must be asked for', allowed)
  if (first === undefined || known.length < asked.length) {
    return refused('a scope was asked for that this client was not given', allowed)
  }
  if (known.some(({ resourceServer }) => resourceServer !== first.resourceServer)) {
    return refused('the scopes of one token must belong to one resource server', allowed)
  }
  return { granted: true, resourceServer: first.resourceServer, scopes: known.map(({ scope }) => scope) }
}

/** The list shows the spelling too, since a slash between audience and scope is easily added or forgotten. */
function refused(reason: string, allowed: AllowedScopes): ScopeDecision {
  const list = allowed.size === 0 ? 'it has none' : `it may ask for: ${[...allowed.keys()].join(' ')}`
  return { granted: false, reason: `${reason}; ${list}` }
}
