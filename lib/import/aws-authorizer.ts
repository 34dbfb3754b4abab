import type { CredentialPlace } from '../config/config.ts'
import type { Found, FoundProvider } from './found.ts'
import { isMap, type Node } from './node.ts'
import { bearer } from './place.ts'

/** What an authorizer tells, with what the developer guide says of all of them. */
export const authorizerFound = (
  authorizer: Node,
): Pick<Found, 'credentials' | 'providers' | 'scopeClaims' | 'maxAge'> => ({
  credentials: places(authorizer.get('identitySource')),
  providers: [providerOf(authorizer.get('jwtConfiguration'))],
  scopeClaims: [
    { path: ['scope'], format: 'string' },
    { path: ['scp'], format: 'string' },
  ],
  maxAge: { seconds: 7_200, because: 'the developer guide: a key can be cached for two hours' },
})

/** `$request.header.NAME`, alone or in a list; the token stands there bare or behind `Bearer`. */
const places = (source: Node): readonly CredentialPlace[] => {
  const found = source.texts().flatMap((text): CredentialPlace[] => {
    const [, part, name] = /^\$request\.(header|querystring)\.(.+)$/.exec(text) ?? []
    if (part === undefined || name === undefined) return []
    return part === 'header' ? [{ in: 'header', name, scheme: 'Bearer' }] : [{ in: 'query', name }]
  })
  return found.length > 0 ? found : [bearer]
}

const providerOf = (configuration: Node): FoundProvider => {
  const issuer = known(configuration.get('issuer'))
  const audiences = configuration.get('audience').isThere ? knownList(configuration.get('audience')) : []
  return {
    issuers: issuer === undefined ? [] : [issuer],
    audiences,
    algorithms: ['RS256'],
    note: 'The gateway knows RSA algorithms alone, and the keys that the issuer names by discovery.',
  }
}

/** A text that stands in the template; what is computed when it is deployed is not known. */
const known = (node: Node): string | undefined => (isMap(node.value) ? undefined : node.text())

const knownList = (node: Node): readonly string[] => {
  if (isMap(node.value)) return []
  return Array.isArray(node.value) ? node.items().flatMap((item) => known(item) ?? []) : node.texts()
}
