import { type GatewayRequest, headerValues } from '../request.ts'
import { type Fault, fault } from './fault.ts'

const passing =
  (test: (name: string, request: GatewayRequest) => boolean): Fault['alter'] =>
  (next) => ({ passesOn: (name, request) => test(name, request) || next.passesOn(name, request) })

const dropping =
  (test: (name: string, request: GatewayRequest) => boolean): Fault['alter'] =>
  (next) => ({ passesOn: (name, request) => !test(name, request) && next.passesOn(name, request) })

const connectionNames = (request: GatewayRequest): readonly string[] =>
  headerValues(request, 'connection').flatMap((value) => value.toLowerCase().split(/ *, */))

const framing = [
  'connection',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'x-forwarded-for',
  'x-forwarded-proto',
]

/** What the backend gets. */
export const upstreamFaults = {
  'forwards-before-refusing': fault('the backend is called, and then the request is refused', () => ({
    forwardsRefused: true,
  })),
  'forwards-twice': fault('an accepted request is sent twice', () => ({ copies: 2 })),
  'authorization-stripped': fault(
    'the backend does not get the token',
    dropping((name) => name === 'authorization'),
  ),
  'connection-strips-headers': fault(
    'what a client’s Connection header lists is dropped',
    dropping((name, request) => connectionNames(request).includes(name)),
  ),
  'identity-headers-kept': fault(
    'headers that name a user are passed on from the client',
    passing((name) => !framing.includes(name)),
  ),
  'identity-underscores-kept': fault(
    'headers that name a user are dropped as they are spelt, and passed on with underscores',
    passing((name) => name.includes('_')),
  ),
  'query-token-forwarded': fault('the token stays in the query', () => ({
    forwardedQuery: ({ query }) => query,
  })),
} as const satisfies Readonly<Record<string, Fault>>
