import type { Header, Target } from '../config/config.ts'
import type { ForgedRequest, SharedConnection } from '../forge/request.ts'
import type { Answer } from './answer.ts'
import { asIdentity, identityOf, type ClientCertificates } from './certificate.ts'
import { openClient, type KeepAliveClient } from './client.ts'
import { createDialer, type Dialer } from './dial.ts'
import { needsSocket } from './exact.ts'
import { framedTwice, frameOf, lacks, type Frame } from './frame.ts'
import { sendOverHttp2 } from './http2.ts'
import type { Environment } from './proxy.ts'
import { sendOverSocket } from './socket.ts'

export type Exchanger = {
  /**
   * Sends a request once and reads its answer: no redirect is followed, nothing is tried again. Rejects only with the
   * signal's reason; a failure of the network or the target is a `Lost`.
   */
  send(request: ForgedRequest, options?: SendOptions): Promise<Answer>
  /** Sends the requests over one new connection of their own, by the protocol of the first; the answers stand in their order. */
  sendSequence(requests: readonly ForgedRequest[], options: SequenceOptions): Promise<readonly Answer[]>
  /** Whether the target takes HTTP/2, as TLS tells (RFC 7301); without TLS `target.http` alone does. */
  offersHttp2(signal?: AbortSignal): Promise<boolean>
  /** The version of HTTP that good requests go over, as far as connections have told by now. */
  version(): '1.1' | '2'
  /** Ends the connections that are kept; nothing can be sent through the client from then on. */
  close(): Promise<void>
}

export type SendOptions = {
  readonly signal?: AbortSignal
  /** Goes into the attempt header, where there is one. */
  readonly attemptId?: string
  /** On a connection that nothing else was sent on. */
  readonly newConnection?: boolean
}

export type SequenceOptions = {
  readonly connection: SharedConnection
  readonly signal?: AbortSignal
  /** One for each request, in their order. */
  readonly attemptIds?: readonly string[]
}

export type ExchangeOptions = {
  /** Name of the header that carries an attempt's id. */
  readonly attemptHeader?: string
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Where `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` are read; without it there is no proxy but the target's own. */
  readonly environment?: Environment
  /** What good tokens are bound to, and another: each has connections of its own. */
  readonly certificates?: ClientCertificates
}

/** How a target is reached with one client certificate, or without. */
type Way = { readonly dialer: Dialer; readonly client: KeepAliveClient; readonly host: string }

