import { once } from 'node:events'
import { connect as connectTcp, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, TLSSocket, type ConnectionOptions } from 'node:tls'
import { openTunnel } from '../exchange/dial.ts'
import type { Endpoint } from './endpoint.ts'

/** The certificate was looked at, and found wanting. */
export class Untrusted extends Error {
  override readonly name = 'Untrusted'
}

/** A socket that is about to be connected with the endpoint, and the event that says that it is. */
export const openDirect = (
  { host, port, tls }: Endpoint,
  more: { readonly onread?: OnReadOpts; readonly ALPNProtocols?: string[] } = {},
): { readonly socket: Socket; readonly stands: 'connect' | 'secureConnect' } => {
  const { onread, ALPNProtocols } = more
  const reading = onread === undefined ? {} : { onread }
  if (tls === undefined)
    return { socket: connectTcp({ host, port, noDelay: true, ...reading }), stands: 'connect' }
  // Node.js knows `onread` for TLS too; only its types don't, which is why this is no literal in the call.
  const options: ConnectionOptions & { onread?: OnReadOpts } = {
    ...{ host, port, ...reading, ...tlsOptions(tls) },
    ...(ALPNProtocols === undefined ? {} : { ALPNProtocols }),
  }
  const socket = connectTls(options)
  socket.setNoDelay(true)
  return { socket, stands: 'secureConnect' }
}

/**
 * A socket that is connected with the endpoint, be it through its proxy or not. Rejects with what the network did, with
 * `DialError` for what the proxy did, with `Untrusted`, or with the signal's reason.
 */
export const openConnected = async (
  endpoint: Endpoint,
  signal: AbortSignal,
  ALPNProtocols?: string[],
): Promise<Socket> => {
  const { tls, via } = endpoint
  const protocols = ALPNProtocols === undefined ? {} : { ALPNProtocols }
  const opened: Socket[] = []
  try {
    if (via === undefined) {
      const { socket, stands } = openDirect(endpoint, protocols)
      opened.push(socket)
      await once(socket, stands, { signal })
      return socket
    }
    const tunnel = await openTunnel(new URL(via), endpoint, signal, opened)
    if (tls === undefined) return tunnel
    const socket = connectTls({ ...tlsOptions(tls), ...protocols, socket: tunnel })
    opened.push(socket)
    await once(socket, 'secureConnect', { signal })
    return socket
  } catch (error) {
    for (const socket of opened) {
      // What it says of an end that was asked for is of no interest.
      socket.on('error', () => undefined)
      socket.destroy()
    }
    throw distrusted(opened.at(-1)) ?? error
  }
}

/** Why a certificate is not trusted; undefined where it is, or was not looked at. */
export const distrusted = (socket: Socket | undefined): Untrusted | undefined => {
  const why: unknown = socket instanceof TLSSocket ? socket.authorizationError : undefined
  if (why === undefined || why === null) return undefined
  return new Untrusted(why instanceof Error || typeof why === 'string' ? String(why) : 'for no reason given')
}

const tlsOptions = (tls: NonNullable<Endpoint['tls']>): ConnectionOptions => ({
  ...tls.options,
  ...(tls.servername === undefined ? {} : { servername: tls.servername }),
  rejectUnauthorized: !tls.insecure,
})
