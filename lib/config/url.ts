import Type from 'typebox'
import type { Tell } from './fault-list.ts'

/** The schema of an http or https URL. */
export const httpUrl = (description: string, extra: { readonly examples?: readonly string[] } = {}) =>
  Type.String({
    pattern: '^https?://[^\\s/?#]+\\S*$',
    patternErrorMessage: 'expected a URL that begins with http:// or https://',
    description,
    ...extra,
  })

/**
 * An http or https URL below which other paths are put: without a query, a fragment and user information, each of
 * which is told.
 */
export const parseBaseUrl = (at: string, text: string, tell: Tell): URL | undefined => {
  const url = parseUrl(at, text, tell)
  if (url === undefined) return undefined
  if (url.search !== '' || text.includes('?')) tell(at, 'the URL must have no query')
  if (url.hash !== '' || text.includes('#')) tell(at, 'the URL must have no fragment')
  if (url.username !== '' || url.password !== '') tell(at, 'the URL must hold no user name or password')
  return url
}

/** A URL that its schema has found to begin like one; undefined, and told, where the rest is none. */
export const parseUrl = (at: string, text: string, tell: Tell): URL | undefined => {
  if (URL.canParse(text)) return new URL(text)
  tell(at, 'this is no valid URL')
  return undefined
}
