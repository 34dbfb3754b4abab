import { errorAnswer } from '../answer.ts'
import type { Route } from '../deployment.ts'
import { type GatewayRequest, headerValues } from '../request.ts'
import { type Fault, fault } from './fault.ts'
import { percentDecoded } from './percent.ts'
import { unguardedWhere } from './unguarded.ts'

const opened = (routes: readonly Route[] | undefined): readonly Route[] | undefined =>
  routes?.map((route) => ({ ...route, guard: { kind: 'open' } }))

/**
 * The policy is looked up by the path as it came, and has no rule for it; the backend gets the path as it is after
 * this, and knows it.
 */
const normalisedAfterwards =
  (normalise: (path: string) => string): Fault['alter'] =>
  (next) => ({
    lookUp: (routes, request) =>
      next.lookUp(routes, request) ??
      opened(next.lookUp(routes, { ...request, path: normalise(request.path) })),
  })

const withoutDotSegments = (path: string): string =>
  path
    .split('/')
    .reduce<string[]>((kept, segment) => {
      if (segment === '..') return kept.slice(0, -1)
      return segment === '.' ? kept : [...kept, segment]
    }, [])
    .join('/')

const squashed = (path: string): string => path.replace(/\/{2,}/g, '/')

/** The first header with one of these names decides instead of the path: on the policy, or on the backend. */
const headerPath = (request: GatewayRequest, names: readonly string[]): GatewayRequest | undefined => {
  const [path] = names.flatMap((name) => headerValues(request, name))
  return path === undefined ? undefined : { ...request, path: path.replace(/^https?:\/\/[^/]*|\?.*$/g, '') }
}

const guardedAs = (routes: readonly Route[] | undefined, policy: readonly Route[] | undefined) =>
  routes?.map((route) => ({ ...route, guard: policy?.[0]?.guard ?? route.guard }))

/** The routes by the path as it came, guarded as what a header of the client says, with or without the path prefix. */
const policyByHeader =
  (...names: readonly string[]): Fault['alter'] =>
  (next) => ({
    lookUp: (routes, request) => {
      const found = next.lookUp(routes, request)
      const claimed = headerPath(request, names)
      if (claimed === undefined) return found
      const all = [...routes.values()].flat()
      return guardedAs(
        found,
        next.lookUp(routes, claimed) ?? all.filter(({ path }) => path.endsWith(claimed.path)),
      )
    },
  })

const hasPath =
  (names: readonly string[]): ((request: GatewayRequest) => boolean) =>
  (request) =>
    names.some((name) => headerValues(request, name).length > 0)

/** A path with a suffix is exempt from the check, and served as the path without. */
const suffixSkips = (suffix: RegExp): Fault['alter'] =>
  normalisedAfterwards((path) => path.replace(suffix, ''))

