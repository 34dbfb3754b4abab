import type { Route, Target } from './config.ts'

/** By these names cases call the routes of a target; the last three are found among `routes.others`. */
export const routeNames = [
  'protected',
  'scoped',
  'public',
  'optional',
  'scoped-all',
  'scoped-method',
  'other-audience',
] as const
export type NamedRoute = (typeof routeNames)[number]

/** The route that a case calls so, or undefined where this target has none. */
export const routeNamed = ({ routes }: Pick<Target, 'routes'>, name: NamedRoute): Route | undefined => {
  const { scoped, others } = routes
  switch (name) {
    case 'scoped-all':
      return [scoped, ...others].find((route) => needsSeveral(route))
    case 'scoped-method':
      return scoped && others.find((route) => isOtherMethod(route, scoped))
    case 'other-audience':
      return others.find(({ audience }) => audience !== undefined && audience !== routes.protected.audience)
    default:
      return routes[name]
  }
}

const needsSeveral = (route: Route | undefined): boolean =>
  route?.scope?.rule === 'all' && route.scope.scopes.length > 1

/** The same path by another method, for which the scopes of the first are not enough. */
const isOtherMethod = ({ path, method, scope }: Route, scoped: Route): boolean =>
  path === scoped.path &&
  method !== scoped.method &&
  scope !== undefined &&
  !scope.scopes.some((one) => scoped.scope?.scopes.includes(one))
