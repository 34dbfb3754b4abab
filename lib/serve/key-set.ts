import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Server as HttpsServer } from 'node:https'
import type { Header, Listen } from '../config/config.ts'
import { createWeb, standUp, type Standing } from './open.ts'

/** A public key as a JWK (RFC 7517 section 4). */
export type PublicJwk = Readonly<Record<string, unknown>>

/** A request to the key set's server. */
export type Fetch = {
  readonly of: 'keys' | 'moved' | 'discovery' | 'other'
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
  /** The connection is closed without an answer. */
  readonly drop?: boolean
  /** With an entity tag, and 304 to whoever has it already (RFC 9110 section 13.1.2). */
  readonly etag?: boolean
  /** A merge into the discovery document. */
  readonly discovery?: Readonly<Record<string, unknown>>
  /** Under a certificate that nobody trusts, where the set is served over TLS. */
  readonly certificate?: { readonly cert: string; readonly key: string }
}

export type KeySet = Standing & {
  readonly jwksUrl: string
  replace(keys: readonly PublicJwk[]): void
  /** The keys that are served as usual. */
  keys(): readonly PublicJwk[]
  /** From now on; `{}` is as usual. */
  respond(behaviour: Behaviour): void
  /** The last thousand, in order. */
  fetches(): readonly Fetch[]
  /** All that ever came, or all of a kind. */
  counted(of?: Fetch['of']): number
  /** Milliseconds since the last fetch of the keys; infinite where there was none. */
  sinceFetchedMs(): number
}

export const keySetPath = '/.well-known/jwks.json'
/** Where redirects lead: the set is there as well. */
export const movedPath = '/moved/jwks.json'
const discoveryPath = '/.well-known/openid-configuration'
const mostFetches = 1_000

/** Serves the keys of an issuer, with its discovery document beside them; throws `ServeError`. */
export const startKeySet = async (
  listen: Listen,
  issued: { readonly issuer: string; readonly keys: readonly PublicJwk[] },
  now: () => number,
): Promise<KeySet> => {
  const fetches: Fetch[] = []
  const counted = { keys: 0, moved: 0, discovery: 0, other: 0 }
  let keys = publicOnly(issued.keys)
  let behaviour: Behaviour = {}
  const late = new Set<ServerResponse>()

  const server = createWeb(listen, 'serve.jwks').on('request', (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0]?.slice(0, 512) ?? ''
    const of = kinds.get(path) ?? 'other'
    counted[of] += 1
    fetches.push({ of, path, from: request.socket.remoteAddress ?? '', at: now() })
    if (fetches.length > mostFetches) fetches.shift()
    request.resume()
    if (of === 'keys') {
      late.add(response)
      response.once('close', () => late.delete(response))
    }
    if (of === 'keys' && behaviour.drop === true) request.socket.destroy()
    else if (of === 'keys') answerKeys(request, response, { body: JSON.stringify({ keys }), ...behaviour })
    else if (of === 'moved') answer(response, { body: JSON.stringify({ keys }) })
    else if (of === 'discovery')
      answer(response, {
        body: JSON.stringify({ ...discovery(issued.issuer, jwksUrl), ...behaviour.discovery }),
      })
    else answer(response, { status: 404, body: '{}' })
  })
  const standing = await standUp(server, listen, 'serve.jwks')
  const jwksUrl = `${standing.url}${keySetPath}`
  return {
    ...standing,
    jwksUrl,
    replace: (next) => void (keys = publicOnly(next)),
    keys: () => keys,
    respond: (next) => {
      const shown = behaviour.certificate
      behaviour = next
      // Whoever still waits for the answer as it was waits in vain.
      for (const waiting of late) waiting.destroy()
      if (!(server instanceof HttpsServer) || next.certificate === shown) return
      server.setSecureContext(next.certificate ?? listen.tls ?? {})
      // Whoever keeps a connection would go on without ever seeing the other certificate.
      server.closeAllConnections()
    },
    fetches: () => [...fetches],
    sinceFetchedMs: () => now() - (fetches.findLast(({ of }) => of === 'keys')?.at ?? -Infinity),
    counted: (of) =>
      of === undefined ? Object.values(counted).reduce((sum, count) => sum + count, 0) : counted[of],
  }
}

const kinds: ReadonlyMap<string, Fetch['of']> = new Map([
  [keySetPath, 'keys'],
  [movedPath, 'moved'],
  [discoveryPath, 'discovery'],
])

const answerKeys = (request: IncomingMessage, response: ServerResponse, behaviour: Behaviour): void => {
  if (behaviour.etag !== true) {
    answer(response, behaviour)
    return
  }
  const digest = createHash('sha256').update(behaviour.body ?? '')
  const tag = `"${digest.digest('base64url').slice(0, 16)}"`
  const headers = [...(behaviour.headers ?? []), ['ETag', tag] as const]
  const isHeld = request.headers['if-none-match'] === tag
  answer(response, { ...behaviour, ...(isHeld ? { status: 304, body: '' } : {}), headers })
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
