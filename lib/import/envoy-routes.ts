import { isFilled } from '../config/fields.ts'
import type { FoundRoute } from './found.ts'
import type { Node } from './node.ts'

/**
 * The routes of a connection manager, each with what the first rule of jwt_authn that matches it requires; the rules
 * themselves where the routes are configured elsewhere.
 */
export const envoyRoutes = (config: Node, filter: Node): readonly FoundRoute[] => {
  const rules = filter.get('rules').items()
  const routes = config
    .get('route_config', 'virtual_hosts')
    .items()
    .flatMap((host) => host.get('routes').items())
  const named = routes.flatMap((route) => {
    const at = matchOf(route.get('match'))
    const own = route.get('typed_per_filter_config').get('envoy.filters.http.jwt_authn')
    const rule = at && rules.find((one) => covers(one.get('match'), at.path))
    const access = own.isThere ? perRoute(own, filter) : accessOf(rule, filter)
    return at === undefined ? [] : [{ ...at, access, ...scopeOf(route) }]
  })
  if (named.length > 0) return named
  return rules.flatMap((rule) => {
    const at = matchOf(rule.get('match'))
    return at === undefined ? [] : [{ ...at, access: accessOf(rule, filter) }]
  })
}

const matchOf = (match: Node): Pick<FoundRoute, 'path' | 'matches' | 'method'> | undefined => {
  const method = match
    .get('headers')
    .items()
    .find((header) => header.get('name').text() === ':method')
    ?.get('string_match', 'exact')
    .text()
  const declared = method === undefined ? {} : { method }
  const path = match.get('path').text()
  if (path !== undefined) return { path, matches: 'itself', ...declared }
  const prefix = match.get('prefix').text() ?? match.get('path_separated_prefix').text()
  if (prefix !== undefined) return { path: prefix, matches: 'below', ...declared }
  const pattern =
    match.get('safe_regex', 'regex').text() ??
    match.get('path_match_policy', 'typed_config', 'path_template').text()
  return pattern === undefined ? undefined : { path: pattern, matches: 'pattern', ...declared }
}

/** Does a rule's match cover a path? An expression is taken as Envoy does, for the whole path, where we can read it. */
const covers = (match: Node, path: string): boolean => {
  const [exact, prefix, separated, regex] = [
    match.get('path').text(),
    match.get('prefix').text(),
    match.get('path_separated_prefix').text(),
    match.get('safe_regex', 'regex').text(),
  ]
  if (exact !== undefined) return exact === path
  if (prefix !== undefined) return path.startsWith(prefix)
  if (separated !== undefined) return path === separated || path.startsWith(`${separated}/`)
  return regex === path
}

/** A request that no rule matches needs no token. */
const accessOf = (rule: Node | undefined, filter: Node): FoundRoute['access'] => {
  if (rule === undefined) return 'public'
  const name = rule.get('requirement_name').text()
  return required(name === undefined ? rule.get('requires') : filter.get('requirement_map').get(name))
}

const perRoute = (own: Node, filter: Node): FoundRoute['access'] => {
  const name = own.get('requirement_name').text()
  return name === undefined ? 'public' : required(filter.get('requirement_map').get(name))
}

const required = (requirement: Node): FoundRoute['access'] => {
  if (requirement.get('allow_missing_or_failed').isThere) return 'public'
  if (requirement.get('allow_missing').isThere) return 'optional'
  const parts = [requirement.get('requires_any'), requirement.get('requires_all')].map((list) =>
    list.get('requirements').items().map(required),
  )
  const [any = [], all = []] = parts
  if (any.includes('public') || any.includes('optional'))
    return any.includes('public') ? 'public' : 'optional'
  if (any.length > 0 || all.includes('protected')) return 'protected'
  if (all.length > 0) return all.includes('optional') ? 'optional' : 'public'
  return requirement.get('provider_name').isThere || requirement.get('provider_and_audiences').isThere
    ? 'protected'
    : 'public'
}

/** The scopes that the RBAC of a route compares with a claim of the token. */
const scopeOf = (route: Node): Pick<FoundRoute, 'scope' | 'note'> => {
  const policies = route
    .get('typed_per_filter_config')
    .get('envoy.filters.http.rbac')
    .get('rbac', 'rules', 'policies')
    .members()
  const matchers = policies.flatMap(([, policy]) => policy.get('principals').items()).flatMap(matchersIn)
  const scopes = matchers.flatMap((matcher) => valueOf(matcher.get('value')) ?? [])
  const together = policies.some(([, policy]) =>
    policy
      .get('principals')
      .items()
      .some((principal) => principal.get('and_ids').isThere),
  )
  if (isFilled(scopes)) return { scope: { rule: together ? 'all' : 'any', scopes } }
  return policies.length === 0
    ? {}
    : { note: '? RBAC restricts it as well: what does a good token need there?' }
}

const matchersIn = (principal: Node): readonly Node[] => {
  const lists = ['or_ids', 'and_ids'].flatMap((name) => principal.get(name, 'ids').items())
  const matcher = [principal.get('sourced_metadata', 'metadata_matcher'), principal.get('metadata')].find(
    (one) => one.isThere,
  )
  const isOfToken = matcher?.get('filter').text() === 'envoy.filters.http.jwt_authn'
  return [...(matcher !== undefined && isOfToken ? [matcher] : []), ...lists.flatMap(matchersIn)]
}

const valueOf = (value: Node): string | undefined =>
  (value.get('list_match', 'one_of').isThere ? value.get('list_match', 'one_of') : value)
    .get('string_match', 'exact')
    .text()