/** Opens the way to a target. Connections are made when they are needed; `close` ends them. */
export const openExchange = (target: Target, options: ExchangeOptions): Exchanger => {
  const { attemptHeader, now, environment = {}, certificates = {} } = options
  const { timeoutMs } = target
  const ways = new Map<string, Way>()
  let isClosed = false

  const wayOf = (request: ForgedRequest | undefined): Way => {
    const { over, servername } = request ?? {}
    const identity = request === undefined ? 'own' : identityOf(request)
    const name = over ?? `${identity} ${servername ?? ''}`
    const known = ways.get(name)
    if (known !== undefined) return known
    if (isClosed) throw new Error('the exchange is closed')
    const own = over === undefined ? asIdentity(target, certificates, identity) : withoutTls(target)
    const there = servername === undefined ? own : underOtherName(own)
    const dialer = createDialer(there, environment)
    const client = openClient(there.origin, dialer, target.pace.concurrency)
    const way = { dialer, client, host: new URL(there.origin).host }
    ways.set(name, way)
    return way
  }

  /** An answer that comes as late as its request asks for is an answer all the same. */
  const patienceMs = (requests: readonly ForgedRequest[]): number =>
    Math.max(
      timeoutMs,
      ...requests.flatMap(({ delaySeconds }) =>
        delaySeconds === undefined ? [] : delaySeconds * 1000 + beyondDelayMs,
      ),
    )

  /** What we add stands in front, since a forged header may be written to end the section early. */
  const complete = (request: ForgedRequest, attemptId: string | undefined): ForgedRequest => {
    const attempt: Header[] =
      attemptHeader === undefined || attemptId === undefined ? [] : [[attemptHeader, attemptId]]
    const ours = [...target.headers, ...attempt].filter(([name]) => lacks(request, name))
    return { ...request, headers: [...ours, ...request.headers] }
  }

  return {
    async send(request, { signal, attemptId, newConnection = false } = {}) {
      signal?.throwIfAborted()
      const whole = complete(request, attemptId)
      const { client, dialer, host } = wayOf(request)
      const bounds = { pipelined: false, timeoutMs: patienceMs([whole]), now, ...(signal && { signal }) }
      if (whole.version === '2') return only(await sendOverHttp2(dialer, [whole], { ...bounds, host }))
      if (!needsSocket(whole)) {
        return client.send(whole, {
          timeoutMs: bounds.timeoutMs,
          now,
          newConnection,
          ...(signal && { signal }),
        })
      }
      return only(await sendOverSocket(dialer, [frameOf(whole, host)], bounds))
    },
    async sendSequence(requests, { connection, signal, attemptIds }) {
      signal?.throwIfAborted()
      const { dialer, host } = wayOf(requests[0])
      const bounds = {
        pipelined: connection !== 'same',
        timeoutMs: patienceMs(requests),
        now,
        ...(signal && { signal }),
      }
      const all = requests.map((request, at) => complete(request, attemptIds?.[at]))
      if (all[0]?.version === '2') return sendOverHttp2(dialer, all, { ...bounds, host })
      return sendOverSocket(dialer, framesOf(all, connection, host), bounds)
    },
    async offersHttp2(signal) {
      if (!target.origin.startsWith('https:') || target.http !== 'auto') return target.http === '2'
      return wayOf(undefined).dialer.offersHttp2(timeoutMs, signal)
    },
    version: () => wayOf(undefined).dialer.version(),
    async close() {
      isClosed = true
      await Promise.all([...ways.values()].map(({ client }) => client.close()))
    },
  }
}

/** What a gateway may take beside the sleep that it was asked for. */
const beyondDelayMs = 5_000

const only = ([answer]: readonly Answer[]): Answer => {
  if (answer === undefined) throw new Error('a request without an outcome')
  return answer
}

const framesOf = (
  requests: readonly ForgedRequest[],
  connection: SharedConnection,
  host: string,
): readonly Frame[] => {
  const frames = requests.map((request) => frameOf(request, host))
  const [first] = requests
  const [, second, ...rest] = frames
  if (connection !== 'cl-te' || first === undefined || second === undefined) return frames
  return [framedTwice(first, second, host), second, ...rest]
}

/** The same gateway by the name of another host there. */
const underOtherName = (target: Target): Target => {
  const { otherServername: servername } = target.tls
  if (servername === undefined) throw new Error('the target has no second name')
  return { ...target, tls: { ...target.tls, servername } }
}

/** Scheme and authority of where a request goes. */
export const originOf = ({ over }: Pick<ForgedRequest, 'over'>, { origin, plaintextUrl }: Target): string => {
  if (over === undefined) return origin
  if (plaintextUrl === undefined) throw new Error('the target has no URL without TLS')
  return new URL(plaintextUrl).origin
}

/** The same gateway where it listens without TLS; what is dialled instead of the target is not dialled for that. */
const withoutTls = ({ connect, ...target }: Target): Target => ({
  ...target,
  origin: originOf({ over: 'plaintext' }, target),
})

/** Joins the target's URL and a path by exactly one slash; `/.well-known/*` belongs to the origin (RFC 8615 section 3). */
export const originForm = (target: Pick<Target, 'basePath'>, path: string): string => {
  const absolute = path.startsWith('/') ? path : `/${path}`
  return absolute.startsWith('/.well-known/') ? absolute : `${target.basePath}${absolute}`
}
