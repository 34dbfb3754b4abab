import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { connectionBehind } from './http2-front.ts'

/** A request as the gateway's decisions see it: nothing is decoded, joined or normalised. */
export type GatewayRequest = {
  readonly method: string
  /** The request-target as it arrived. */
  readonly target: string
  /** What stands before the path in an absolute-form target (RFC 9112 section 3.2.2): `host:port`. */
  readonly authority: string | undefined
  readonly path: string
  /** What stands after the first question mark. */
  readonly query: string | undefined
  readonly httpVersion: string
  /** Names and values by turns, in latin1, as they arrived. */
  readonly headers: readonly string[]
  /** Stands for the connection: the same object for each of its requests. */
  readonly connection: object
  /** The client's certificate, in DER, where TLS showed one. */
  readonly certificate?: Uint8Array
  /** The name by which the client called in TLS (RFC 6066 section 3), where it did. */
  readonly servername?: string
  /** The body and the trailers, where a fault had them read before deciding. */
  readonly body?: { readonly bytes: Buffer; readonly trailers: readonly string[] }
}

export const readRequest = (incoming: IncomingMessage): GatewayRequest => {
  const target = incoming.url ?? ''
  const [, authority, rest = target] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(target) ?? []
  const origin = authority === undefined || rest.startsWith('/') ? rest : `/${rest}`
  const question = origin.indexOf('?')
  return {
    method: incoming.method ?? '',
    target,
    authority,
    path: question === -1 ? origin : origin.slice(0, question),
    query: question === -1 ? undefined : origin.slice(question + 1),
    httpVersion: incoming.httpVersion,
    headers: incoming.rawHeaders,
    connection: connectionBehind(incoming.socket),
    ...certificateOf(incoming.socket),
    ...nameOf(incoming.socket),
  }
}

const certificateOf = (socket: Socket): Pick<GatewayRequest, 'certificate'> => {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  return certificate === undefined ? {} : { certificate: certificate.raw }
}

const nameOf = (socket: Socket): Pick<GatewayRequest, 'servername'> =>
  'servername' in socket && typeof socket.servername === 'string' ? { servername: socket.servername } : {}

/** The values of every header of that name (in lower case), in order. */
export const headerValues = (request: GatewayRequest, name: string): readonly string[] => {
  const { headers } = request
  const values: string[] = []
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const key = headers[index]
    const value = headers[index + 1]
    if (key?.length === name.length && key.toLowerCase() === name && value !== undefined) values.push(value)
  }
  return values
}

/** The values of every query parameter of that name, decoded. */
export const queryValues = (request: GatewayRequest, name: string): readonly string[] =>
  request.query === undefined ? [] : new URLSearchParams(request.query).getAll(name)

const limitBytes = 8192

/** More than 8 KB of headers, method and URI: the service's limit. */
export const isTooLarge = ({ method, target, headers }: GatewayRequest): boolean =>
  headers.reduce((bytes, text) => bytes + text.length, method.length + target.length) > limitBytes
