import Type from 'typebox'
import type { Target } from './config.ts'
import type { Tell } from './fault-list.ts'
import { parseUrl } from './url.ts'

/** The schema of a proxy. */
export const proxy = () =>
  Type.String({
    pattern: '^(none|https?://[^\\s/?#]+/?)$',
    patternErrorMessage: 'expected `none` or the URL of a proxy, such as http://proxy.example.test:3128',
    description:
      'Proxy to go through; `none` for none (default: HTTPS_PROXY, HTTP_PROXY and NO_PROXY of the environment)',
  })

export const resolveProxy = (at: string, input: string | undefined, tell: Tell): Target['proxy'] => {
  if (input === undefined) return { kind: 'environment' }
  if (input === 'none') return { kind: 'none' }
  return { kind: 'url', url: parseUrl(at, input, tell)?.href ?? '' }
}
