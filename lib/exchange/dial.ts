import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions } from 'node:tls'
import type { Target, Tls } from '../config/config.ts'
import { openDeadline, TimedOut } from './deadline.ts'
import { openInbox, readAnswer } from './inbox.ts'
import { codeOf, DialError, isTlsCode, systemDetail, tlsDetail } from './loss.ts'
import { proxyFor, type Address, type Environment } from './proxy.ts'

/** Opens connections to a target; each throws `DialError`, or the signal's reason where that is not a time-out. */
export type Dialer = {
  /** What is dialled, as `host:port`. */
  readonly address: string
  /** For HTTP/1.1 byte by byte. */
  exact(signal: AbortSignal): Promise<Socket>
  /** For HTTP/1.1, or HTTP/2 where `target.http` asks for it or the target speaks nothing else. */
  ordinary(signal: AbortSignal): Promise<Socket>
  /** The version of HTTP that the last connection of `ordinary` is for; before the first one, that which it will try. */
  version(): '1.1' | '2'
  /** For HTTP/2: by ALPN, and without TLS by prior knowledge (RFC 9113 section 3.3). */
  http2(signal: AbortSignal): Promise<Socket>
  /** Whether the target takes HTTP/2 where TLS offers it (RFC 7301); no connection within the time is a no, as is being called off. */
  offersHttp2(timeoutMs: number, outer?: AbortSignal): Promise<boolean>
}

type Protocol = 'http/1.1' | 'h2'

/** `connect` is dialled where the target has it; the names in TLS and `Host` stay those of its URL. */
export const createDialer = (target: Target, environment: Environment): Dialer => {
  const url = new URL(target.origin)
  const secure = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const address = target.connect ?? { host, port: portOf(url) }

  const dial = async (signal: AbortSignal, protocol: Protocol): Promise<Socket> => {
    const opened: Socket[] = []
    let stage: DialError['loss'] = 'unreachable'
    try {
      const proxy = proxyFor(target.proxy, address, { secure, environment })
      const tcp = await (proxy
        ? openTunnel(proxy, address, signal, opened)
        : openTcp(address, signal, opened))
      // Without TLS nothing tells the client that the connection is for HTTP/2.
      if (!secure) return protocol === 'h2' ? Object.assign(tcp, { alpnProtocol: 'h2' }) : tcp
      stage = 'tls'
      const socket = await openTls(
        { ...tlsOptions(target.tls, host), socket: tcp, ALPNProtocols: [protocol] },
        signal,
        opened,
      )
      if (protocol === 'h2' && socket.alpnProtocol !== 'h2') {
        throw new DialError('tls', `${textOf(address)} does not speak HTTP/2: see target.http`)
      }
      return socket
    } catch (error) {
      for (const socket of opened) socket.destroy()
      throw signal.aborted
        ? givenUp(signal.reason, stage, textOf(address))
        : dialError(error, stage, textOf(address))
    }
  }

  let protocol: Protocol = target.http === '2' ? 'h2' : 'http/1.1'
  return {
    address: textOf(address),
    exact: (signal) => dial(signal, 'http/1.1'),
    async ordinary(signal) {
      try {
        return await dial(signal, protocol)
      } catch (error) {
        if (target.http !== 'auto' || protocol === 'h2' || !refusesProtocol(error)) throw error
        const socket = await dial(signal, 'h2')
        protocol = 'h2'
        return socket
      }
    },
    version: () => (protocol === 'h2' ? '2' : '1.1'),
    http2: (signal) => dial(signal, 'h2'),
    async offersHttp2(timeoutMs, outer) {
      const deadline = openDeadline(timeoutMs, outer)
      try {
        const socket = await dial(deadline.signal, 'h2')
        socket.destroy()
        return true
      } catch (error) {
        if (error instanceof DialError || outer?.aborted === true) return false
        throw error
      } finally {
        deadline.clear()
      }
    },
  }
}

const portOf = (url: URL): number =>
  url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)

