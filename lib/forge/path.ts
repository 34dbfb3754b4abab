import type { Route, Target } from '../config/config.ts'
import { metadataResource } from '../config/resource.ts'
import { resolveText } from './value.ts'
import { ValueError, type Scene } from './scene.ts'

/** Where a request goes: a route of the target, and the path that no route has. */
export type Destination = { readonly target: Target; readonly route: Route; readonly unrouted: string }

/**
 * A piece of a request-target: text, or `{ $path: WHICH }` with WHICH one of `route` (the whole path), `base` (what
 * `target.url` adds), `tail` (the route's own), `public`, `metadata` (of the protected resource), `climb` (the public path and as many parents of it as lead to
 * `base`, with their `dots` and `slash`) and `unrouted`. Spelled `as`: see `spellPath`.
 */
export const pathText = (piece: unknown, destination: Destination, scene: Scene): string => {
  if (typeof piece !== 'object' || piece === null || !('$path' in piece)) return resolveText(piece, scene)
  if (piece.$path === 'climb')
    return climb(publicPath(destination.target), destination.target.basePath, piece)
  return spellPath(which(piece.$path, destination, scene), 'as' in piece ? piece.as : undefined)
}

const publicPath = ({ basePath, routes }: Target): string => {
  if (routes.public === undefined) throw new ValueError('this target has no public route')
  return basePath + routes.public.path
}

const climb = (path: string, base: string, piece: object): string => {
  const dots = 'dots' in piece ? String(piece.dots) : '..'
  const slash = 'slash' in piece ? String(piece.slash) : '/'
  const from = path.replace(/\/+$/, '')
  const depth = from.slice(base.length).split('/').length - 1
  return from + `${slash}${dots}`.repeat(depth)
}

const which = (name: unknown, { target, route, unrouted }: Destination, { policy }: Scene): string => {
  switch (name) {
    case 'route':
      return target.basePath + route.path
    case 'base':
      return target.basePath
    case 'tail':
      return route.path
    case 'unrouted':
      return unrouted
    case 'public':
      return publicPath(target)
    case 'metadata':
      return metadataPath(policy)
    default:
      throw new ValueError(
        `$path knows route, base, tail, public, metadata, climb and unrouted, not ${String(name)}`,
      )
  }
}

/** RFC 9728 section 3.1: the well-known path goes between the host of the resource and its path, whose lone slash goes. */
const metadataPath = (policy: Scene['policy']): string => {
  const resource = metadataResource(policy)
  if (resource === undefined) throw new ValueError('no protected resource metadata is declared')
  const { pathname, search } = new URL(resource)
  return `/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}${search}`
}

const spellPath = (path: string, as: unknown): string => {
  const last = path.lastIndexOf('/')
  const before = path.slice(0, last)
  // Whatever stands in the place of the last slash, a request-target begins with one.
  const start = before === '' ? '/' : before
  const name = path.slice(last + 1)
  switch (as) {
    case undefined:
      return path
    case 'upper':
      return path.toUpperCase()
    case 'percent-letter':
      return `${before}/%${name.charCodeAt(0).toString(16)}${name.slice(1)}`
    case 'percent-slash':
      return `${start}%2f${name}`
    case 'double-percent-slash':
      return `${start}%252f${name}`
    case 'backslash':
      return `${start}\\${name}`
    case 'percent-backslash':
      return `${start}%5c${name}`
    case 'double-slash':
      return `${before}//${name}`
    case 'dot':
      return `${before}/./${name}`
    case 'percent-dot':
      return `${before}/%2e/${name}`
    case 'overlong-slash':
      return `${start}%c0%af${name}`
    case 'semicolon':
      return `${start};x=y/${name}`
    default:
      throw new ValueError(`a path cannot be spelled as ${String(as)}`)
  }
}