/** By which path a request is judged, and by which it is served. */
export const pathFaults = {
  'path-double-slash': fault('slashes are merged behind the policy', normalisedAfterwards(squashed)),
  'path-dot-segments': fault(
    'dot segments are resolved behind the policy',
    normalisedAfterwards(withoutDotSegments),
  ),
  'path-encoded': fault(
    'the path is percent-decoded behind the policy',
    normalisedAfterwards((path) => squashed(withoutDotSegments(percentDecoded(path)))),
  ),
  'path-double-encoded': fault(
    'the path is percent-decoded twice behind the policy',
    normalisedAfterwards((path) =>
      path.includes('%25') ? squashed(withoutDotSegments(percentDecoded(percentDecoded(path)))) : path,
    ),
  ),
  'path-backslash': fault(
    'backslashes are slashes behind the policy',
    normalisedAfterwards((path) =>
      squashed(withoutDotSegments(path.replace(/%5c/gi, '\\').replaceAll('\\', '/'))),
    ),
  ),
  'path-overlong': fault(
    'overlong UTF-8 is decoded behind the policy',
    normalisedAfterwards((path) =>
      withoutDotSegments(
        path
          .replace(/%c0%ae/gi, '.')
          .replace(/%c0%af/gi, '/')
          .replace(/%ff/gi, ''),
      ),
    ),
  ),
  'path-semicolon': fault(
    'path parameters are dropped behind the policy',
    normalisedAfterwards((path) => withoutDotSegments(path.replace(/;[^/]*/g, ''))),
  ),
  'path-case': fault(
    'paths are compared without regard to case behind the policy',
    normalisedAfterwards((path) => path.toLowerCase()),
  ),
  'path-trailing-slash': fault(
    'a slash at the end is dropped behind the policy',
    normalisedAfterwards((path) => path.replace(/\/$/, '')),
  ),
  'path-trailing-chars': fault(
    'what a file system would drop at the end is dropped behind the policy',
    suffixSkips(/(?:%20|%09|\.json|[.~])$/i),
  ),
  'path-static-extension': fault(
    'static files need no token',
    suffixSkips(/\/[^/]\.(?:css|js)$|\.(?:css|js|png|ico)$/),
  ),
  'path-health-suffix': fault(
    'paths that end in a health check need no token',
    suffixSkips(/\/(?:healthz?|metrics|ready|live)$/),
  ),
  'path-nul': fault('the path ends at a NUL behind the policy', suffixSkips(/%00.*$/)),
  'path-encoded-newline': fault('the pattern of the policy ends at a line end', suffixSkips(/%0[ad].*$/i)),
  'path-fragment': fault('a fragment in the target is dropped behind the policy', suffixSkips(/#.*$/)),
  'path-query-matched': fault(
    'the policy’s patterns are searched for in the query too',
    unguardedWhere(({ query }) => query !== undefined),
  ),
  'x-original-url': fault('X-Original-URL and X-Rewrite-URL name what the backend serves', (next) => ({
    lookUp: (routes, request) => {
      const found = next.lookUp(routes, request)
      const rewritten = headerPath(request, ['x-original-url', 'x-rewrite-url'])
      return guardedAs(rewritten && next.lookUp(routes, rewritten), found) ?? found
    },
  })),
  'x-forwarded-uri': fault(
    'X-Forwarded-Uri and its like name the path of the policy',
    policyByHeader(
      'x-forwarded-uri',
      'x-forwarded-path',
      'x-original-uri',
      'x-original-url',
      'x-rewrite-url',
    ),
  ),
  'x-envoy-original-path': fault(
    'X-Envoy-Original-Path names the path of the policy',
    policyByHeader('x-envoy-original-path'),
  ),
  'x-forwarded-prefix': fault(
    'what a client’s Forwarded or X-Forwarded headers say of its target is trusted, and the policy finds no rule',
    unguardedWhere(hasPath(['x-forwarded-prefix', 'x-forwarded-host', 'x-forwarded-proto', 'forwarded'])),
  ),
  'internal-ip': fault(
    'callers that say that they are internal need no token',
    unguardedWhere(
      (request) =>
        ['x-forwarded-for', 'x-real-ip', 'x-client-ip', 'true-client-ip'].some((name) =>
          headerValues(request, name).some((value) => /^(?:127\.|10\.|192\.168\.|::1|localhost)/.test(value)),
        ) || headerValues(request, 'x-envoy-internal').includes('true'),
    ),
  ),
  'host-trusted': fault(
    'a host that is spelt in another way has no policy',
    unguardedWhere((request) =>
      headerValues(request, 'host').some(
        (host) => /[A-Z]|\.(?::|$)|^localhost/.test(host) || !host.includes(':'),
      ),
    ),
  ),
  'host-duplicate-accepted': fault(
    'of several Host headers, one is taken, and the policy is bound to the other',
    (next) => ({
      ...unguardedWhere((request) => headerValues(request, 'host').length > 1)(next),
      isMalformed: (request) =>
        headerValues(request, 'host').length > 1 ? false : next.isMalformed(request),
    }),
  ),
  'redirect-keeps-query': fault(
    'a path that is not in its usual form is redirected to the one that is, query and all',
    (next) => ({
      shortcut: (request) => {
        const path = squashed(request.path)
          .replace(/(?<=.)\/$/, '')
          .toLowerCase()
        if (path === request.path) return next.shortcut(request)
        const query = request.query === undefined ? '' : `?${request.query}`
        return errorAnswer(301, ['Location', path + query])
      },
    }),
  ),
  'absolute-form-authority': fault(
    'the host of an absolute-form target is not compared, and has no policy',
    (next) => ({
      ...unguardedWhere(({ authority }) => authority !== undefined)(next),
      isMalformed: (request) => next.isMalformed({ ...request, authority: undefined }),
    }),
  ),
} as const satisfies Readonly<Record<string, Fault>>
