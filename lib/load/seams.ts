import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'

/** The one release whose inner parts are known here. */
export const knownVersion = '9.0.0'

/** What autocannon's HTTP parser says of a response when its header section is complete. */
export type ParsedHead = {
  readonly statusCode: number
  readonly headers: readonly string[]
  readonly shouldKeepAlive: boolean
}

/** An entry of autocannon's own queue of requests in flight. */
export type QueueEntry = {
  readonly req: object
  readonly bytes: number
  readonly body: string
  readonly headers: object
  readonly duration: number
}

/**
 * The parts inside autocannon's client that load is driven by. They are no public interface: hence the exact version,
 * and the check of each part.
 */
export type SeamClient = {
  /** Absent until the first connection is made. */
  readonly conn?: Socket
  readonly opts: { tlsOptions: ConnectionOptions }
  readonly parser: {
    readonly state: string
    readonly line: string
    execute: (chunk: Buffer) => number | Error
    finish(): unknown
    reinitialize(type: 'RESPONSE'): void
  }
  readonly pipelinedRequests: {
    /** Autocannon asks for what it queued when a response is complete. */
    terminateRequest: () => QueueEntry
    addBody: (data: Buffer) => void
  }
  /** Opens a connection; autocannon calls it at the start, and again at each end or error of the last one. */
  _connect: () => void
  /** Sends a request; autocannon calls it after connecting, and again after each answer. */
  _doRequest: () => void
  /** Ends the connection, and empties autocannon's queue. */
  _destroyConnection(): void
  destroy(): void
  removeAllListeners(event: 'request' | 'response'): unknown
  on(event: 'headers', listener: (head: ParsedHead) => void): unknown
  on(event: 'response', listener: () => void): unknown
  on(event: 'connError', listener: (error: Error) => void): unknown
}

/** Throws unless the installed autocannon is the one whose parts are known. */
export const requireKnownVersion = (): void => {
  const manifest: unknown = createRequire(import.meta.url)('autocannon/package.json')
  const version = isRecord(manifest) ? manifest.version : undefined
  if (version !== knownVersion) throw new Error(message(`found version ${String(version)}`))
}

/** The same client as what it is inside. Throws where a part is missing. */
export const seamsOf = (client: unknown): SeamClient => {
  if (hasSeams(client)) return client
  throw new Error(message(`its client has no ${missingParts(client).join(', ')}`))
}

const hasSeams = (client: unknown): client is SeamClient => missingParts(client).length === 0

const parts = {
  function: [
    ['_connect'],
    ['_doRequest'],
    ['_destroyConnection'],
    ['destroy'],
    ['on'],
    ['removeAllListeners'],
    ['parser', 'execute'],
    ['parser', 'finish'],
    ['parser', 'reinitialize'],
    ['pipelinedRequests', 'terminateRequest'],
    ['pipelinedRequests', 'addBody'],
  ],
  string: [
    ['parser', 'state'],
    ['parser', 'line'],
  ],
  object: [['opts', 'tlsOptions']],
} as const

/** The paths, dotted, of the parts that a client lacks. */
export const missingParts = (client: unknown): string[] =>
  Object.entries(parts).flatMap(([type, paths]) =>
    paths.filter((path) => typeof memberAt(client, path) !== type).map((path) => path.join('.')),
  )

const memberAt = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((each, name) => (isRecord(each) ? each[name] : undefined), value)

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const message = (what: string): string =>
  `load drives autocannon ${knownVersion} by parts inside it, but ${what}: install exactly ${knownVersion}`
