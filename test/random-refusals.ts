import type { Marker } from '../lib/config/config.ts'
import { only, type Passing } from './front.ts'

type Said = (answer: Passing, count: number) => Passing

/** How a gateway says no: to whom sends no token, a bad one, one without the scope, a bad request, and without a route. */
export type Dress = {
  readonly none?: Said
  /** Also for whatever has no words of its own. */
  readonly invalid?: Said
  readonly scope?: Said
  readonly malformed?: Said
  readonly unrouted?: Said
  /** The marker that the user declares for it. */
  readonly refused?: Marker
}

const as =
  (status: number, more: readonly string[] = [], body = '{"message":"no"}'): Said =>
  ({ headers }) => ({
    status,
    body: Buffer.from(body),
    headers: [...only(headers, 'date'), ...['Content-Type', 'application/json'], ...more],
  })

/** The same refusal with a number of its own in the body, as request ids are. */
const numbered =
  (said: Said): Said =>
  (answer, count) => ({ ...said(answer, count), body: Buffer.from(`{"request":${count}}`) })

const asItIs: Said = (answer) => answer
const all = (said: Said): Dress => ({
  none: said,
  invalid: said,
  scope: said,
  malformed: said,
  unrouted: asItIs,
})

const login = as(302, ['Location', 'https://login.example.test/start'], '')
const challenge = (value: string) => as(401, ['WWW-Authenticate', value])
const missing = as(404, [], '{"code":404,"message":"Not Found"}')

export const refusals: Readonly<Record<string, Dress>> = {
  'the standard': {
    none: asItIs,
    invalid: asItIs,
    scope: asItIs,
    malformed: asItIs,
    unrouted: asItIs,
  },
  'the standard, without a route too': {
    none: asItIs,
    invalid: asItIs,
    scope: asItIs,
    malformed: asItIs,
    unrouted: challenge('Bearer realm="gateway"'),
  },
  '401 without a challenge': all(as(401)),
  '403': all(as(403)),
  '403 with request ids': all(numbered(as(403))),
  'a login page': all(login),
  'a login page without a token, 401 with one': {
    ...all(challenge('Bearer error="invalid_token"')),
    none: login,
  },
  '404': all(missing),
  '404 to a bad token, 401 to none': {
    none: challenge('Bearer realm="gateway"'),
    invalid: missing,
    scope: missing,
    malformed: missing,
    unrouted: missing,
  },
  '404 to whom lacks the scope': {
    none: asItIs,
    invalid: asItIs,
    scope: missing,
    malformed: asItIs,
    unrouted: missing,
  },
  '400': all(as(400)),
  '400 to a bad token, 401 to none': { ...all(as(400)), none: challenge('Bearer realm="gateway"') },
  '200 with an error': {
    ...all(as(200, [], '{"errors":[{"code":"UNAUTHENTICATED"}]}')),
    refused: { status: [200], contains: 'UNAUTHENTICATED' },
  },
  'a status of its own': { ...all(as(418)), refused: { status: [418] } },
  'another order of parameters': all(
    challenge('Bearer error_description="bad, or missing", error="invalid_token", realm="gateway"'),
  ),
  'parameters between spaces': all(challenge('bearer realm="gateway" error="invalid_token"')),
  'several challenges': all(
    as(401, [
      ...['WWW-Authenticate', 'Basic realm="x", Bearer realm="gateway", error="invalid_token"'],
      ...['www-authenticate', 'Negotiate'],
    ]),
  ),
  'pages that change': all(numbered(as(401, ['WWW-Authenticate', 'Bearer error="invalid_token"']))),
}
