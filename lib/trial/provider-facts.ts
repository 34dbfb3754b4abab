import type { Config } from '../config/config.ts'
import { fetchKeySet as fetchJson } from '../exchange/issue.ts'
import { ProviderError, type ProviderRoute } from '../exchange/provider.ts'
import { selectPublished, thumbprint } from '../forge/keyring.ts'
import { readKeySet } from './keys.ts'

/** What the identity provider says of itself, as far as the configuration leads there. */
export type ProviderFacts = {
  readonly issuer?: string
  readonly keys?: readonly {
    readonly kid: string | undefined
    readonly alg: string | undefined
    /** RFC 7638; undefined where the key cannot be read. */
    readonly thumbprint: string | undefined
  }[]
  /** Of the key that we sign with. */
  readonly ownThumbprint?: string
}

/** Asks for the key set and the discovery document; what does not answer says nothing. */
export const askProviderFacts = async (config: Config): Promise<ProviderFacts> => {
  const { tokens, policy } = config
  const set = policy.jwks === undefined ? undefined : await unlessSilent(readKeySet(policy.jwks, config))
  const keys = keysOf(set)
  const issuer = await issuerOf(config)
  return {
    ...(issuer === undefined ? {} : { issuer }),
    ...(keys === undefined ? {} : { keys }),
    ...(tokens.kind === 'keys' ? { ownThumbprint: thumbprint(tokens.keys[0].publicKey) } : {}),
  }
}

const keysOf = (set: unknown): ProviderFacts['keys'] => {
  if (!isMembers(set) || !Array.isArray(set.keys)) return undefined
  return set.keys.filter(isMembers).map((key) => ({
    kid: textOf(key.kid),
    alg: textOf(key.alg),
    thumbprint: thumbprintOf(key),
  }))
}

const thumbprintOf = (jwk: Members): string | undefined => {
  const published = selectPublished({ keys: [jwk] }, {})
  return published === undefined ? undefined : thumbprint(published.key)
}

/**
 * The issuer by its own discovery document (OpenID Connect Discovery 1.0 section 4). Nobody is asked whom the
 * configuration does not send us to anyway: the provider of tokens, or the host of the key set.
 */
const issuerOf = async ({ tokens, policy, target }: Config): Promise<string | undefined> => {
  const client = tokens.kind === 'oauth2' ? tokens.client : undefined
  const route: ProviderRoute = {
    tls: client?.tls ?? { insecure: false },
    proxy: client?.proxy ?? { kind: 'environment' },
    timeoutMs: target.timeoutMs,
  }
  const named = [client?.endpoint.url, policy.jwks].flatMap((url) => hostOf(url) ?? [])
  const issuers = [client?.endpoint.kind === 'issuer' ? client.endpoint.url : undefined, ...policy.issuers]
  for (const issuer of issuers) {
    const host = hostOf(issuer)
    if (issuer === undefined || host === undefined || !named.includes(host)) continue
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const document = await unlessSilent(fetchJson(url, route))
    if (isMembers(document) && typeof document.issuer === 'string') return document.issuer
  }
  return undefined
}

const unlessSilent = async <T>(asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ProviderError) return undefined
    throw error
  }
}

const hostOf = (url: string | undefined): string | undefined =>
  url !== undefined && /^https?:/.test(url) && URL.canParse(url) ? new URL(url).host : undefined

type Members = Readonly<Record<string, unknown>>
const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
