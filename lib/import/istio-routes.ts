import type { ClaimPath, ScopeRule } from '../config/config.ts'
import { isFilled } from '../config/fields.ts'
import type { FoundRoute } from './found.ts'
import type { Node } from './node.ts'

/** The routes that authorization policies name, and the claims in which they look for scopes. */
export const istioRoutes = (
  policies: readonly Node[],
): { readonly routes: readonly FoundRoute[]; readonly claims: readonly ClaimPath[] } => {
  const rules = policies.flatMap((policy) => {
    const action = policy.get('spec', 'action').text() ?? 'ALLOW'
    return policy
      .get('spec', 'rules')
      .items()
      .map((rule) => ({ rule, action }))
  })
  const claims = rules.flatMap(({ rule }) => conditions(rule).map(({ path }) => path)).filter(isScope)
  const names = [...new Set(claims.map((path) => path.join('.')))]
  return {
    routes: rules.flatMap(({ rule, action }) => routesOf(rule, action)),
    claims: names.flatMap((name) => {
      const path = name.split('.')
      return isFilled(path) ? [{ path, format: 'string' } as const] : []
    }),
  }
}

/** An ALLOW lets in whom it describes; a DENY of those without a principal demands a token. Other actions say nothing. */
const routesOf = (rule: Node, action: string): readonly FoundRoute[] => {
  const sources = rule
    .get('from')
    .items()
    .map((from) => from.get('source'))
  const principals = sources.flatMap((source) => source.get('requestPrincipals').texts())
  const strangers = sources.flatMap((source) => source.get('notRequestPrincipals').texts())
  const asks = conditions(rule)
  const refusesStrangers = action === 'DENY' && strangers.includes('*')
  if (action === 'DENY' ? !refusesStrangers : action !== 'ALLOW') return []
  const access: FoundRoute['access'] =
    refusesStrangers || principals.length > 0 || asks.length > 0 ? 'protected' : 'public'
  const operations = rule
    .get('to')
    .items()
    .map((to) => to.get('operation'))
  const open = operations.flatMap((operation) => operation.get('notPaths').texts())
  const guarded =
    operations.length === 0 ? [{ path: '/', matches: 'below' } as const] : operations.flatMap(pathsOf)
  return [
    ...guarded.map((one) => ({ ...one, access, ...scopeOf(asks), ...noteOf(asks, sources) })),
    ...open.map((path) => ({ ...matchOf(path), access: 'public' }) as const),
  ]
}

const pathsOf = (operation: Node): readonly Pick<FoundRoute, 'path' | 'matches' | 'method'>[] => {
  const paths = operation.get('paths').texts()
  const methods = operation.get('methods').texts()
  return (paths.length === 0 ? ['/*'] : paths).flatMap((path) =>
    methods.length === 0 ? [matchOf(path)] : methods.map((method) => ({ ...matchOf(path), method })),
  )
}

/** A star at the end stands for whatever follows; anywhere else it is a pattern. */
const matchOf = (path: string): Pick<FoundRoute, 'path' | 'matches'> => {
  const [, start] = /^([^*{}]*)\*$/.exec(path) ?? []
  if (start !== undefined) return { path: start === '' ? '/' : start, matches: 'below' }
  return { path, matches: /[*{}]/.test(path) ? 'pattern' : 'itself' }
}

type Condition = { readonly path: readonly string[]; readonly values: readonly string[] }

/** What `when` asks of the token's claims: `request.auth.claims[realm_access][roles]`. */
const conditions = (rule: Node): readonly Condition[] =>
  rule
    .get('when')
    .items()
    .flatMap((when) => {
      const [, names] = /^request\.auth\.claims((?:\[[^\]]+\])+)$/.exec(when.get('key').text() ?? '') ?? []
      const path = [...(names ?? '').matchAll(/\[([^\]]+)\]/g)].flatMap(([, name]) => name ?? [])
      return path.length === 0 ? [] : [{ path, values: when.get('values').texts() }]
    })

const isScope = (path: readonly string[]): boolean =>
  /^(scopes?|scp|permissions?|roles?|groups?)$/.test(path.at(-1) ?? '')

const scopeOf = (asks: readonly Condition[]): { scope?: ScopeRule } => {
  const scopes = asks.filter(({ path }) => isScope(path)).flatMap(({ values }) => values)
  return isFilled(scopes) ? { scope: { rule: 'any', scopes } } : {}
}

const noteOf = (asks: readonly Condition[], sources: readonly Node[]): { note?: string } => {
  const others = asks.filter(({ path }) => !isScope(path))
  const said = others.map(({ path, values }) => `asks for ${path.join('.')}: ${values.join(' or ')}`)
  const elsewhere = sources.some(
    (source) => source.get('ipBlocks').isThere || source.get('namespaces').isThere,
  )
  const notes = [...said, ...(elsewhere ? ['for some sources alone'] : [])]
  return notes.length === 0 ? {} : { note: notes.join('; ') }
}
