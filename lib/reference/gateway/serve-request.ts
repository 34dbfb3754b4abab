import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Agents } from './agents.ts'
import { type Answer, errorAnswer, withDefaults } from './answer.ts'
import { decide, type Outcome, type Surroundings } from './decide.ts'
import type { Decisions } from './decisions.ts'
import type { TokenPolicy } from './deployment.ts'
import type { AnswerTo } from './dpop-answer.ts'
import { forward, openUpstream, type Upstream } from './forward.ts'
import type { Odd, Oddity } from './odd.ts'
import type { Refusal } from './refusal.ts'
import { type GatewayRequest, headerValues, readRequest } from './request.ts'
import { hasBody, send, sendRefusal } from './send.ts'

export type ServingDecisions = {
  /** What must be awaited before the request is decided on. */
  readonly prepare: (
    request: GatewayRequest,
    incoming: IncomingMessage,
    policy: TokenPolicy | undefined,
  ) => Promise<GatewayRequest> | undefined
  /** Does the request break the gateway? */
  readonly mishap: (request: GatewayRequest) => 'none' | 'drop' | 'hang'
  /** An answer for which nothing is checked. */
  readonly shortcut: (request: GatewayRequest) => Answer | undefined
  /** The answer to a request that came without TLS where it should not have. */
  readonly plaintext: (request: GatewayRequest, host: string) => Answer | undefined
  /** The answer to what never became a request. */
  readonly unread: (standard: Answer) => Answer
  /** The time as answers show it; milliseconds since the epoch. */
  readonly shownTime: (ms: number) => number
  readonly refusal: (refusal: Refusal, standard: Answer, request: GatewayRequest) => Answer
  /** Headers that an accepted request's answer gets, unless the backend says otherwise. */
  readonly acceptedHeaders: (isGuarded: boolean) => readonly string[]
  /** Are refused requests sent to the backend? */
  readonly forwardsRefused: boolean
  /** Are those with a body, as it comes? */
  readonly streamsRefused: boolean
}

export const soundServing: ServingDecisions = {
  prepare: () => undefined,
  mishap: () => 'none',
  shortcut: () => undefined,
  // RFC 6750 section 5.3: the token has travelled in the clear; serving it would teach the client to do so again.
  plaintext: (request, host) =>
    headerValues(request, 'host')[0]?.split(':', 1)[0] === host
      ? errorAnswer(308, ['Location', `https://${host}${request.path}`])
      : undefined,
  unread: (standard) => standard,
  shownTime: (ms) => ms,
  refusal: (_, standard) => standard,
  // RFC 6750 section 2.3 for the query; a shared cache that ignores Authorization must not keep the others either.
  acceptedHeaders: (isGuarded) => (isGuarded ? ['Cache-Control', 'private'] : []),
  forwardsRefused: false,
  streamsRefused: false,
}

export type Serving = Surroundings & {
  readonly answerTo: AnswerTo
  /** The time as the `Date` header has it. */
  readonly date: () => string
  readonly agents: Agents
  readonly odd: Odd
  readonly nextOddity: () => Oddity
}

/** Serves one request, whose body has not been asked for where the client waits for that. */
export const serveRequest = async (
  incoming: IncomingMessage,
  response: ServerResponse,
  serving: Serving,
  d: Decisions,
): Promise<void> => {
  const arrived = readRequest(incoming)
  const oddity = serving.nextOddity()
  const mishap = d.mishap(arrived)
  if (serving.odd.delayMs !== undefined) await sleep(serving.odd.delayMs)
  if (oddity.kind === 'reset' || mishap === 'drop') incoming.socket.destroy()
  if (oddity.kind === 'reset' || mishap !== 'none') return
  const { plaintextHost, metadata } = serving.beyond
  const sentAway = plaintextHost === undefined ? undefined : d.plaintext(arrived, plaintextHost)
  const described = metadata && d.describe(arrived, metadata, d)
  const shortcut = oddity.kind === 'limited' ? oddity.answer : (sentAway ?? described ?? d.shortcut(arrived))
  if (shortcut !== undefined) {
    sendRefusal(incoming, response, shortcut, serving.date())
    return
  }
  const request = (await d.prepare(arrived, incoming, serving.deployment.policy)) ?? arrived
  const outcome = await decide(request, serving, d)
  if (response.destroyed) return
  const exchange = { request, incoming, response }
  if (outcome.kind === 'refused') refuse(exchange, outcome, serving, d)
  else serve(exchange, outcome, serving, d)
}

type Exchange = {
  readonly request: GatewayRequest
  readonly incoming: IncomingMessage
  readonly response: ServerResponse
}

const refuse = (
  { request, incoming, response }: Exchange,
  { refusal, route }: Extract<Outcome, { kind: 'refused' }>,
  serving: Serving,
  d: Decisions,
): void => {
  const answer = d.refusal(refusal, serving.answerTo(refusal, request), request)
  const forwards = d.forwardsRefused || (d.streamsRefused && hasBody(incoming))
  if (forwards && route?.backend.kind === 'http')
    callUnheard(
      openUpstream(request, incoming, upstreamOf(route.backend.url, serving), d),
      d.streamsRefused && hasBody(incoming) ? incoming : undefined,
    )
  sendRefusal(incoming, response, answer, serving.date())
}

const serve = (
  { request, incoming, response }: Exchange,
  { route: { backend }, isGuarded, claims }: Extract<Outcome, { kind: 'served' }>,
  serving: Serving,
  d: Decisions,
): void => {
  const headers = d.acceptedHeaders(isGuarded)
  if (incoming.headers.expect !== undefined) response.writeContinue()
  if (backend.kind === 'stock') {
    const status = serving.odd.backendStatus ?? backend.answer.status
    send(response, { ...withDefaults(backend.answer, headers), status }, serving.date())
    return
  }
  const upstream = { ...upstreamOf(backend.url, serving), claims }
  for (let copy = 1; copy < d.copies; copy += 1) callUnheard(openUpstream(request, incoming, upstream, d))
  forward(openUpstream(request, incoming, upstream, d), incoming, response, {
    headers: [...headers, 'Date', serving.date()],
    passesBack: d.passesBack,
    body: request.body?.bytes,
    fail: (why) => refuse({ request, incoming, response }, { kind: 'refused', refusal: { why } }, serving, d),
  })
}

const upstreamOf = (url: URL, { agents, deployment, beyond }: Serving): Upstream => ({
  url,
  agents,
  place: deployment.policy?.place,
  cookie: beyond.cookie,
  forwards: beyond.forwards,
})

/** Calls the backend without a look at what it says. */
const callUnheard = (upstream: ClientRequest, body?: IncomingMessage): void => {
  upstream.on('error', () => undefined)
  upstream.on('response', (answer) => answer.resume())
  upstream.on('timeout', () => upstream.destroy())
  if (body === undefined) upstream.end()
  else body.pipe(upstream)
}
