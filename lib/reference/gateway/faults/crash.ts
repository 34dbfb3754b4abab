import { errorAnswer } from '../answer.ts'
import { type GatewayRequest, headerValues, queryValues } from '../request.ts'
import { isObject, parsed } from '../strict-json.ts'
import { segmentJson, segmentText, serverErrorWhere, tokenTextOf } from './answers.ts'
import { type Fault, fault } from './fault.ts'

const partsOf = (request: GatewayRequest): readonly string[] => tokenTextOf(request).split('.')

const headerOf = (request: GatewayRequest): unknown => segmentJson(request, 0)

const member = (request: GatewayRequest, name: string): unknown => {
  const header = headerOf(request)
  return isObject(header) ? header[name] : undefined
}

const dropsOn =
  (test: (request: GatewayRequest) => boolean): Fault['alter'] =>
  () => ({
    mishap: (request) => (test(request) ? 'drop' : 'none'),
  })

const hangsOn =
  (test: (request: GatewayRequest) => boolean): Fault['alter'] =>
  () => ({
    mishap: (request) => (test(request) ? 'hang' : 'none'),
  })

/** RFC 7515 section 4.1. */
const registered = ['alg', 'jku', 'jwk', 'kid', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'typ', 'cty', 'crit']

const hasUnknown = (header: object): boolean => Object.keys(header).some((name) => !registered.includes(name))

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'

const depthOf = (text: string): number =>
  text.split('').reduce(
    ({ depth, most }, character) => {
      const now = depth + Number('[{'.includes(character)) - Number(']}'.includes(character))
      return { depth: now, most: Math.max(most, now) }
    },
    { depth: 0, most: 0 },
  ).most

