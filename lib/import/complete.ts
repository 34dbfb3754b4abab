import type { Found, FoundProvider, FoundRoute } from './found.ts'

/** What the user says, by flags or in answers. */
export type Known = {
  readonly protectedPath?: string
  readonly publicPath?: string
  readonly scoped?: { readonly path: string; readonly scope: string }
  readonly issuer?: string
  readonly audiences: readonly string[]
  readonly algorithms: readonly string[]
}

/** What was found, with what the user says in its place. */
export const completed = (found: Found, known: Known): Found => {
  const said = routesOf(known)
  const [first, second] = found.providers
  return {
    ...found,
    routes: [...said, ...found.routes.filter(({ path }) => !said.some((route) => route.path === path))],
    // Which of several an issuer would be is not said; the rest fills what each lacks.
    providers:
      second === undefined
        ? [providerOf(first, known)]
        : found.providers.map((one) => ({
            ...one,
            audiences: one.audiences.length > 0 ? one.audiences : known.audiences,
            algorithms: one.algorithms.length > 0 ? one.algorithms : known.algorithms,
          })),
  }
}

const routesOf = ({ protectedPath, publicPath, scoped }: Known): readonly FoundRoute[] => [
  ...(protectedPath === undefined ? [] : [routeAt(protectedPath, 'protected')]),
  ...(publicPath === undefined ? [] : [routeAt(publicPath, 'public')]),
  ...(scoped === undefined
    ? []
    : [{ ...routeAt(scoped.path, 'protected'), scope: { rule: 'all', scopes: [scoped.scope] } } as const]),
]

const routeAt = (path: string, access: FoundRoute['access']): FoundRoute => ({
  path: path.startsWith('/') ? path : `/${path}`,
  matches: 'itself',
  access,
})

const providerOf = (
  found: FoundProvider | undefined,
  { issuer, audiences, algorithms }: Known,
): FoundProvider => ({
  ...found,
  issuers: issuer === undefined ? (found?.issuers ?? []) : [issuer],
  audiences: audiences.length > 0 ? audiences : (found?.audiences ?? []),
  algorithms: algorithms.length > 0 ? algorithms : (found?.algorithms ?? []),
})
