import type { ServerResponse } from 'node:http'
import type { Header, Listen } from '../config/config.ts'
import { createWeb, standUp, type Standing } from './open.ts'

/** A public key as a JWK (RFC 7517 section 4). */
export type PublicJwk = Readonly<Record<string, unknown>>

/** A request to the key set's server. */
export type Fetch = {
  readonly of: 'keys' | 'discovery' | 'other'
  readonly path: string
  /** Address of whoever asked. */
  readonly from: string
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** How the key set is answered; what is left out is as usual. */
export type Behaviour = {
  readonly status?: number
  /** Never answered where it is infinite. */
  readonly delayMs?: number
  /** Instead of the set. */
  readonly body?: string
  readonly headers?: readonly Header[]
}

export type KeySet = Standing & {
  readonly jwksUrl: string
  replace(keys: readonly PublicJwk[]): void
  /** From now on; `{}` is as usual. */
  respond(behaviour: Behaviour): void
  /** The last thousand, in order. */
  fetches(): readonly Fetch[]
  /** All that ever came. */
  counted(): number
}

export const keySetPath = '/.well-known/jwks.json'
const discoveryPath = '/.well-known/openid-configuration'
const mostFetches = 1_000

/** Serves the keys of an issuer, with its discovery document beside them; throws `ServeError`. */
export const startKeySet = async (
  listen: Listen,
  issued: { readonly issuer: string; readonly keys: readonly PublicJwk[] },
  now: () => number,
): Promise<KeySet> => {
  const fetches: Fetch[] = []
  let counted = 0
  let keys = publicOnly(issued.keys)
  let behaviour: Behaviour = {}

  const server = createWeb(listen, 'serve.jwks').on('request', (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0]?.slice(0, 512) ?? ''
    const of = path === keySetPath ? 'keys' : path === discoveryPath ? 'discovery' : 'other'
    counted += 1
    fetches.push({ of, path, from: request.socket.remoteAddress ?? '', at: now() })
    if (fetches.length > mostFetches) fetches.shift()
    request.resume()
    if (of === 'keys') answer(response, { body: JSON.stringify({ keys }), ...behaviour })
    else if (of === 'discovery') answer(response, { body: JSON.stringify(discovery(issued.issuer, jwksUrl)) })
    else answer(response, { status: 404, body: '{}' })
  })
  const standing = await standUp(server, listen, 'serve.jwks')
  const jwksUrl = `${standing.url}${keySetPath}`
  return {
    ...standing,
    jwksUrl,
    replace: (next) => void (keys = publicOnly(next)),
    respond: (next) => void (behaviour = next),
    fetches: () => [...fetches],
    counted: () => counted,
  }
}

const answer = (
  response: ServerResponse,
  { status = 200, delayMs = 0, body, headers = [] }: Behaviour,
): void => {
  if (delayMs === Infinity) return
  const timer = setTimeout(() => {
    response.statusCode = status
    response.setHeader('content-type', 'application/json')
    for (const [name, value] of headers) response.setHeader(name, value)
    response.end(body)
  }, delayMs)
  response.once('close', () => clearTimeout(timer))
}

/** OpenID Connect Discovery 1.0 section 3, as far as a gateway reads it. */
const discovery = (issuer: string, jwksUrl: string) => ({
  issuer,
  jwks_uri: jwksUrl,
  response_types_supported: ['code'],
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
})

/** A private key in the set would be a mistake of ours: it is told, not served (RFC 7518 section 6). */
const publicOnly = (keys: readonly PublicJwk[]): readonly PublicJwk[] => {
  if (keys.some((key) => privateMembers.some((member) => member in key))) {
    throw new Error('a key with private members was about to be served')
  }
  return keys
}

const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const