const textOf = ({ host, port }: Address): string =>
  isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`

const openTcp = async (address: Address, signal: AbortSignal, opened: Socket[]): Promise<Socket> => {
  const socket = connectTcp({ host: address.host, port: address.port, noDelay: true })
  opened.push(socket)
  // Whoever reads the socket hears of its errors; this keeps one that comes in between from ending the process.
  socket.on('error', () => undefined)
  await once(socket, 'connect', { signal })
  return socket
}

const openTls = async (options: ConnectionOptions, signal: AbortSignal, opened: Socket[]) => {
  const socket = connectTls(options)
  opened.push(socket)
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect', { signal })
  return socket
}

/** An address goes into no SNI (RFC 6066 section 3); the certificate is held to it all the same. */
const tlsOptions = ({ ca, cert, key, servername, insecure }: Tls, host: string): ConnectionOptions => ({
  ...(ca !== undefined && { ca }),
  ...(cert !== undefined && { cert }),
  ...(key !== undefined && { key }),
  host,
  servername: servername ?? (isIP(host) === 0 ? host : ''),
  rejectUnauthorized: !insecure,
})

/** A tunnel for http targets too, so that no proxy rewrites what a case spells (RFC 9110 section 9.3.6). */
export const openTunnel = async (
  proxy: URL,
  to: Address,
  signal: AbortSignal,
  opened: Socket[],
): Promise<Socket> => {
  const address = { host: proxy.hostname.replace(/^\[|\]$/g, ''), port: portOf(proxy) }
  try {
    const tcp = await openTcp(address, signal, opened)
    const socket =
      proxy.protocol === 'https:'
        ? await openTls({ ...tlsOptions({ insecure: false }, address.host), socket: tcp }, signal, opened)
        : tcp
    await askForTunnel(socket, proxy, to, signal)
    return socket
  } catch (error) {
    throw signal.aborted ? error : dialError(error, 'unreachable', `proxy ${textOf(address)}`)
  }
}

const askForTunnel = async (socket: Socket, proxy: URL, to: Address, signal: AbortSignal): Promise<void> => {
  const credentials = `${proxy.username}:${proxy.password}`
  const authorization =
    credentials === ':' ? '' : `Proxy-Authorization: Basic ${bytesOf(credentials).toString('base64')}\r\n`
  const inbox = openInbox(socket)
  const giveUp = () => socket.destroy()
  signal.addEventListener('abort', giveUp, { once: true })
  socket.write(`CONNECT ${textOf(to)} HTTP/1.1\r\nHost: ${textOf(to)}\r\n${authorization}\r\n`)
  const reading = await readAnswer(inbox, 'CONNECT', () => 0)
  signal.removeEventListener('abort', giveUp)
  inbox.release()
  const status = reading.kind === 'answer' ? reading.received.head.status : undefined
  if (status === undefined || status < 200 || status > 299) {
    throw new DialError(
      'unreachable',
      `the proxy answered CONNECT ${textOf(to)} with ${status ?? 'no status'}`,
    )
  }
}

/** The bytes that a URL stands for; an escape that is none stands for itself. */
const bytesOf = (escaped: string): Buffer =>
  Buffer.from(
    escaped.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )

const givenUp = (reason: unknown, stage: DialError['loss'], address: string): unknown =>
  reason instanceof TimedOut
    ? new DialError(
        stage,
        `${stage === 'tls' ? 'the TLS handshake' : 'connecting'} with ${address} took longer than ${reason.timeoutMs} ms`,
      )
    : reason

/** A failure that is not the network's is thrown on. */
const dialError = (error: unknown, stage: DialError['loss'], address: string): unknown => {
  const code = codeOf(error)
  if (error instanceof DialError || !(error instanceof Error) || code === undefined) return error
  if (stage === 'tls' || isTlsCode(code)) return new DialError(stage, tlsDetail(error, address))
  return new DialError(stage, systemDetail(error, address))
}

const refusesProtocol = (error: unknown): boolean =>
  error instanceof DialError && error.message.includes('NO_APPLICATION_PROTOCOL')
