import type { IncomingMessage } from 'node:http'
import type { Decisions } from '../decisions.ts'
import { tokenIn } from '../find-token.ts'
import { type GatewayRequest, headerValues, queryValues } from '../request.ts'
import { isObject, parsed } from '../strict-json.ts'
import { type Fault, fault } from './fault.ts'

/** Where the policy's place has no token, the one that is found elsewhere is judged. */
const alsoIn =
  (find: (request: GatewayRequest) => string | undefined) =>
  (next: Decisions): Partial<Decisions> => ({
    present: (request, place, d) => {
      const presented = next.present(request, place, d)
      const token = presented.kind === 'none' ? find(request) : undefined
      return token === undefined ? presented : tokenIn(token, d)
    },
  })

/** The same for a token in the body, which is read before the request is decided on. */
const alsoInBody =
  (find: (text: string, request: GatewayRequest) => string | undefined) => (next: Decisions) => ({
    prepare: withBody,
    ...alsoIn((request) => find(request.body?.bytes.toString('latin1') ?? '', request))(next),
  })

export const withBody = async (
  request: GatewayRequest,
  incoming: IncomingMessage,
): Promise<GatewayRequest> => {
  if (incoming.headers.expect !== undefined) return request
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    if (!Buffer.isBuffer(chunk)) continue
    bytes += chunk.length
    if (bytes < 65_536) chunks.push(chunk)
  }
  return { ...request, body: { bytes: Buffer.concat(chunks), trailers: incoming.rawTrailers } }
}

const first = (request: GatewayRequest, ...names: readonly string[]): string | undefined =>
  names.flatMap((name) => headerValues(request, name))[0]?.replace(/^bearer +/i, '')

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const passwordOf = (value: string): string | undefined => {
  const base64 = /^basic +(\S+)$/i.exec(value)?.[1]
  return (
    base64 &&
    Buffer.from(base64, 'base64')
      .toString('latin1')
      .replace(/^[^:]*:/, '')
  )
}

/** Where a token is looked for, beside the place that the policy names. */
export const locationFaults = {
  'query-also': fault(
    'the query parameter access_token is always looked at',
    alsoIn((request) => queryValues(request, 'access_token')[0]),
  ),
  'query-other-names': fault(
    'query parameters of other names are looked at',
    alsoIn(
      (request) => ['token', 'jwt', 'auth', 'bearer_token'].flatMap((name) => queryValues(request, name))[0],
    ),
  ),
  'query-takes-first': fault('of a repeated query parameter, the first is judged', (next) => ({
    present: (request, place, d) =>
      place.in === 'query'
        ? tokenIn(queryValues(request, place.name)[0] ?? '', d)
        : next.present(request, place, d),
  })),
  'query-takes-last': fault('of a repeated query parameter, the last is judged', (next) => ({
    present: (request, place, d) =>
      place.in === 'query'
        ? tokenIn(queryValues(request, place.name).at(-1) ?? '', d)
        : next.present(request, place, d),
  })),
  'cookie-also': fault(
    'cookies are looked at',
    alsoIn(
      (request) => /(?:^|; *)(?:access_token|token|jwt)=([^;]*)/.exec(first(request, 'cookie') ?? '')?.[1],
    ),
  ),
  'form-also': fault(
    'a form in the body is looked at',
    alsoInBody((text) => new URLSearchParams(text).get('access_token') ?? undefined),
  ),
  'multipart-also': fault(
    'a multipart form in the body is looked at',
    alsoInBody((text) => /name="access_token"(?:\r\n[^\r\n]+)*\r\n\r\n([^\r\n]+)/.exec(text)?.[1]),
  ),
  'json-body-also': fault(
    'JSON in the body is looked at',
    alsoInBody((text) => {
      const document = parsed(text)
      return isObject(document) ? textOf(document.access_token) : undefined
    }),
  ),
  'trailer-also': fault(
    'trailers are taken for headers',
    alsoInBody((_, { body }) => {
      const trailers = body?.trailers ?? []
      const at = trailers.findIndex(
        (name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization',
      )
      return at === -1 ? undefined : trailers[at + 1]?.replace(/^bearer +/i, '')
    }),
  ),
  'lookalike-header': fault(
    'headers with similar names are looked at',
    alsoIn((request) =>
      first(request, 'x-authorization', 'x-access-token', 'x-forwarded-authorization', 'authorization_'),
    ),
  ),
  'proxy-authorization': fault(
    'Proxy-Authorization is looked at',
    alsoIn((request) => first(request, 'proxy-authorization')),
  ),
  'basic-password-token': fault(
    'the token may be the password of Basic credentials',
    alsoIn((request) => passwordOf(headerValues(request, 'authorization')[0] ?? '')),
  ),
  'ws-protocol-also': fault(
    'Sec-WebSocket-Protocol is looked at',
    alsoIn((request) =>
      first(request, 'sec-websocket-protocol')
        ?.split(/, */)
        .find((name) => name.split('.').length === 3),
    ),
  ),
  'userinfo-also': fault('the user information of an absolute-form target is looked at', (next) => ({
    ...alsoIn(({ authority }) => /^[^:@]*:?([^@]+)@/.exec(authority ?? '')?.[1])(next),
    isMalformed: (request) =>
      next.isMalformed({ ...request, authority: request.authority?.replace(/^.*@/, '') }),
  })),
  'conflicting-locations': fault('a second token elsewhere is not looked at', () => ({
    presentsElsewhere: () => false,
  })),
  'query-overrides-header': fault('a token in the query goes before the one in the header', (next) => ({
    present: (request, place, d) => {
      const [token] = queryValues(request, 'access_token')
      return token === undefined ? next.present(request, place, d) : tokenIn(token, d)
    },
  })),
} as const satisfies Readonly<Record<string, Fault>>
