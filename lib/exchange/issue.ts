import { execFile } from 'node:child_process'
import type { SigningKey } from '../config/config.ts'
import type { OAuth2Client, OtherToken } from '../config/token-source.ts'
import { algorithmOf, signBytes } from '../forge/algorithm.ts'
import type { BindingKeys } from '../forge/binding.ts'
import { tokenRequestProof } from '../forge/dpop.ts'
import { askProvider, ProviderError, type ProviderAnswer, type ProviderRoute } from './provider.ts'
import { printable, refusalText } from './refusal.ts'

/** What getting a token depends on besides the configuration. */
export type IssueContext = {
  /** Seconds since the epoch. */
  readonly now: () => number
  readonly newId: () => string
  readonly timeoutMs: number
  /** The keys that tokens of a token endpoint are to be bound to by DPoP, and the nonce that each endpoint gave last. */
  readonly dpop?: { readonly keys: BindingKeys; readonly nonces: Map<string, string> }
}

/** A token, and for how many seconds its issuer says that it is good. */
export type IssuedToken = { readonly token: string; readonly expiresIn?: number }

/**
 * A genuine access token from wherever the configuration says; `at` is where the settings of a client stand. Throws
 * ProviderError.
 */
export const issueToken = async (
  source: OtherToken,
  context: IssueContext,
  at = 'tokens.oauth2',
): Promise<IssuedToken> => {
  switch (source.kind) {
    case 'token':
      return { token: source.token }
    case 'command':
      return tokenFromOutput(await outputOf(source.command, context.timeoutMs), source.command[0])
    case 'oauth2':
      return requestToken(source.client, context, at)
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

const tokenFromOutput = (output: string, from: string): IssuedToken => {
  const text = output.trim()
  if (!text.startsWith('{')) {
    if (text === '' || /\s/.test(text)) throw new ProviderError(`${from} printed no token`)
    return { token: text }
  }
  return accessTokenOf(parseJson(text), from)
}

const accessTokenOf = (value: unknown, from: string): IssuedToken => {
  if (isMembers(value)) {
    const token = value.access_token ?? value.accessToken
    const seconds = Number(value.expires_in ?? Number.NaN)
    if (typeof token === 'string' && token !== '')
      return { token, ...(Number.isFinite(seconds) ? { expiresIn: seconds } : {}) }
  }
  throw new ProviderError(`${from} gave JSON without an access_token`)
}

const requestToken = async (
  client: OAuth2Client,
  context: IssueContext,
  at: string,
): Promise<IssuedToken> => {
  const route = { tls: client.tls, proxy: client.proxy, timeoutMs: context.timeoutMs }
  const endpoint =
    client.endpoint.kind === 'tokenEndpoint'
      ? client.endpoint.url
      : await discover(client.endpoint.url, route, at)
  const answer = await askToken(client, { endpoint, route }, context)
  const { status, text } = asksForNonce(answer)
    ? await askToken(client, { endpoint, route }, context)
    : answer
  const value = parseJson(text)
  if (status !== 200) throw new ProviderError(refusalText({ endpoint, status, body: value }, client, at))
  const issued = accessTokenOf(value, endpoint)
  if (context.dpop !== undefined && !isDpop(value)) throw new ProviderError(unboundText(endpoint, value))
  return issued
}

/** RFC 9449 section 8: it comes with the nonce that the next proof has. */
const asksForNonce = ({ status, text, nonce }: ProviderAnswer): boolean => {
  const value = status === 400 && nonce !== undefined ? parseJson(text) : undefined
  return isMembers(value) && value.error === 'use_dpop_nonce'
}

/** RFC 9449 section 5: any other type says that the token is bound to no key. */
const isDpop = (value: unknown): boolean =>
  isMembers(value) && typeof value.token_type === 'string' && value.token_type.toLowerCase() === 'dpop'

const unboundText = (endpoint: string, value: unknown): string => {
  const type = isMembers(value) && typeof value.token_type === 'string' ? printable(value.token_type) : 'none'
  return `${endpoint} gave a token of type ${type} where one was asked for that is bound by DPoP (let the provider bind the tokens of this client, or leave tokens.binding.dpop out)`
}

type Endpoint = { readonly endpoint: string; readonly route: ProviderRoute }

/** One token request, whose assertions and proof are for one use. */
const askToken = async (
  client: OAuth2Client,
  { endpoint, route }: Endpoint,
  context: IssueContext,
): Promise<ProviderAnswer> => {
  const form = new URLSearchParams({ ...grantParameters(client, endpoint, context), ...client.parameters })
  if (client.scope !== undefined) form.set('scope', client.scope)
  if (client.resource !== undefined) form.set('resource', client.resource)
  const headers: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  }
  authenticate(client, { endpoint, form, headers }, context)
  const { dpop } = context
  if (dpop !== undefined) {
    const moment = { now: context.now(), jti: context.newId(), nonce: dpop.nonces.get(endpoint) }
    headers.dpop = tokenRequestProof(dpop.keys, { uri: endpoint, ...moment })
  }
  const answer = await askProvider(endpoint, { method: 'POST', headers, body: form.toString() }, route)
  if (answer.nonce !== undefined) dpop?.nonces.set(endpoint, answer.nonce)
  return answer
}

/** OpenID Connect Discovery 1.0 section 4. */
const discover = async (issuer: string, route: ProviderRoute, at: string): Promise<string> => {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const { status, text } = await askProvider(
    url,
    { method: 'GET', headers: { accept: 'application/json' } },
    route,
  )
  const document = status === 200 ? parseJson(text) : undefined
  if (isMembers(document) && typeof document.token_endpoint === 'string') return document.token_endpoint
  throw new ProviderError(
    `${url} answered ${status} without a token_endpoint; look at ${at}.issuer, or set tokenEndpoint instead`,
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