/** What breaks the gateway: an error that nobody caught, a connection that ends, an answer that never comes. */
export const crashFaults = {
  'header-crash': fault(
    'a header that is no JSON is not expected',
    serverErrorWhere(
      (request) => partsOf(request).length === 3 && parsed(segmentText(request, 0)) === undefined,
    ),
  ),
  'header-non-object-crash': fault(
    'a header that is JSON and no object is not expected',
    serverErrorWhere((request) => {
      const header = headerOf(request)
      return header !== undefined && !isObject(header)
    }),
  ),
  'payload-crash': fault(
    'a payload that is no JSON is not expected',
    serverErrorWhere(
      (request) => partsOf(request).length === 3 && parsed(segmentText(request, 1)) === undefined,
    ),
  ),
  'payload-non-object-crash': fault(
    'a payload that is JSON and no object is not expected',
    serverErrorWhere((request) => {
      const payload = segmentJson(request, 1)
      return payload !== undefined && !isObject(payload)
    }),
  ),
  'segments-crash': fault(
    'a token has three parts, and another number of them is not expected',
    serverErrorWhere((request) => tokenTextOf(request) !== '' && partsOf(request).length !== 3),
  ),
  'empty-segment-crash': fault(
    'an empty part is not expected',
    serverErrorWhere((request) => tokenTextOf(request) !== '' && partsOf(request).includes('')),
  ),
  'jwe-crash': fault(
    'a token of five parts is decrypted without a key',
    serverErrorWhere((request) => partsOf(request).length === 5),
  ),
  'base64-crash': fault(
    'characters that are no base64url are not expected',
    serverErrorWhere((request) => /[^A-Za-z0-9_.-]/.test(tokenTextOf(request))),
  ),
  'utf8-crash': fault(
    'text that is no UTF-8 is not expected',
    serverErrorWhere((request) => segmentText(request, 1).includes('\ufffd')),
  ),
  'credentials-twice-crash': fault(
    'a second token in a request is not expected',
    serverErrorWhere((request) => {
      const headers = headerValues(request, 'authorization').length
      return headers > 1 || (headers > 0 && queryValues(request, 'access_token').length > 0)
    }),
  ),
  'malformed-crash': fault('what is no HTTP is not expected', () => ({ unread: () => errorAnswer(500) })),
  'too-large-crash': fault('headers that are too long are not expected', (next) => ({
    refusal: (refusal, standard, request) =>
      refusal.why === 'too-large' ? errorAnswer(500) : next.refusal(refusal, standard, request),
  })),
  'non-ascii-crash': fault(
    'bytes beyond ASCII in a header are not expected',
    serverErrorWhere((request) =>
      headerValues(request, 'authorization').some((value) => /[^\x20-\x7e\t]/.test(value)),
    ),
  ),
  'alg-type-crash': fault(
    'an alg that is no text is not expected',
    serverErrorWhere((request) => !isText(member(request, 'alg'))),
  ),
  'alg-unknown-crash': fault(
    'an unknown alg is not expected',
    serverErrorWhere((request) => {
      const alg = member(request, 'alg')
      return typeof alg === 'string' && !/^(?:none|[RPEH]S(?:256|384|512))$/i.test(alg)
    }),
  ),
  'kid-type-crash': fault(
    'a kid that is no text is not expected',
    serverErrorWhere((request) => !isText(member(request, 'kid'))),
  ),
  'kid-unknown-crash': fault('a kid that names no key is not expected', (next) => {
    const known = new Set<unknown>()
    return {
      admit: (request, gate, d) => {
        for (const kid of gate.keys.usable.keys()) known.add(kid)
        return next.admit(request, gate, d)
      },
      ...serverErrorWhere((request) => isObject(headerOf(request)) && !known.has(member(request, 'kid')))(
        next,
      ),
    }
  }),
  'typ-type-crash': fault(
    'a typ that is no text is not expected',
    serverErrorWhere((request) => !isText(member(request, 'typ'))),
  ),
  'reference-type-crash': fault(
    'a jwk, jku, x5u or x5c of another type is not expected',
    serverErrorWhere((request) => {
      const [jwk, jku, x5u, x5c] = ['jwk', 'jku', 'x5u', 'x5c'].map((name) => member(request, name))
      const isJwk = isObject(jwk) && typeof jwk.kty === 'string'
      const isChain =
        Array.isArray(x5c) &&
        x5c.length > 0 &&
        x5c.length < 10 &&
        x5c.every((one) => /^[\w+/]+=*$/.test(String(one)))
      return (jwk !== undefined && !isJwk) || !isText(jku) || !isText(x5u) || (x5c !== undefined && !isChain)
    }),
  ),
  'crit-list-crash': fault(
    'crit is not expected at all',
    serverErrorWhere((request) => Array.isArray(member(request, 'crit'))),
  ),
  'header-unknown-crash': fault('a header parameter that is not known is not expected', (next) => ({
    ...serverErrorWhere((request) => {
      const header = headerOf(request)
      return isObject(header) && hasUnknown(header)
    })(next),
    acceptsHeader: (header, d) => !hasUnknown(header) && next.acceptsHeader(header, d),
  })),
  'duplicate-member-crash': fault(
    'two members of one name are not expected',
    serverErrorWhere((request) => {
      const header = headerOf(request)
      const names = segmentText(request, 0).match(/"(?:[^"\\]|\\.)*"(?=\s*:)/g) ?? []
      return (
        isObject(header) && !Object.values(header).some(isObject) && names.length > Object.keys(header).length
      )
    }),
  ),
  'jku-unreachable-crash': fault(
    'a jku from which nothing can be fetched is not expected',
    serverErrorWhere((request) => {
      const jku = member(request, 'jku')
      return typeof jku === 'string' && !jku.startsWith('https://')
    }),
  ),
  'crit-type-crash': fault(
    'a crit that is no list is not expected',
    serverErrorWhere((request) => {
      const crit = member(request, 'crit')
      return crit !== undefined && !Array.isArray(crit)
    }),
  ),
  'cty-crash': fault('a cty other than JWT is not expected', (next) => ({
    ...serverErrorWhere((request) => member(request, 'cty') !== undefined)(next),
    acceptsHeader: (header, d) => header.cty === undefined && next.acceptsHeader(header, d),
  })),
  'json-number-crash': fault(
    'a number that is none, or has no bounds, is not expected',
    serverErrorWhere((request) => /:\s*(?:NaN|Infinity|\d+e\d{3,})/.test(segmentText(request, 1))),
  ),
  'lone-surrogate-crash': fault('half a surrogate pair is not expected', (next) => ({
    ...serverErrorWhere((request) => /\\ud[89ab]/i.test(segmentText(request, 1)))(next),
    parseObject: (text) =>
      /\\ud[89ab][0-9a-f]{2}(?!\\ud[c-f])/i.test(text) ? undefined : next.parseObject(text),
  })),
  'deep-nesting-crash': fault(
    'deep nesting overflows the stack',
    dropsOn((request) => depthOf(segmentText(request, 1)) > 100),
  ),
  'oversize-crash': fault(
    'a long header overflows a buffer',
    dropsOn((request) => tokenTextOf(request).length > 6000),
  ),
  'kid-huge-crash': fault(
    'a long kid overflows a buffer',
    dropsOn((request) => String(member(request, 'kid')).length > 1000),
  ),
  'many-members-crash': fault(
    'a header with many members overflows a table',
    dropsOn((request) => {
      const header = headerOf(request)
      return isObject(header) && Object.keys(header).length > 100
    }),
  ),
  'many-claims-crash': fault(
    'claims with many members overflow a table',
    dropsOn((request) => segmentText(request, 1).split(':').length > 300),
  ),
  'duplicate-claim-crash': fault(
    'a name that stands twice is not expected',
    serverErrorWhere((request) => /"(aud|exp)":.*"\1":/.test(segmentText(request, 1))),
  ),
  'many-dots-hang': fault(
    'a token with very many dots is split in quadratic time',
    hangsOn((request) => partsOf(request).length > 1000),
  ),
  'regex-hang': fault(
    'the pattern of a token backtracks',
    hangsOn((request) => /a{1000}|={1000}/.test(tokenTextOf(request))),
  ),
  'body-waited-for': fault(
    'a refused request’s body is waited for',
    hangsOn((request) => headerValues(request, 'expect').length > 0),
  ),
} as const satisfies Readonly<Record<string, Fault>>
