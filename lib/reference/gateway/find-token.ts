import type { Decisions } from './decisions.ts'
import type { TokenPlace } from './deployment.ts'
import { type GatewayRequest, headerValues, queryValues } from './request.ts'

/** What a request presents as its token. */
export type Presented =
  | { readonly kind: 'none' }
  /** Credentials that cannot be understood, or that are given twice. */
  | { readonly kind: 'malformed' }
  /** A token that holds characters that no token has. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'token'; readonly token: string }

export type CredentialDecisions = {
  readonly present: (request: GatewayRequest, place: TokenPlace, d: Decisions) => Presented
  /** The values of the header that holds the credentials. */
  readonly fields: (request: GatewayRequest, name: string) => readonly string[]
  /** Of more than one value. */
  readonly several: (values: readonly string[], scheme: string, d: Decisions) => Presented
  readonly readField: (value: string, scheme: string, d: Decisions) => Presented
  readonly sameScheme: (given: string, wanted: string) => boolean
  /** The token in what follows the scheme, or undefined where that is none. */
  readonly tokenText: (text: string) => string | undefined
  /** Does the request present a token by another method as well? */
  readonly presentsElsewhere: (request: GatewayRequest, place: TokenPlace) => boolean
}

export const soundCredentials: CredentialDecisions = {
  present: (request, place, d) => {
    const presented = presentedIn(place, request, d)
    // RFC 6750 section 2: clients use one method in a request; section 3.1: else invalid_request.
    return presented.kind !== 'none' && d.presentsElsewhere(request, place)
      ? { kind: 'malformed' }
      : presented
  },
  fields: headerValues,
  several: () => ({ kind: 'malformed' }),
  readField: (value, scheme, d) => {
    const space = value.indexOf(' ')
    if (!d.sameScheme(space === -1 ? value : value.slice(0, space), scheme)) return { kind: 'none' }
    // RFC 6750 section 2.1: "Bearer" 1*SP b64token.
    return space === -1 ? { kind: 'malformed' } : tokenIn(value.slice(space).replace(/^ +/, ''), d)
  },
  // RFC 9110 section 11.1: schemes are case-insensitive.
  sameScheme: (given, wanted) => given.toLowerCase() === wanted.toLowerCase(),
  tokenText: (text) => (/^[A-Za-z0-9._~+/-]+=*$/.test(text) ? text : undefined),
  presentsElsewhere: (request, place) => {
    const isAuthorization = place.in === 'header' && place.name === 'authorization'
    const isAccessToken = place.in === 'query' && place.name === 'access_token'
    return (
      (!isAuthorization && headerValues(request, 'authorization').some((value) => /^bearer /i.test(value))) ||
      (!isAccessToken && queryValues(request, 'access_token').length > 0)
    )
  },
}

const presentedIn = (place: TokenPlace, request: GatewayRequest, d: Decisions): Presented => {
  if (place.in === 'header') return inHeader(request, place, d)
  const values = place.in === 'query' ? queryValues(request, place.name) : cookieValues(request, place.name)
  return oneOf(values, d)
}

/** The values of every cookie of that name (RFC 6265 section 5.4), in order. */
export const cookieValues = (request: GatewayRequest, name: string): readonly string[] =>
  headerValues(request, 'cookie')
    .flatMap((value) => value.split(/; */))
    .flatMap((pair) => (pair.startsWith(`${name}=`) ? [pair.slice(name.length + 1)] : []))

const inHeader = (
  request: GatewayRequest,
  { name, scheme }: Extract<TokenPlace, { in: 'header' }>,
  d: Decisions,
): Presented => {
  const values = d.fields(request, name)
  const [value] = values
  if (value === undefined) return { kind: 'none' }
  return values.length > 1 ? d.several(values, scheme, d) : d.readField(value, scheme, d)
}

const oneOf = (values: readonly string[], d: Decisions): Presented => {
  const [value] = values
  if (value === undefined) return { kind: 'none' }
  // RFC 6750 section 3.1: a request that repeats a parameter is invalid.
  return values.length > 1 || value === '' ? { kind: 'malformed' } : tokenIn(value, d)
}

/** What the text after the scheme presents. */
export const tokenIn = (text: string, d: Decisions): Presented => {
  const token = d.tokenText(text)
  return token === undefined ? { kind: 'unreadable' } : { kind: 'token', token }
}
