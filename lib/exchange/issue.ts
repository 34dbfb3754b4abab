import { execFile } from 'node:child_process'
import type { OAuth2Client, OtherToken, SigningKey } from '../config/config.ts'
import { algorithmOf, signBytes } from '../forge/algorithm.ts'
import { askProvider, ProviderError, type ProviderRoute } from './provider.ts'

/** What getting a token depends on besides the configuration. */
export type IssueContext = {
  /** Seconds since the epoch. */
  readonly now: () => number
  readonly newId: () => string
  readonly timeoutMs: number
}

/** A genuine access token from wherever the configuration says. Throws ProviderError. */
export const issueToken = async (source: OtherToken, context: IssueContext): Promise<string> => {
  switch (source.kind) {
    case 'token':
      return source.token
    case 'command':
      return tokenFromOutput(await outputOf(source.command, context.timeoutMs), source.command[0])
    case 'oauth2':
      return requestToken(source.client, context)
  }
}

const outputOf = ([file, ...args]: readonly [string, ...string[]], timeoutMs: number): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(file, args, { timeout: timeoutMs, maxBuffer: 1 << 20, shell: false }, (error, stdout) => {
      if (error === null) resolve(stdout)
      // The message of the error repeats the command line, which may hold a secret.
      else
        reject(
          new ProviderError(
            `the command ${file} failed (${String(error.code ?? error.signal ?? 'unknown')})`,
          ),
        )
    })
  })

const tokenFromOutput = (output: string, from: string): string => {
  const text = output.trim()
  if (!text.startsWith('{')) {
    if (text === '' || /\s/.test(text)) throw new ProviderError(`${from} printed no token`)
    return text
  }
  return accessTokenOf(text, from)
}

const accessTokenOf = (text: string, from: string): string => {
  const value = parseJson(text)
  if (isMembers(value)) {
    const token = value.access_token ?? value.accessToken
    if (typeof token === 'string' && token !== '') return token
  }
  throw new ProviderError(`${from} gave JSON without an access_token`)
}

const requestToken = async (client: OAuth2Client, context: IssueContext): Promise<string> => {
  const route = { tls: client.tls, proxy: client.proxy, timeoutMs: context.timeoutMs }
  const endpoint =
    client.endpoint.kind === 'tokenEndpoint'
      ? client.endpoint.url
      : await discover(client.endpoint.url, route)
  const form = new URLSearchParams({ ...grantParameters(client, endpoint, context), ...client.parameters })
  if (client.scope !== undefined) form.set('scope', client.scope)
  if (client.resource !== undefined) form.set('resource', client.resource)
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  }
  authenticate(client, { endpoint, form, headers }, context)
  const { status, text } = await askProvider(
    endpoint,
    { method: 'POST', headers, body: form.toString() },
    route,
  )
  if (status === 200) return accessTokenOf(text, endpoint)
  throw new ProviderError(refusalText(endpoint, status, text))
}

/** OpenID Connect Discovery 1.0 section 4. */
const discover = async (issuer: string, route: ProviderRoute): Promise<string> => {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const { status, text } = await askProvider(
    url,
    { method: 'GET', headers: { accept: 'application/json' } },
    route,
  )
  const document = status === 200 ? parseJson(text) : undefined
  if (isMembers(document) && typeof document.token_endpoint === 'string') return document.token_endpoint
  throw new ProviderError(
    `${url} answered ${status} without a token_endpoint; set tokens.oauth2.tokenEndpoint instead`,
  )
}

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const grantParameters = (
  client: OAuth2Client,
  endpoint: string,
  context: IssueContext,
): Record<string, string> => {
  if (client.grant.type === 'client_credentials') return { grant_type: 'client_credentials' }
  const claims = {
    iss: client.clientId,
    sub: client.clientId,
    aud: endpoint,
    ...times(context),
    ...client.grant.claims,
  }
  return { grant_type: jwtBearer, assertion: signJwt(client.grant.assertionKey, claims) }
}

