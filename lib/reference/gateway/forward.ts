import {
  type ClientRequest,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from 'node:http'
import { request as requestHttps } from 'node:https'
import type { Agents } from './agents.ts'
import { pairs } from './answer.ts'
import type { Decisions } from './decisions.ts'
import type { TokenPlace } from './deployment.ts'
import { claimHeaders, type Forwards } from './forward-claims.ts'
import type { PlainRefusal } from './refusal.ts'
import type { GatewayRequest } from './request.ts'
import { hasBody } from './send.ts'
import type { JsonObject } from './strict-json.ts'

export type ForwardingDecisions = {
  /** Is the client's header passed on to the backend? The name is in lower case. */
  readonly passesOn: (name: string, request: GatewayRequest) => boolean
  /** The query as the backend gets it. */
  readonly forwardedQuery: (request: GatewayRequest, place: TokenPlace | undefined) => string | undefined
  /** What the gateway says of the client, names and values by turns. */
  readonly proxyHeaders: (request: GatewayRequest, incoming: IncomingMessage) => readonly string[]
  /** Does a header of the gateway's own stay, whatever the request says of it? The name is in lower case. */
  readonly sendsOwn: (name: string, request: GatewayRequest) => boolean
  /** Is the backend's header passed on to the client? The name is in lower case. */
  readonly passesBack: (name: string) => boolean
  /** How often an accepted request is sent to the backend. */
  readonly copies: number
}

const timeoutMs = 10_000

/** RFC 9110 section 7.6.1; `host` is the backend's own, and the body's framing is this connection's. */
const hopByHop = [
  'connection',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** What backends take for the word of a proxy: never the client's own. */
const identity =
  /^(forwarded|x-forwarded-.*|x-real-ip|x-remote-user|remote-user|x-auth-request-.*|x-authenticated-.*|x-userinfo|x-user-id|x-endpoint-api-userinfo|x-consumer-.*|x-credential-.*|x-jwt-.*|x-client-cert.*|x-ssl-client-.*|ssl-client-.*|client-cert.*|sec-istio-auth-userinfo)$/

export const soundForwarding: ForwardingDecisions = {
  // What Connection lists is not dropped: a client could strip what the backend relies on. An underscore is read as a
  // hyphen by many backends.
  passesOn: (name) => !hopByHop.includes(name) && !identity.test(name.replaceAll('_', '-')),
  forwardedQuery: ({ query }, place) =>
    place?.in === 'query' && query !== undefined ? withoutParameter(query, place.name) : query,
  proxyHeaders: (_, { socket }) => [
    'X-Forwarded-For',
    socket.remoteAddress ?? 'unknown',
    'X-Forwarded-Proto',
    'http',
  ],
  sendsOwn: () => true,
  passesBack: (name) => !hopByHop.includes(name),
  copies: 1,
}

const withoutParameter = (query: string, name: string): string | undefined => {
  const kept = query.split('&').filter((pair) => !new URLSearchParams(pair).has(name))
  return kept.length === 0 ? undefined : kept.join('&')
}

export type Upstream = {
  readonly url: URL
  readonly agents: Agents
  readonly place: TokenPlace | undefined
  /** The cookie that may hold the token. */
  readonly cookie: string | undefined
  readonly forwards: Forwards | undefined
  /** Of the token that was let in, where the backend hears of them. */
  readonly claims?: JsonObject | undefined
}

/** Opens the request to the backend, without its body. */
export const openUpstream = (
  request: GatewayRequest,
  incoming: IncomingMessage,
  upstream: Upstream,
  d: Decisions,
): ClientRequest => {
  const { url, agents, place } = upstream
  const query = [url.search.slice(1), d.forwardedQuery(request, place)].filter(Boolean).join('&')
  const options = {
    method: request.method,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port,
    path: query === '' ? url.pathname : `${url.pathname}?${query}`,
    headers: forwardedHeaders(request, incoming, upstream, d),
    timeout: timeoutMs,
  }
  return url.protocol === 'https:'
    ? requestHttps({ ...options, agent: agents.https })
    : requestHttp({ ...options, agent: agents.http })
}

const forwardedHeaders = (
  request: GatewayRequest,
  incoming: IncomingMessage,
  { url, place, cookie, forwards, claims }: Upstream,
  d: Decisions,
): readonly string[] => {
  const passed = pairs(request.headers).filter(([name]) => d.passesOn(name.toLowerCase(), request))
  const told = forwards === undefined ? passed : d.clientFields(passed, forwards, claims)
  const clients =
    forwards?.stripsCredential === true
      ? told.flatMap((field) => {
          const kept = d.withoutCredential(field, place, cookie)
          return kept === undefined ? [] : [kept]
        })
      : told
  const ours = pairs([
    ...d.proxyHeaders(request, incoming),
    ...(forwards === undefined ? [] : claimHeaders(forwards, claims, d)),
  ]).filter(([name]) => d.sendsOwn(name.toLowerCase(), request))
  const chunked = incoming.headers['transfer-encoding'] === undefined ? [] : ['Transfer-Encoding', 'chunked']
  const length =
    hasBody(incoming) || incoming.headers['content-length'] !== undefined || bodiless.includes(request.method)
      ? []
      : ['Content-Length', '0']
  return ['Host', url.host, ...clients.flat(), ...ours.flat(), ...chunked, ...length]
}

/** Methods that need no Content-Length where there is no body. */
const bodiless = ['GET', 'HEAD', 'OPTIONS', 'DELETE']

export type Forwarding = {
  /** What the answer gets where the backend does not say otherwise. */
  readonly headers: readonly string[]
  readonly passesBack: Decisions['passesBack']
  /** The body, where it has been read already. */
  readonly body: Buffer | undefined
  /** Called where no answer comes. */
  readonly fail: (why: PlainRefusal) => void
}

/** Streams a request to the backend, and the answer back. */
export const forward = (
  upstream: ClientRequest,
  incoming: IncomingMessage,
  response: ServerResponse,
  { headers, passesBack, body, fail }: Forwarding,
): void => {
  let isLate = false
  upstream.on('timeout', () => {
    isLate = true
    upstream.destroy()
  })
  upstream.on('error', () => {
    if (response.headersSent) response.destroy()
    else if (!response.destroyed) fail(isLate ? 'backend-late' : 'backend-failed')
  })
  upstream.on('response', (answer) => {
    const passed = pairs(answer.rawHeaders).filter(([name]) => passesBack(name.toLowerCase()))
    const named = passed.map(([name]) => name.toLowerCase())
    const own = pairs(headers).filter(([name]) => !named.includes(name.toLowerCase()))
    response.sendDate = false
    response.writeHead(answer.statusCode ?? 502, [...passed.flat(), ...own.flat()])
    answer.on('error', () => response.destroy())
    answer.pipe(response)
  })
  response.on('close', () => upstream.destroy())
  if (body !== undefined) upstream.end(body)
  else if (hasBody(incoming)) incoming.pipe(upstream)
  else upstream.end()
}
