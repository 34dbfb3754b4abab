import type { FoundRoute } from './found.ts'

/** The paths and methods of a router's rule: ``Host(`a`) && (Path(`/b`) || PathPrefix(`/c`)) && Method(`GET`)``. */
export const ruleRoutes = (rule: string): readonly Pick<FoundRoute, 'path' | 'matches' | 'method'>[] => {
  const [method] = argumentsOf(rule, 'Method')
  const declared = method === undefined ? {} : { method }
  const paths = [
    ...argumentsOf(rule, 'Path').map(
      (path) => ({ path, matches: path.includes('{') ? 'pattern' : 'itself' }) as const,
    ),
    ...argumentsOf(rule, 'PathPrefix').map(
      (path) => ({ path, matches: path.includes('{') ? 'pattern' : 'below' }) as const,
    ),
    ...argumentsOf(rule, 'PathRegexp').map((path) => ({ path, matches: 'pattern' }) as const),
  ]
  return (paths.length === 0 ? [{ path: '/', matches: 'below' } as const] : paths).map((one) => ({
    ...one,
    ...declared,
  }))
}

/** The hosts of a rule, none where it is for all. */
export const ruleHosts = (rule: string): readonly string[] => argumentsOf(rule, 'Host')

/** What stands in the parentheses behind a matcher, unless it is negated. */
const argumentsOf = (rule: string, matcher: string): readonly string[] =>
  [...rule.matchAll(new RegExp(`(?<![!\\w])${matcher}\\(([^)]*)\\)`, 'g'))].flatMap(([, list]) =>
    [...(list ?? '').matchAll(/[`"']([^`"']*)[`"']/g)].flatMap(([, text]) => text ?? []),
  )