type Draft = {
  readonly endpoint: string
  readonly form: URLSearchParams
  readonly headers: Record<string, string>
}

/** RFC 6749 section 2.3.1; for `private_key_jwt` RFC 7523 section 2.2. */
const authenticate = (
  client: OAuth2Client,
  { endpoint, form, headers }: Draft,
  context: IssueContext,
): void => {
  const { auth, clientId } = client
  switch (auth.method) {
    case 'client_secret_basic': {
      const pair = `${formEncode(clientId)}:${formEncode(auth.clientSecret)}`
      headers.authorization = `Basic ${Buffer.from(pair).toString('base64')}`
      return
    }
    case 'client_secret_post':
      form.set('client_id', clientId)
      form.set('client_secret', auth.clientSecret)
      return
    case 'private_key_jwt':
      form.set('client_id', clientId)
      form.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
      form.set(
        'client_assertion',
        signJwt(auth.clientKey, { iss: clientId, sub: clientId, aud: endpoint, ...times(context) }),
      )
      return
    case 'tls_client_auth':
      form.set('client_id', clientId)
  }
}

const formEncode = (text: string): string => new URLSearchParams({ x: text }).toString().slice(2)

const times = ({ now, newId }: IssueContext) => ({ iat: now() - 5, exp: now() + 120, jti: newId() })

const signJwt = (key: SigningKey, claims: Readonly<Record<string, unknown>>): string => {
  const algorithm = algorithmOf(key.alg)
  if (algorithm === undefined) throw new Error(`the key ${key.kid} names the unknown algorithm ${key.alg}`)
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const input = `${encode({ alg: key.alg, kid: key.kid, typ: 'JWT' })}.${encode(claims)}`
  return `${input}.${signBytes(algorithm, key.privateKey, Buffer.from(input)).toString('base64url')}`
}

const likelySettings: Readonly<Record<string, string>> = {
  invalid_client: 'look at tokens.oauth2.clientId, clientSecret and auth, and whether the client is active',
  invalid_scope: 'look at tokens.oauth2.scope: the provider spells scopes its own way',
  unauthorized_client: 'the client may not use this grant: look at tokens.oauth2.grant',
  unsupported_grant_type: 'the provider does not offer this grant: look at tokens.oauth2.grant',
  invalid_grant: 'look at tokens.oauth2.assertionKey: the provider must trust its public half',
  invalid_target: 'look at tokens.oauth2.resource',
  invalid_request: 'a parameter is missing: perhaps tokens.oauth2.scope, resource or parameters.audience',
}

/** RFC 6749 section 5.2: the provider's own words, bounded and printable, and the setting that is likely meant. */
const refusalText = (endpoint: string, status: number, text: string): string => {
  const value = parseJson(text)
  const error = isMembers(value) && typeof value.error === 'string' ? printable(value.error) : undefined
  const description =
    isMembers(value) && typeof value.error_description === 'string'
      ? `: ${printable(value.error_description)}`
      : ''
  const hint = error === undefined ? 'look at tokens.oauth2.tokenEndpoint' : (likelySettings[error] ?? '')
  return `the token request to ${endpoint} was refused: ${status} ${error ?? 'without an error code'}${description}${hint === '' ? '' : ` (${hint})`}`
}

const printable = (text: string): string => text.slice(0, 300).replace(/[^\x20-\x7e]/g, '?')

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isMembers = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The key set at a URL, as it was parsed; undefined where it is no JSON. Throws ProviderError. */
export const fetchKeySet = async (url: string, route: ProviderRoute): Promise<unknown> => {
  const { status, text } = await askProvider(
    url,
    { method: 'GET', headers: { accept: 'application/json' } },
    route,
  )
  if (status !== 200) throw new ProviderError(`${url} answered ${status} instead of a key set`)
  return parseJson(text)
}
