import Type from 'typebox'
import type { Route, ScopeRule, Target } from './config.ts'
import type { Tell } from './fault-list.ts'
import { closed, isFilled, text } from './fields.ts'
import { headerList, headers } from './headers.ts'
import { marker, resolveMarker } from './marker.ts'
import { child } from './pointer.ts'

const defaults = { method: 'GET' } as const

const Path = Type.String({
  pattern: '^(?![A-Za-z][A-Za-z0-9+.-]*://)[!-"$-~]+$',
  patternErrorMessage:
    'expected a path below target.url, such as /hello: printable ASCII without spaces and #',
  description: 'Path below target.url',
})

/** RFC 6749 section 3.3. */
const Scope = Type.String({
  pattern: '^[!#-\\[\\]-~]+$',
  patternErrorMessage: 'expected one scope; several are written { all: [a, b] } or { any: [a, b] }',
})
const scopes = (description: string) => Type.Optional(Type.Array(Scope, { minItems: 1, description }))

const Scoping = Type.Union(
  [
    Scope,
    Type.Object(
      { all: scopes('All of these'), any: scopes('One of these') },
      { ...closed, minProperties: 1, maxProperties: 1 },
    ),
  ],
  { description: 'What the route demands: a scope, { all: [several] } or { any: [one of several] }' },
)

const RouteForm = Type.Object(
  {
    path: Path,
    method: Type.Optional(
      Type.String({
        pattern: '^[A-Z][A-Z-]*$',
        patternErrorMessage: 'expected a method in capitals, such as POST',
        description: 'Naming a method with side effects is the leave to send it',
        default: defaults.method,
      }),
    ),
    headers: Type.Optional(headers('With every request to this route')),
    body: Type.Optional(Type.String({ description: 'Sent with every request to this route, as UTF-8' })),
    scope: Type.Optional(Scoping),
    audience: Type.Optional(text('The audience of this route, where it has one of its own')),
    accepted: Type.Optional(marker('How the answer looks when a request got in')),
    refused: Type.Optional(marker('How the answer looks when a request was refused')),
  },
  closed,
)

const route = (description: string) => Type.Union([Path, RouteForm], { description })
type RouteInput = Type.Static<ReturnType<typeof route>>

export const RoutesSection = Type.Object(
  {
    protected: Type.Union([Path, RouteForm], {
      description: 'Lets in with any good token, and refuses all else',
      examples: ['/hello'],
    }),
    scoped: Type.Optional(route('Lets in with a good token that has a scope')),
    public: Type.Optional(route('Needs no token')),
    optional: Type.Optional(route('Lets in without a token, and refuses a bad one')),
    others: Type.Optional(
      Type.Array(route('A route with another method, audience or scope'), {
        description: 'More routes: other methods, audiences, scopes',
        default: [],
      }),
    ),
  },
  {
    ...closed,
    description: 'Each a path, or { path, method, headers, body, scope, audience, accepted, refused }',
    examples: [{ protected: '/hello' }],
  },
)

/** The routes; two that would send the same request are told, since they promise different answers to it. */
export const resolveRoutes = (
  at: string,
  input: Type.Static<typeof RoutesSection>,
  tell: Tell,
): Target['routes'] => {
  const resolve = (name: string, route: RouteInput): Route => resolveRoute(child(at, name), route, tell)
  const others = (input.others ?? []).map((route, index) =>
    resolveRoute(child(child(at, 'others'), index), route, tell),
  )
  const { scoped, public: open, optional } = input
  const routes = {
    protected: resolve('protected', input.protected),
    ...(scoped !== undefined && { scoped: resolve('scoped', scoped) }),
    ...(open !== undefined && { public: resolve('public', open) }),
    ...(optional !== undefined && { optional: resolve('optional', optional) }),
  }
  if (routes.scoped !== undefined && routes.scoped.scope === undefined)
    tell(
      child(child(at, 'scoped'), 'scope'),
      'the scoped route names no scope',
      'write it as { path: /orders, scope: orders.read }',
    )
  tellSameRequests(
    at,
    { ...routes, ...Object.fromEntries(others.map((route, i) => [`others/${i}`, route])) },
    tell,
  )
  return { ...routes, others }
}

const resolveRoute = (at: string, input: RouteInput, tell: Tell): Route => {
  const form = typeof input === 'string' ? { path: input } : input
  const scope = form.scope === undefined ? undefined : resolveScope(form.scope)
  return {
    path: form.path.replace(/^\/*/, '/'),
    method: form.method ?? defaults.method,
    methodDeclared: form.method !== undefined,
    headers: headerList(child(at, 'headers'), form.headers, tell),
    ...(form.body !== undefined && { body: form.body }),
    ...(scope !== undefined && { scope }),
    ...(form.audience !== undefined && { audience: form.audience }),
    ...(form.accepted !== undefined && { accepted: resolveMarker(form.accepted) }),
    ...(form.refused !== undefined && { refused: resolveMarker(form.refused) }),
  }
}

const resolveScope = (input: Type.Static<typeof Scoping>): ScopeRule | undefined => {
  if (typeof input === 'string') return { rule: 'all', scopes: [input] }
  const scopes = input.all ?? input.any ?? []
  return isFilled(scopes) ? { rule: input.all === undefined ? 'any' : 'all', scopes } : undefined
}

const tellSameRequests = (at: string, routes: Readonly<Record<string, Route>>, tell: Tell): void => {
  const seen = new Map<string, string>()
  for (const [name, { method, path, headers, body }] of Object.entries(routes)) {
    const request = JSON.stringify([method, path, headers, body])
    const first = seen.get(request)
    if (first !== undefined)
      tell(
        `${at}/${name}`,
        `\`${name.replace('/', ' ')}\` sends the same request as \`${first}\`, and can’t have another answer`,
      )
    seen.set(request, name)
  }
}
