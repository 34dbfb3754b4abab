import { once } from 'node:events'
import { createServer as createHttp, type Server as HttpServer } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { isIP, type Server, type Socket } from 'node:net'
import type { Listen } from '../config/config.ts'

/** An address that cannot be served from, told so that the user can mend it. */
export class ServeError extends Error {}

export type Standing = {
  readonly port: number
  /** How the gateway sees us, without a slash at the end. */
  readonly url: string
  /** Ends the server and every connection. */
  close(): Promise<void>
}

/** Where in the configuration an address stands, such as `serve.upstream`. */
export type Place = `serve.${'jwks' | 'upstream' | 'listener'}`

/** An HTTP server that takes what a gateway may forward, over TLS where that is set; throws `ServeError`. */
export const createWeb = ({ tls }: Listen, place: Place): HttpServer => {
  // The longest token of the suites has some 300,000 characters: where it is too long, the gateway is to say so.
  const options = { maxHeaderSize: 1024 * 1024, requireHostHeader: false, keepAliveTimeout: 75_000 }
  try {
    return tls ? createHttps({ ...options, ...tls }) : createHttp(options)
  } catch (error) {
    throw serveError(error, `${place}.tls`)
  }
}

/** Binds the server; throws `ServeError` where the system does not let it. */
export const standUp = async (server: Server, listen: Listen, place: Place): Promise<Standing> => {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(listen.port, listen.host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw serveError(error, `${place}: ${bracketed(listen.host)}:${listen.port}`)
  }
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : listen.port
  return {
    port,
    url: urlOf({ ...listen, port }),
    async close() {
      for (const socket of sockets) socket.destroy()
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}

/** How the gateway sees a server of ours, without a slash at the end. */
export const urlOf = ({ host, port, url, tls }: Listen): string =>
  url?.replace(/\/$/, '') ?? `${tls ? 'https' : 'http'}://${dialled(host)}:${port}`

const serveError = (error: unknown, subject: string): unknown => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  if (code === undefined) return error
  return new ServeError(`${subject} ${reasons[code] ?? `cannot be used (${code})`}`)
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'needs rights that this process does not have',
  EADDRNOTAVAIL: 'is no address of this machine',
}

const bracketed = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host)

/** What listens everywhere is dialled on loopback. */
const dialled = (host: string): string =>
  host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : bracketed(host)
