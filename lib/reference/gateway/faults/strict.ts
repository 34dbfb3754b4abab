import type { Decisions } from '../decisions.ts'
import type { ReadToken } from '../read-token.ts'
import { type Fault, fault } from './fault.ts'

/** Tokens that the test picks are refused, good as they are. */
const refusingWhere =
  (test: (token: ReadToken) => boolean): Fault['alter'] =>
  (next) => ({
    isAuthentic: (token, keys, d) => !test(token) && next.isAuthentic(token, keys, d),
  })

const textOf = ({ segments: [header, payload] }: ReadToken): string =>
  [header, payload].map((segment) => Buffer.from(segment, 'base64url').toString()).join('')

const knownHeader = ['alg', 'kid', 'typ', 'cty', 'jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256']
const knownClaims = [
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'scope',
  'client_id',
  'client_name',
  'tok_type',
  'sub_type',
  'tenant',
]

/** Good tokens that are refused. */
export const strictFaults = {
  'unknown-header-refused': fault(
    'a header parameter that is not known is not ignored',
    refusingWhere(({ header }) => Object.keys(header).some((name) => !knownHeader.includes(name))),
  ),
  'unknown-claim-refused': fault(
    'a claim that is not known is not ignored',
    refusingWhere(({ claims }) => Object.keys(claims).some((name) => !knownClaims.includes(name))),
  ),
  'aud-array-refused': fault(
    'aud must be a text',
    refusingWhere(({ claims }) => Array.isArray(claims.aud)),
  ),
  'aud-first-only': fault('only the first audience of a list is looked at', (next) => ({
    namesAudience: (aud, audiences, d) =>
      next.namesAudience(Array.isArray(aud) ? aud.slice(0, 1) : aud, audiences, d),
  })),
  'fractional-dates-refused': fault(
    'dates must be whole numbers',
    refusingWhere(({ claims: { exp, nbf, iat } }) =>
      [exp, nbf, iat].some((date) => typeof date === 'number' && !Number.isInteger(date)),
    ),
  ),
  'nbf-zero-refused': fault(
    'an nbf that is falsy is taken for malformed',
    refusingWhere(({ claims }) => claims.nbf === 0),
  ),
  'non-ascii-refused': fault(
    'claims beyond ASCII are not read',
    refusingWhere((token) => /[^\x20-\x7e\s]|\\u[0-9a-f]{4}/i.test(textOf(token))),
  ),
  'whitespace-refused': fault(
    'JSON must be without white space',
    refusingWhere((token) => /[{,:]\s/.test(textOf(token))),
  ),
  'big-integers-refused': fault(
    'integers of more than 64 bits are not read',
    refusingWhere((token) => /:\d{20,}/.test(textOf(token))),
  ),
  'jti-uuid-only': fault(
    'a jti must be a UUID',
    refusingWhere(
      ({ claims: { jti } }) =>
        typeof jti === 'string' && !/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(jti),
    ),
  ),
  'first-key-only': fault('only the first key of the set is used', (next) => ({
    keyOf: (header, keys) => {
      const key = next.keyOf(header, keys)
      // They stand in reverse.
      return key === [...keys.usable.values()].at(-1) ? key : undefined
    },
  })),
  'used-once': fault('a token is good once', (next) => rememberingSignatures(next, 1)),
  alternates: fault('every second verification of a token fails', (next) => {
    const turns = new Map<string, number>()
    return {
      isAuthentic: (token, keys, d) => {
        const turn = (turns.get(token.segments[2]) ?? 0) + 1
        if (turns.size < 10_000) turns.set(token.segments[2], turn)
        return turn % 2 === 1 && next.isAuthentic(token, keys, d)
      },
    }
  }),
} as const satisfies Readonly<Record<string, Fault>>

const rememberingSignatures = (next: Decisions, times: number): Partial<Decisions> => {
  const used = new Map<string, number>()
  return {
    isAuthentic: (token, keys, d) => {
      const [, , signature] = token.segments
      const uses = (used.get(signature) ?? 0) + 1
      if (used.size < 100_000) used.set(signature, uses)
      return uses <= times && next.isAuthentic(token, keys, d)
    },
  }
}
