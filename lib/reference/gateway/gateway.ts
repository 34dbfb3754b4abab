import { createServer, type Server } from 'node:http'
import { closeAgents, openAgents } from './agents.ts'
import { answerConnections } from './connection.ts'
import { decisionsWith } from './decisions.ts'
import { type Deployment, readDeployment } from './deployment.ts'
import { refusalAnswers } from './failure-policy.ts'
import { type FaultName, faults } from './faults.ts'
import { fetchKeySet } from './fetch-key-set.ts'
import { type FetchKeys, keySource } from './key-source.ts'
import { type Odd, oddDecisions, oddities } from './odd.ts'
import { serveRequest, type Serving } from './serve-request.ts'
import { methods } from './specification.ts'

export type GatewayOptions = {
  /** An OCI API Gateway deployment specification, as parsed JSON. */
  readonly specification: unknown
  /** Begins with a slash and does not end with one, unless it is the slash alone. */
  readonly pathPrefix: string
  /** Default: 127.0.0.1, any free port. */
  readonly listen?: { readonly host: string; readonly port: number }
  readonly faults?: readonly FaultName[]
  readonly odd?: Odd
  /** The gateway's clock, which its `Date` headers show too: milliseconds since the epoch. */
  readonly now: () => number
  /** Default: a GET, bounded in time and size. */
  readonly fetchKeys?: FetchKeys
}

export type Gateway = {
  /** Scheme and authority. */
  readonly origin: string
  /** The origin and the path prefix, without a slash at the end. */
  readonly url: string
  readonly port: number
  readonly close: () => Promise<void>
}

/** More than the service takes, so that the gateway itself can refuse what lies between. */
const maxHeaderSize = 262_144

/**
 * Serves an OCI API Gateway deployment.
 * @throws DocumentError where the specification breaks the rules; it tells every fault.
 */
export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { specification, pathPrefix, now, odd = {}, listen = { host: '127.0.0.1', port: 0 } } = options
  const deployment = readDeployment(specification, pathPrefix)
  const faulty = decisionsWith((options.faults ?? []).map((name) => faults[name]))
  const decisions = { ...faulty, ...oddDecisions(odd, faulty) }
  const answerTo = refusalAnswers(deployment.policy?.failure)
  const date = dateOf(now)
  const serving: Serving = {
    deployment,
    keys: keysOf(deployment, options),
    now,
    date,
    answerTo,
    agents: openAgents(),
    odd,
    nextOddity: oddities(odd, now),
  }
  const server = createServer({
    maxHeaderSize,
    insecureHTTPParser: decisions.hasLenientParser,
    requireHostHeader: false,
    keepAliveTimeout: 60_000,
  })
  // Node drops what is beyond its number of headers, and would judge another request than the one that came.
  server.maxHeadersCount = 0
  answerConnections(server, {
    malformed: () => decisions.unread(answerTo({ why: 'malformed-request' })),
    tooLarge: () => decisions.unread(answerTo({ why: 'too-large' })),
    connect: () => decisions.unread(answerTo({ why: 'method-not-allowed', allowed: methods })),
    date,
  })
  server.on('request', (incoming, response) => void serveRequest(incoming, response, serving, decisions))
  server.on(
    'checkContinue',
    (incoming, response) => void serveRequest(incoming, response, serving, decisions),
  )

  const port = await listening(server, listen)
  const origin = `http://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${port}`
  const close = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()))
    server.closeAllConnections()
    closeAgents(serving.agents)
    await closed
  }
  return { origin, url: pathPrefix === '/' ? origin : origin + pathPrefix, port, close }
}

const keysOf = (
  { policy }: Deployment,
  { fetchKeys = fetchKeySet, odd, now }: GatewayOptions,
): Serving['keys'] => {
  if (policy === undefined) return () => Promise.resolve(undefined)
  const { keys } = policy
  const maxAgeMs = odd?.keySetMaxAgeMs
  return keySource(
    keys.kind === 'remote' && maxAgeMs !== undefined ? { ...keys, maxAgeMs } : keys,
    fetchKeys,
    now,
  )
}

const listening = (server: Server, { host, port }: { host: string; port: number }): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })

/** The clock as the `Date` header has it (RFC 9110 section 5.6.7), made anew each second. */
const dateOf = (now: () => number): (() => string) => {
  let second = NaN
  let text = ''
  return () => {
    const current = Math.floor(now() / 1000)
    if (current !== second) {
      second = current
      text = new Date(current * 1000).toUTCString()
    }
    return text
  }
}
