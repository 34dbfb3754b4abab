import { createServer, type Server, type ServerOptions } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Server as NetServer } from 'node:net'
import { closeAgents, openAgents } from './agents.ts'
import type { Beyond } from './beyond.ts'
import { answerConnections } from './connection.ts'
import { type Decisions, decisionsWith } from './decisions.ts'
import { type Deployment, readDeployment } from './deployment.ts'
import { type AnswerTo, withDpopChallenges } from './dpop-answer.ts'
import { refusalAnswers } from './failure-policy.ts'
import { type FaultName, faults } from './faults.ts'
import { fetchKeySet } from './fetch-key-set.ts'
import { openFront } from './http2-front.ts'
import { type FetchKeys, type KeySource, keySource } from './key-source.ts'
import { withMetadataChallenges } from './metadata.ts'
import { type ProofDesk, openProofDesk } from './proof-desk.ts'
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
  readonly beyond?: Beyond
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
  const {
    specification,
    pathPrefix,
    now,
    odd = {},
    beyond = {},
    listen = { host: '127.0.0.1', port: 0 },
  } = options
  const deployment = readDeployment(specification, pathPrefix)
  const faulty = decisionsWith((options.faults ?? []).map((name) => faults[name]))
  const decisions = { ...faulty, ...oddDecisions(odd, faulty) }
  const desk = beyond.dpop === undefined ? undefined : openProofDesk(beyond.dpop, now)
  const plain = answersOf(deployment, desk)
  const answerTo =
    beyond.metadata === undefined ? plain : withMetadataChallenges(plain, beyond.metadata, decisions)
  const date = dateOf(() => decisions.shownTime(now()))
  const serving: Serving = {
    deployment,
    keys: keysOf(deployment, options, decisions),
    now,
    date,
    answerTo,
    agents: openAgents(),
    odd,
    beyond,
    desk,
    nextOddity: oddities(odd, now),
  }
  const server = openServer(beyond, {
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

  const front = beyond.secure === undefined ? undefined : openFront(server, beyond.secure, decisions)
  const listener = front?.server ?? server
  const port = await listening(listener, listen)
  const isSecure = beyond.clientCertificates !== undefined || front !== undefined
  const scheme = isSecure ? 'https' : 'http'
  const origin = `${scheme}://${listen.host.includes(':') ? `[${listen.host}]` : listen.host}:${port}`
  const close = async () => {
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()))
    front?.close()
    server.closeAllConnections()
    closeAgents(serving.agents)
    await closed
  }
  return { origin, url: pathPrefix === '/' ? origin : origin + pathPrefix, port, close }
}

const answersOf = ({ policy }: Deployment, desk: ProofDesk | undefined): AnswerTo => {
  const answerTo = refusalAnswers(policy?.failure)
  return policy === undefined || desk === undefined
    ? answerTo
    : withDpopChallenges(answerTo, policy.place, desk)
}

/** Only the token says which certificate its holder has: that it be of an authority's making is not asked. */
const openServer = ({ clientCertificates }: Beyond, options: ServerOptions): Server =>
  clientCertificates === undefined
    ? createServer(options)
    : createTlsServer({ ...options, ...clientCertificates, requestCert: true, rejectUnauthorized: false })

const keysOf = (
  { policy }: Deployment,
  { fetchKeys = fetchKeySet, odd, beyond, now }: GatewayOptions,
  d: Decisions,
): KeySource => {
  if (policy === undefined)
    return { keys: () => Promise.resolve(undefined), again: () => Promise.resolve(undefined) }
  const { keys } = policy
  const maxAgeMs = odd?.keySetMaxAgeMs
  const aged = keys.kind === 'remote' && maxAgeMs !== undefined ? { ...keys, maxAgeMs } : keys
  const { keySetCooldownMs: cooldownMs, keySetAuthority: authority, discoveryUrl } = beyond ?? {}
  const discovery =
    discoveryUrl === undefined ? {} : { discovery: { url: discoveryUrl, issuers: policy.issuers } }
  return keySource({ keys: aged, fetchKeys, now, cooldownMs, authority, ...discovery }, d)
}

const listening = (server: NetServer, { host, port }: { host: string; port: number }): Promise<number> =>
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
