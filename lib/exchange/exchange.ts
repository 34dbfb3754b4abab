import type { Header, Target } from '../config/config.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { Answer } from './answer.ts'
import { openClient } from './client.ts'
import { createDialer } from './dial.ts'
import { needsSocket } from './exact.ts'
import type { Environment } from './proxy.ts'
import { sendOverSocket, type Frame } from './socket.ts'

export type Exchanger = {
  /**
   * Sends a request once and reads its answer: no redirect is followed, nothing is tried again. Rejects only with the
   * signal's reason; a failure of the network or the target is a `Lost`.
   */
  send(request: ForgedRequest, options?: SendOptions): Promise<Answer>
  /** Sends the requests over one new connection of their own; the answers stand in their order. */
  sendSequence(requests: readonly ForgedRequest[], options: SequenceOptions): Promise<readonly Answer[]>
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
  /** All are written before the first answer is read. */
  readonly pipelined: boolean
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
}

/** Opens the way to a target. Connections are made when they are needed; `close` ends them. */
export const openExchange = (target: Target, options: ExchangeOptions): Exchanger => {
  const { attemptHeader, now, environment = {} } = options
  const { timeoutMs } = target
  const dialer = createDialer(target, environment)
  const client = openClient(target.origin, dialer, target.pace.concurrency)
  const host = new URL(target.origin).host

  /** What we add stands in front, since a forged header may be written to end the section early. */
  const complete = (request: ForgedRequest, attemptId: string | undefined): ForgedRequest => {
    const attempt: Header[] =
      attemptHeader === undefined || attemptId === undefined ? [] : [[attemptHeader, attemptId]]
    const ours = [...target.headers, ...attempt].filter(([name]) => isOurs(request, name))
    return { ...request, headers: [...ours, ...request.headers] }
  }

  return {
    async send(request, { signal, attemptId, newConnection = false } = {}) {
      signal?.throwIfAborted()
      const whole = complete(request, attemptId)
      if (!needsSocket(whole)) {
        return client.send(whole, { timeoutMs, now, newConnection, ...(signal && { signal }) })
      }
      const bounds = { pipelined: false, timeoutMs, now, ...(signal && { signal }) }
      const [answer] = await sendOverSocket(dialer, [frameOf(whole, host)], bounds)
      if (answer === undefined) throw new Error('a request without an outcome')
      return answer
    },
    async sendSequence(requests, { pipelined, signal, attemptIds }) {
      signal?.throwIfAborted()
      const frames = requests.map((request, at) => frameOf(complete(request, attemptIds?.[at]), host))
      return sendOverSocket(dialer, frames, { pipelined, timeoutMs, now, ...(signal && { signal }) })
    },
    close: () => client.close(),
  }
}

/** Joins the target's URL and a path by exactly one slash; `/.well-known/*` belongs to the origin (RFC 8615 section 3). */
export const originForm = (target: Pick<Target, 'basePath'>, path: string): string => {
  const absolute = path.startsWith('/') ? path : `/${path}`
  return absolute.startsWith('/.well-known/') ? absolute : `${target.basePath}${absolute}`
}

/** The request writes the header itself, or does without it. */
const isOurs = (request: ForgedRequest, name: string): boolean => {
  const lower = name.toLowerCase()
  return (
    request.omits?.includes(lower) !== true && !request.headers.some(([key]) => key.toLowerCase() === lower)
  )
}

/** Exact bytes: only `Host` and `Content-Length` are added, each where the request lacks it and may have it. */
const frameOf = (request: ForgedRequest, host: string): Frame => {
  const { method, target, version, headers, body } = request
  const added: Header[] = []
  if (isOurs(request, 'host')) added.push(['Host', host])
  const length = body?.length ?? (/^(POST|PUT|PATCH)$/.test(method) ? 0 : undefined)
  if (length !== undefined && isOurs(request, 'content-length') && isOurs(request, 'transfer-encoding')) {
    added.push(['Content-Length', String(length)])
  }
  const lines = [...added, ...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = Buffer.from(`${method} ${target} HTTP/${version}\r\n${lines}\r\n`, 'latin1')
  return { method, bytes: body ? Buffer.concat([head, body]) : head }
}
