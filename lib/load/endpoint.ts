import { checkServerIdentity, createSecureContext, type ConnectionOptions } from 'node:tls'
import { isIP } from 'node:net'
import type { Target, Tls } from '../config/config.ts'

/** Where connections go, and who must be found there. */
export type Endpoint = {
  readonly host: string
  readonly port: number
  /** Absent where the target speaks plain HTTP. */
  readonly tls?: {
    /** Verification is not left to this: see `isTrusted` of whoever connects. */
    readonly options: ConnectionOptions
    readonly servername?: string
    readonly insecure: boolean
  }
  /** HTTP/2 is spoken: by ALPN, and without TLS by prior knowledge (RFC 9113 section 3.3). */
  readonly http2?: boolean
  /** The URL of a proxy that makes tunnels (RFC 9110 section 9.3.6). Where the environment names one, it is put here. */
  readonly via?: string
}

/** What of a target its endpoint is made from: nothing that a thread could not be given. */
export type Reach = Pick<Target, 'origin' | 'connect' | 'tls'> & Partial<Pick<Target, 'http' | 'proxy'>>

export const reachOf = ({ origin, connect, tls, http, proxy }: Target): Reach => ({
  origin,
  tls,
  http,
  proxy,
  ...(connect === undefined ? {} : { connect }),
})

/** The endpoint of a target: what `connect` says is dialled, while name and certificate stay those of its URL. */
export const endpointOf = ({ origin, connect, tls, http, proxy }: Reach): Endpoint => {
  const url = new URL(origin)
  const secure = url.protocol === 'https:'
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const { host, port } = connect ?? {
    host: name,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
  }
  return {
    host,
    port,
    ...(secure ? { tls: tlsOf(tls, name) } : {}),
    ...(http === '2' ? { http2: true } : {}),
    ...(proxy?.kind === 'url' ? { via: proxy.url } : {}),
  }
}

/** One context for all connections, because reading the certificates anew for each of them costs milliseconds. */
const tlsOf = (tls: Tls, name: string): NonNullable<Endpoint['tls']> => {
  const identity = tls.servername ?? name
  const { ca, cert, key } = tls
  return {
    options: {
      secureContext: createSecureContext({
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
      }),
      checkServerIdentity: (_dialled, certificate) => checkServerIdentity(identity, certificate),
    },
    ...(isIP(identity) === 0 ? { servername: identity } : {}),
    insecure: tls.insecure,
  }
}

/** `127.0.0.1:8443`, for messages. */
export const addressOf = ({ host, port }: Endpoint): string =>
  `${isIP(host) === 6 ? `[${host}]` : host}:${port}`
