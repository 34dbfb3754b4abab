import type { OAuth2Client } from '../config/token-source.ts'

/** What a token endpoint answered that gave no token: `body` is its JSON, undefined where it was none. */
export type Refusal = { readonly endpoint: string; readonly status: number; readonly body: unknown }

/**
 * RFC 6749 section 5.2: the provider's own words, bounded and printable, and the setting that is likely meant, of
 * those at `at`.
 */
export const refusalText = (
  { endpoint, status, body }: Refusal,
  client: Pick<OAuth2Client, 'auth' | 'grant'>,
  at: string,
): string => {
  const error = textOf(body, 'error')
  const description = textOf(body, 'error_description')
  const hint =
    error === undefined ? `look at ${at}.tokenEndpoint` : likelySetting({ error, status }, client, at)
  const words = `${status} ${error ?? 'without an error code'}${description === undefined ? '' : `: ${description}`}`
  return `the token request of ${at} to ${endpoint} was refused: ${words}${hint === undefined ? '' : ` (${hint})`}`
}

const likelySetting = (
  { error, status }: { readonly error: string; readonly status: number },
  { auth, grant }: Pick<OAuth2Client, 'auth' | 'grant'>,
  at: string,
): string | undefined => {
  const credential = credentialOf[auth.method]
  switch (error) {
    case 'invalid_client':
      return `look at ${at}.clientId, ${credential} and auth, and whether the client is active`
    case 'unauthorized_client':
      // Keycloak answers a wrong secret so, with 401: RFC 6749 section 5.2 has `invalid_client` for that.
      return status === 401
        ? `look at ${at}.${credential} and auth; or the client may not use this grant`
        : `the client may not use this grant: look at ${at}.grant`
    case 'invalid_scope':
      return `look at ${at}.scope: the provider spells scopes its own way`
    case 'unsupported_grant_type':
      return `the provider does not offer this grant: look at ${at}.grant`
    case 'invalid_grant':
      return grant.type === 'jwt_assertion'
        ? `look at ${at}.assertionKey: the provider must trust its public half`
        : `look at ${at}.grant`
    case 'invalid_target':
      return `look at ${at}.resource`
    case 'invalid_dpop_proof':
      return 'look at the clocks, and at policy.dpop.algorithms: the provider must take the first'
    case 'invalid_request':
      return `a parameter is missing or wrong: perhaps ${at}.scope, resource or parameters.audience`
    default:
      return undefined
  }
}

const credentialOf = {
  client_secret_basic: 'clientSecret',
  client_secret_post: 'clientSecret',
  private_key_jwt: 'clientKey',
  tls_client_auth: 'tls.cert',
} as const satisfies Record<OAuth2Client['auth']['method'], string>

const textOf = (body: unknown, name: string): string | undefined => {
  const value: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
  return typeof value === 'string' ? printable(value) : undefined
}

/** What somebody else wrote, as it may stand in a message of ours. */
export const printable = (text: string): string => text.slice(0, 300).replace(/[^\x20-\x7e]/g, '?')
