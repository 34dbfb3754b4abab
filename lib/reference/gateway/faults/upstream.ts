import { pairs } from '../answer.ts'
import { type GatewayRequest, headerValues } from '../request.ts'
import { isObject } from '../strict-json.ts'
import { segmentJson } from './answers.ts'
import { type Fault, fault } from './fault.ts'
import { withBody } from './location.ts'

const passing =
  (test: (name: string, request: GatewayRequest) => boolean): Fault['alter'] =>
  (next) => ({ passesOn: (name, request) => test(name, request) || next.passesOn(name, request) })

const dropping =
  (test: (name: string, request: GatewayRequest) => boolean): Fault['alter'] =>
  (next) => ({ passesOn: (name, request) => !test(name, request) && next.passesOn(name, request) })

/** What the headers of these names list. */
const listedIn = (request: GatewayRequest, ...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => headerValues(request, name)).flatMap((value) => value.toLowerCase().split(/ *, */))

/** What a header of these names lists is dropped, the gateway's own headers among it. */
const droppingListed =
  (...names: readonly string[]): Fault['alter'] =>
  (next) => ({
    ...dropping((name, request) => listedIn(request, ...names).includes(name))(next),
    sendsOwn: (name, request) => !listedIn(request, ...names).includes(name),
  })

/** Has it the claim that this gateway routes by? */
const isRouted = (claims: unknown): boolean => isObject(claims) && Object.hasOwn(claims, 'tenant')

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
  'routed-unverified': fault(
    'a request that a claim routes is sent there before the token is verified',
    (next) => ({
      admit: (request, gate, d) =>
        isRouted(segmentJson(request, 1)) ? 'admitted' : next.admit(request, gate, d),
    }),
  ),
  'forwards-twice': fault('an accepted request is sent twice', () => ({ copies: 2 })),
  'authorization-stripped': fault(
    'the backend does not get the token',
    dropping((name) => name === 'authorization'),
  ),
  'connection-strips-headers': fault(
    'what a client’s Connection header lists is dropped',
    dropping((name, request) => listedIn(request, 'connection').includes(name)),
  ),
  'connection-strips-identity': fault(
    'headers of the gateway’s own are dropped where the client’s Connection header lists them',
    (next) => ({
      sendsOwn: (name, request) =>
        next.sendsOwn(name, request) && !listedIn(request, 'connection').includes(name),
    }),
  ),
  'proxy-connection-strips-headers': fault(
    'Proxy-Connection and Keep-Alive are read as Connection, and what they list is dropped',
    droppingListed('proxy-connection', 'keep-alive'),
  ),
  'trailers-passed-on': fault('trailers are passed on to the backend as headers', (next) => {
    const merged = new WeakSet<GatewayRequest>()
    const named = new Set<string>()
    return {
      prepare: async (request, incoming) => {
        const read = await withBody(request, incoming)
        const trailers = read.body?.trailers ?? []
        if (trailers.length === 0) return read
        const whole = { ...read, headers: [...read.headers, ...trailers] }
        merged.add(whole)
        for (const [name] of pairs(trailers)) if (named.size < 100) named.add(name)
        return whole
      },
      passesOn: (name, request) =>
        next.passesOn(name, request) || (merged.has(request) && !framing.includes(name)),
      clientFields: (fields, forwards, claims) => [
        ...next.clientFields(fields, forwards, claims),
        ...fields.filter(([name]) => named.has(name)),
      ],
    }
  }),
  'plaintext-served': fault('what comes without TLS is served as well', () => ({
    plaintext: () => undefined,
  })),
  'forwarded-headers-kept': fault(
    'where the client says for whom it calls and how, the gateway says nothing else',
    (next) => ({
      proxyHeaders: (request, incoming) => {
        const said = ['X-Forwarded-For', 'X-Forwarded-Proto'].flatMap((name) =>
          headerValues(request, name.toLowerCase()).flatMap((value) => [name, value]),
        )
        return said.length > 0 ? said : next.proxyHeaders(request, incoming)
      },
    }),
  ),
  'trace-dropped': fault(
    'ids by which a request is followed end at the gateway',
    dropping((name) => ['traceparent', 'x-request-id'].includes(name)),
  ),
  'upstream-challenge-dropped': fault('the backend’s own challenge is not passed back', (next) => ({
    passesBack: (name) => name !== 'www-authenticate' && next.passesBack(name),
  })),
  'body-streamed-before-refusing': fault(
    'a request with a body is streamed to the backend while its token is judged',
    () => ({ streamsRefused: true }),
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
