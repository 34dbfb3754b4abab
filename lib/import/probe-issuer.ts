import { jwkEntries, publicJwk } from '../config/public-key.ts'
import { askProvider, ProviderError, type ProviderRoute } from '../exchange/provider.ts'
import { quote } from '../judge/quote.ts'
import type { FoundProvider } from './found.ts'
import { parseJson } from './json.ts'
import { algorithmsFor } from './key-source.ts'
import { isMap } from './node.ts'

/** What an issuer publishes of itself, and what there is to say of it. */
export type IssuerSeen = { readonly provider: FoundProvider; readonly notes: readonly string[] }

/**
 * Looks for the issuer's metadata (OpenID Connect Discovery 1.0 section 4; RFC 8414 section 3) and its key set. Nothing
 * is sent that could authenticate, and what is not there becomes a note.
 */
export const probeIssuer = async (issuer: string, route: ProviderRoute): Promise<IssuerSeen> => {
  const nothing = { issuers: [issuer], audiences: [], algorithms: [] }
  if (!/^https?:\/\/[^/?#]/.test(issuer) || !URL.canParse(issuer))
    return { provider: nothing, notes: ['The issuer is no URL: there is nothing to look up.'] }
  for (const url of metadataUrls(issuer)) {
    const document = await fetchJson(url, route)
    const jwks = isMap(document) ? document.jwks_uri : undefined
    if (!isMap(document) || typeof jwks !== 'string') continue
    const named = typeof document.issuer === 'string' ? document.issuer : issuer
    const keys = await keysAt(jwks, route)
    return {
      provider: { ...nothing, issuers: [sameButSlash(named, issuer) ? named : issuer], ...keys.provider },
      notes: [
        `${url} names the key set.`,
        ...(sameButSlash(named, issuer) ? [] : [`? It names itself ${quote(named)}: what do tokens say?`]),
        ...keys.notes,
      ],
    }
  }
  return { provider: nothing, notes: ['The issuer publishes no metadata: `policy.jwks` can name its keys.'] }
}

/** The well-known name goes behind the issuer, or between its host and its path. */
const metadataUrls = (issuer: string): readonly string[] => {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
}

/** Issuers are compared as they are written, and a slash at the end is what people get wrong. */
const sameButSlash = (one: string, other: string): boolean =>
  one.replace(/\/$/, '') === other.replace(/\/$/, '')

const keysAt = async (
  url: string,
  route: ProviderRoute,
): Promise<{ readonly provider: Partial<FoundProvider>; readonly notes: readonly string[] }> => {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    return { provider: {}, notes: ['Its `jwks_uri` is no URL.'] }
  const provider = { keys: { kind: 'url', url } } as const
  const entries = jwkEntries(await fetchJson(url, route))
  if (entries === undefined) return { provider, notes: ['Its key set could not be read.'] }
  const keys = entries.flatMap((entry) => publicJwk(entry) ?? [])
  const named = keys.filter(({ alg }) => alg !== undefined)
  return {
    provider: {
      ...provider,
      algorithms: algorithmsFor(named),
      ...(named.length < keys.length && { note: 'Some keys of the set name no algorithm.' }),
    },
    notes: [`The set has ${keys.length} public ${keys.length === 1 ? 'key' : 'keys'}.`],
  }
}

const fetchJson = async (url: string, route: ProviderRoute): Promise<unknown> => {
  try {
    const { status, text } = await askProvider(
      url,
      { method: 'GET', headers: { accept: 'application/json' } },
      route,
    )
    return status === 200 ? parseJson(text) : undefined
  } catch (error) {
    if (error instanceof ProviderError) return undefined
    throw error
  }
}
