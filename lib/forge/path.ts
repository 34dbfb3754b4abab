import type { Route, Target } from '../config/config.ts'
import { resolveText, ValueError, type Scene } from './value.ts'

/** Where a request goes: a route of the target, and the path that no route has. */
export type Destination = { readonly target: Target; readonly route: Route; readonly unrouted: string }

/**
 * A piece of a request-target: text, or `{ $path: WHICH }` with WHICH one of `route` (the whole path), `base` (what
 * `target.url` adds), `tail` (the route's own), `public` and `unrouted`. Spelled `as`: `upper`, `percent-letter` (the
 * route's first letter), `percent-slash`, `backslash`, `double-percent-slash`, `double-slash`, `percent-dot`.
 */
export const pathText = (piece: unknown, destination: Destination, scene: Scene): string => {
  if (typeof piece !== 'object' || piece === null || !('$path' in piece)) return resolveText(piece, scene)
  return spellPath(which(piece.$path, destination), 'as' in piece ? piece.as : undefined)
}

const which = (name: unknown, { target, route, unrouted }: Destination): string => {
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
      if (target.routes.public === undefined) throw new ValueError('this target has no public route')
      return target.basePath + target.routes.public.path
    default:
      throw new ValueError(`$path knows route, base, tail, public and unrouted, not ${String(name)}`)
  }
}

const spellPath = (path: string, as: unknown): string => {
  const last = path.lastIndexOf('/')
  const before = path.slice(0, last)
  const name = path.slice(last + 1)
  switch (as) {
    case undefined:
      return path
    case 'upper':
      return path.toUpperCase()
    case 'percent-letter':
      return `${before}/%${name.charCodeAt(0).toString(16)}${name.slice(1)}`
    case 'percent-slash':
      return `${before}%2f${name}`
    case 'double-percent-slash':
      return `${before}%252f${name}`
    case 'backslash':
      return `${before}\\${name}`
    case 'double-slash':
      return `${before}//${name}`
    case 'dot':
      return `${before}/./${name}`
    case 'percent-dot':
      return `${before}/%2e/${name}`
    case 'overlong-slash':
      return `${before}%c0%af${name}`
    case 'semicolon':
      return `${before};x=y/${name}`
    default:
      throw new ValueError(`a path cannot be spelled as ${String(as)}`)
  }
}
