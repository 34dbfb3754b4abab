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
}

/** The endpoint of a target: what `connect` says is dialled, while name and certificate stay those of its URL. */
export const endpointOf = (target: Pick<Target, 'origin' | 'connect' | 'tls'>): Endpoint => {
  const url = new URL(target.origin)
  const secure = url.protocol === 'https:'
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const { host, port } = target.connect ?? {
    host: name,
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
  }
  return { host, port, ...(secure ? { tls: tlsOf(target.tls, name) } : {}) }
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
