import type { Entry, Items, Plain, Section } from '../config/yaml-write.ts'
import type { ScopeRule } from '../config/config.ts'
import { blank, fillablePath, literal } from './blank.ts'
import type { Found, FoundRoute } from './found.ts'

/** The routes below the base path, the first of each sort under its name; the others as more routes or as comments. */
export const draftRoutes = ({ basePath, routes }: Found, base: string): Section => {
  const placed = distinct(routes.map((route) => ({ ...route, path: below(base, basePath, route.path) })))
  const { protected: home, scoped, open, optional, others, unsafe } = sortRoutes(placed)
  const entries: readonly Entry[] = [
    home === undefined ? missing(unsafe) : routeEntry('protected', home, askUnscoped(home)),
    ...(scoped === undefined ? [] : [routeEntry('scoped', scoped)]),
    ...(open === undefined ? [] : [routeEntry('public', open)]),
    ...(optional === undefined ? [] : [routeEntry('optional', optional)]),
    ...(others.length === 0 ? [] : [{ key: 'others', items: items(others) }]),
  ]
  const rest = placed.filter((route) => ![home, scoped, open, optional, ...others, ...unsafe].includes(route))
  return {
    entries,
    after: [
      ...(scoped === undefined
        ? ['? which route asks for a scope?', 'scoped: { path: /orders, scope: orders.read }']
        : []),
      ...(open === undefined ? ['? which route needs no token?', 'public: /ping'] : []),
      ...(rest.length === 0 ? [] : ['As well in the gateway’s configuration:', ...rest.map(inWords)]),
      ...(unsafe.length === 0 || home === undefined ? [] : askLeave(unsafe)),
    ],
  }
}

type Sorted = {
  readonly protected?: FoundRoute | undefined
  readonly scoped?: FoundRoute | undefined
  readonly open?: FoundRoute | undefined
  readonly optional?: FoundRoute | undefined
  readonly others: readonly FoundRoute[]
  readonly unsafe: readonly FoundRoute[]
}

const sortRoutes = (routes: readonly FoundRoute[]): Sorted => {
  const guarded = routes.filter(({ access }) => access === 'protected')
  const safe = guarded.filter(isSafe)
  const plain = simplest(safe.filter(({ scope }) => scope === undefined))
  const withScope = safe.filter(({ scope }) => scope !== undefined)
  const home = plain ?? simplest(withScope)
  const scoped = simplest(withScope.filter((route) => route !== home))
  return {
    protected: home,
    scoped,
    open: simplest(routes.filter((route) => route.access === 'public' && isSafe(route))),
    optional: simplest(routes.filter((route) => route.access === 'optional' && isSafe(route))),
    // Where something answers is known of whole paths alone, and a route without an answer would fail its control.
    others: safe.filter((route) => route !== home && route !== scoped && route.matches === 'itself'),
    unsafe: guarded.filter((route) => !isSafe(route)),
  }
}

/** Methods without side effects by their definition (RFC 9110 section 9.2.1). */
const isSafe = ({ method }: FoundRoute): boolean =>
  method === undefined || ['GET', 'HEAD', 'OPTIONS'].includes(method)

/** The one whose path is a path, if there is one; the first among equals. */
const simplest = (routes: readonly FoundRoute[]): FoundRoute | undefined =>
  (['itself', 'below', 'pattern'] as const)
    .map((matches) => routes.find((route) => route.matches === matches))
    .find((route) => route !== undefined)

const distinct = (routes: readonly FoundRoute[]): readonly FoundRoute[] =>
  routes.filter(
    (route, index) => index === routes.findIndex((one) => one.path === route.path && sameMethod(one, route)),
  )

const sameMethod = (one: FoundRoute, other: FoundRoute): boolean =>
  (one.method ?? 'GET') === (other.method ?? 'GET')

/** The path as it goes behind the base; one that lies elsewhere keeps its own. */
const below = (base: string, basePath: string | undefined, path: string): string => {
  const slashed = path.startsWith('/') ? path : `/${path}`
  if (basePath === undefined) return slashed
  const whole = `${basePath.replace(/\/+$/, '')}${slashed}`
  return whole === base ? '/' : whole.startsWith(`${base}/`) ? whole.slice(base.length) : whole
}

const routeEntry = (key: string, route: FoundRoute, above: readonly string[] = []): Entry => {
  const said = remark(route)
  return { key, value: plainRoute(route), above, ...(said !== '' && { beside: said }) }
}

const items = (routes: readonly FoundRoute[]): Items => ({
  items: routes.map((route) => {
    const said = remark(route)
    return { item: plainRoute(route), ...(said !== '' && { beside: said }) }
  }),
})

const remark = ({ matches, path, note }: FoundRoute): string =>
  [
    ...(matches === 'below' ? ['and all that begins with it: ? is there something at this path?'] : []),
    ...(matches === 'pattern' ? [`? what does \`${path}\` match?`] : []),
    ...(note === undefined ? [] : [note]),
  ].join('; ')

const plainRoute = (route: FoundRoute): Plain => {
  const { method, scope } = route
  const path = pathText(route)
  const declared = method === undefined || method === 'GET' ? undefined : method
  if (declared === undefined && scope === undefined) return path
  return {
    path,
    ...(declared !== undefined && { method: declared }),
    ...(scope !== undefined && { scope: plainScope(scope) }),
  }
}

const pathText = ({ path, matches }: FoundRoute): string =>
  matches === 'pattern'
    ? fillablePath(literal(path))
    : literal(path).replace(/[^!-~]|#/gu, (character) => encodeURIComponent(character))

const plainScope = ({ rule, scopes }: ScopeRule): Plain => {
  const [only, second] = scopes
  return second === undefined ? literal(only) : { [rule]: scopes.map(literal) }
}

const askUnscoped = ({ scope }: FoundRoute): readonly string[] =>
  scope === undefined
    ? []
    : ['? is there a route that any good token gets in? It belongs here, and this one to `scoped`.']

const missing = (unsafe: readonly FoundRoute[]): Entry => ({
  key: 'protected',
  value: `/${blank('protected path')}`,
  above: [
    '? which route lets in any good token, and refuses all else?',
    ...(unsafe.length === 0 ? [] : askLeave(unsafe)),
  ],
})

const askLeave = (routes: readonly FoundRoute[]): readonly string[] => [
  '? may these be sent? To name such a method on a route is the leave to send it:',
  ...routes.map(inWords),
]

const inWords = ({ path, method, access, scope, note }: FoundRoute): string => {
  const asks = scope === undefined ? '' : ` (scope: ${scope.rule} of ${scope.scopes.join(', ')})`
  return `  ${method ?? 'GET'} ${path}: ${access}${asks}${note === undefined ? '' : `; ${note}`}`
}
