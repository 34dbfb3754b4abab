import type { Decisions } from '../decisions.ts'
import { tokenIn } from '../find-token.ts'
import { type GatewayRequest, headerValues } from '../request.ts'
import { admittedWhere } from './answers.ts'
import { type Fault, fault } from './fault.ts'
import { percentDecoded } from './percent.ts'

const authorization = (test: RegExp) =>
  admittedWhere((request) => headerValues(request, 'authorization').some((value) => test.test(value)))

/** What no client of the backend could send is kept from it. */
const parsingLeniently = (next: Decisions): Pick<Decisions, 'hasLenientParser' | 'passesOn'> => ({
  hasLenientParser: true,
  passesOn: (name, request) =>
    next.passesOn(name, request) && !headerValues(request, name).some((value) => /[\0\r\n]/.test(value)),
})

/** The length of a request without a body whose header lines have one space after the colon. */
const headBytes = ({ method, target, headers }: GatewayRequest): number =>
  [method, target, ...headers].reduce((bytes, text) => bytes + text.length + 2, 10)

const padded = (request: GatewayRequest): GatewayRequest => ({
  ...request,
  headers: request.headers.map((text, index) => (index % 2 === 0 ? text : ` ${text}`)),
})

/** How the Authorization header is read. */
export const credentialFaults = {
  'scheme-case-sensitive': fault('the scheme must be spelt Bearer', () => ({
    sameScheme: (given, wanted) => given === wanted,
  })),
  'scheme-any': fault('whatever stands before the token is taken for the scheme', () => ({
    sameScheme: () => true,
  })),
  'scheme-optional': fault('a token without a scheme is taken', (next) => ({
    readField: (value, scheme, d) =>
      value.includes(' ') || value === '' ? next.readField(value, scheme, d) : tokenIn(value, d),
  })),
  'scheme-find': fault('"Bearer " is searched for anywhere in the value', (next) => ({
    readField: (value, scheme, d) => next.readField(value.replace(/^.+?(?=Bearer )/, ''), scheme, d),
  })),
  'scheme-doubled': fault('a scheme that is repeated is removed as often', (next) => ({
    tokenText: (text) => next.tokenText(text.replace(/^(bearer +)+/i, '')),
  })),
  'scheme-unverified-odd-case': fault(
    'the route knows the scheme in any case, but the check is bound to the spelling Bearer',
    authorization(/^(?!Bearer )[Bb][Ee][Aa][Rr][Ee][Rr] ./),
  ),
  'dpop-scheme-accepted': fault('the scheme DPoP is taken as Bearer, and no proof is asked for', (next) => ({
    sameScheme: (given, wanted) => given.toLowerCase() === 'dpop' || next.sameScheme(given, wanted),
  })),
  'wrong-scheme-passes': fault(
    'credentials of another scheme are left to the backend',
    authorization(/^(?!bearer)\S+ \S/i),
  ),
  'tab-separator': fault('any white space ends the scheme', (next) => ({
    readField: (value, scheme, d) => next.readField(value.replace(/^(\S+)\s+/, '$1 '), scheme, d),
  })),
  glued: fault('the scheme is cut off by its length, whatever follows', (next) => ({
    readField: (value, scheme, d) => next.readField(value.replace(/^(bearer)(?=[^ :])/i, '$1 '), scheme, d),
  })),
  'colon-separator': fault('a colon after the scheme is dropped', (next) => ({
    readField: (value, scheme, d) => next.readField(value.replace(/^(bearer):/i, '$1'), scheme, d),
  })),
  'auth-param-token': fault('the token may be a parameter: Bearer token="…"', (next) => ({
    tokenText: (text) => next.tokenText(text.replace(/^(?:access_)?token="?([^"]*)"?$/i, '$1')),
  })),
  'quoted-token': fault('quotes around the token are removed', (next) => ({
    tokenText: (text) => next.tokenText(text.replace(/^"(.*)"$/, '$1')),
  })),
  'percent-decoded': fault('the header value is percent-decoded', (next) => ({
    tokenText: (text) => next.tokenText(percentDecoded(text)),
  })),
  'nul-truncates-token': fault('the token ends at a NUL, written as such or as %00', (next) => ({
    ...parsingLeniently(next),
    tokenText: (text) => next.tokenText(text.replace(/(?:\0|%00).*$/s, '')),
  })),
  'control-characters-dropped': fault('NULs and line ends within the token are dropped', (next) => ({
    ...parsingLeniently(next),
    tokenText: (text) => next.tokenText(text.replace(/[\0\r\n]/g, '')),
  })),
  'comma-takes-first': fault('of a comma list, the first member is judged', (next) => ({
    tokenText: (text) => next.tokenText(text.replace(/\s*,.*$/, '')),
  })),
  'comma-takes-last': fault('of a comma list, the last member is judged', (next) => ({
    tokenText: (text) => next.tokenText(text.replace(/^.*,\s*(?:bearer +)?/i, '')),
  })),
  'semicolon-stripped': fault('what follows a semicolon is dropped', (next) => ({
    tokenText: (text) => next.tokenText(text.replace(/\s*;.*$/, '')),
  })),
  'space-junk-ignored': fault('the token ends at the first space, and the rest is dropped', (next) => ({
    tokenText: (text) => next.tokenText(text.replace(/ .*$/, '')),
  })),
  'duplicate-takes-first': fault('of several Authorization headers, the first is judged', () => ({
    several: ([first = ''], scheme, d) => d.readField(first, scheme, d),
  })),
  'duplicate-takes-last': fault('of several Authorization headers, the last is judged', () => ({
    several: (values, scheme, d) => d.readField(values.at(-1) ?? '', scheme, d),
  })),
  'duplicate-takes-bearer': fault(
    'of several Authorization headers, the one with the scheme is judged',
    () => ({
      several: (values, scheme, d) =>
        d.readField(values.find((value) => /^bearer /i.test(value)) ?? '', scheme, d),
    }),
  ),
  'field-value-not-trimmed': fault('white space around the value of a header is part of it', () => {
    const seen = new WeakSet<object>()
    return {
      prepare: (request, incoming) => {
        const isFirst = !seen.has(request.connection)
        seen.add(request.connection)
        // What the parser took away is known by the bytes that came.
        const isPadded = isFirst && incoming.socket.bytesRead > headBytes(request)
        return isPadded ? Promise.resolve(padded(request)) : undefined
      },
    }
  }),
  'double-space-refused': fault('exactly one space must follow the scheme', (next) => ({
    readField: (value, scheme, d) =>
      /^\S+ {2}/.test(value) ? { kind: 'malformed' } : next.readField(value, scheme, d),
  })),
  'header-name-case-sensitive': fault('the header must be spelt Authorization or authorization', (next) => ({
    fields: (request, name) =>
      request.headers.some((text) => text.toLowerCase() === name && /^.[A-Z]/.test(text))
        ? []
        : next.fields(request, name),
  })),
  'empty-header-passes': fault('an empty Authorization header counts as checked', authorization(/^$/)),
  'empty-token-passes': fault('a scheme without a token counts as checked', authorization(/^bearer$/i)),
  'opaque-token-passes': fault(
    'what is no JWT is taken for an opaque token, and left to the backend',
    authorization(/^bearer [^.]+$/i),
  ),
  'optional-bad-token-anonymous': fault(
    'where a token is optional, a bad one makes the caller anonymous',
    (next) => ({
      admit: (request, gate, d) =>
        gate.guard.kind === 'optional' ? 'admitted' : next.admit(request, gate, d),
    }),
  ),
  'optional-refuses-none': fault('where a token is optional, one is asked for all the same', (next) => ({
    guard: (route, request) => {
      const guard = next.guard(route, request)
      return guard.kind === 'optional' ? { kind: 'authenticated' } : guard
    },
  })),
  'lenient-http-parser': fault('folded headers and control characters in values are let through', (next) =>
    parsingLeniently(next),
  ),
} as const satisfies Readonly<Record<string, Fault>>
