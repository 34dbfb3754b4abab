import type { Config } from '../config/config.ts'
import type { OtherTokenName } from '../config/token-source.ts'
import { readGood, valueAt, type GoodToken } from '../forge/good.ts'

/** What a genuine token is held against: the good token beside it, and the target's clock in seconds since the epoch. */
export type Yardstick = { readonly config: Config; readonly good: string; readonly now: number }

/** A leeway that no gateway should exceed, where none is declared: seconds. */
const longestSkewSeconds = 300
/** For clocks that differ: seconds. */
const marginSeconds = 5

/**
 * Why a genuine token does not have the difference that its name promises, so that a sound gateway might let it in;
 * undefined where it has. What is opaque is believed.
 */
export const lacksDifference = (name: string, text: string, yardstick: Yardstick): string | undefined => {
  const other = readGood(text)
  const good = readGood(yardstick.good)
  if (other.kind === 'opaque') return text === yardstick.good ? 'it is the good token' : undefined
  if (good.kind === 'jwt' && confirmation(good) !== undefined && confirmation(other) !== confirmation(good))
    return `the token \`${name}\` is bound to another key than good tokens`
  return isOtherName(name) ? promises[name]?.(other, yardstick) : undefined
}

type Promised = (other: GoodToken, yardstick: Yardstick) => string | undefined

const promises: Readonly<Partial<Record<OtherTokenName, Promised>>> = {
  second: ({ claims }, { good }) => {
    const own = claimsOf(good).sub
    return own !== undefined && claims.sub === own ? 'the token `second` has the same subject' : undefined
  },
  otherAudience: ({ claims }, { config, good }) => {
    const ours = config.policy.audiences.length > 0 ? config.policy.audiences : list(claimsOf(good).aud)
    return list(claims.aud).some((one) => ours.includes(one))
      ? 'the token `otherAudience` is for an audience of this gateway'
      : undefined
  },
  otherScope: (other, { config }) => {
    const { scope } = config.target.routes.scoped ?? {}
    const has = (name: string) => scopesOf(other, config).includes(name)
    const suffices = scope?.rule === 'all' ? scope.scopes.every(has) : scope?.scopes.some(has) === true
    return suffices ? 'the token `otherScope` has the scope that the route asks for' : undefined
  },
  noScope: (other, { config }) =>
    scopesOf(other, config).length > 0 ? 'the token `noScope` has a scope' : undefined,
  expired: ({ claims: { exp } }, { config, now }) => {
    const left = typeof exp === 'number' ? secondsUntilOver(exp, config, now) : 0
    return left > 0
      ? `the token \`expired\` has its end, and every leeway, behind it in ${left} s, later than cases.maxWait`
      : undefined
  },
  otherIssuer: ({ claims: { iss } }, { config, good }) => {
    const own = config.policy.issuers.length > 0 ? config.policy.issuers : list(claimsOf(good).iss)
    return list(iss).some((one) => own.includes(one))
      ? 'the token `otherIssuer` is of an issuer that this gateway trusts'
      : undefined
  },
}

const isOtherName = (name: string): name is OtherTokenName => Object.hasOwn(promises, name)

/** How long until no gateway should take a token any more that ends then; at most 0 where that is over. */
export const secondsUntilOver = (exp: number, { policy }: Pick<Config, 'policy'>, now: number): number =>
  exp + (policy.clockSkewSeconds ?? longestSkewSeconds) + marginSeconds - now

const claimsOf = (text: string): GoodToken['claims'] => {
  const read = readGood(text)
  return read.kind === 'jwt' ? read.claims : {}
}

const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]

/** Wherever the gateway looks for scopes. */
const scopesOf = ({ claims }: GoodToken, { policy }: Config): readonly unknown[] =>
  policy.scopeClaims.flatMap(({ path }) =>
    list(valueAt(claims, path)).flatMap((value) =>
      typeof value === 'string' ? value.split(' ').filter((name) => name !== '') : [value],
    ),
  )

const confirmation = ({ claims }: GoodToken): string | undefined =>
  claims.cnf === undefined ? undefined : JSON.stringify(claims.cnf)

/** The claims in which a token differs for its name, and those in which every token differs from the next. */
const meant = (name: string, { policy }: Config): readonly string[] => {
  const scopes = policy.scopeClaims.map(({ path }) => path[0])
  const named: Readonly<Record<string, readonly string[]>> = {
    second: ['sub'],
    otherAudience: ['aud'],
    otherScope: scopes,
    noScope: scopes,
    otherIssuer: ['iss', 'kid'],
  }
  return [...(named[name] ?? []), 'iat', 'nbf', 'exp', 'jti']
}

/** The names of what else a genuine token differs in from a good one: a refusal may be for that. */
export const furtherDifferences = (
  name: string,
  text: string,
  { config, good: goodText }: Yardstick,
): readonly string[] => {
  const other = readGood(text)
  const good = readGood(goodText)
  if (other.kind === 'opaque' || good.kind === 'opaque') return []
  const differing = (one: GoodToken['claims'], two: GoodToken['claims']) =>
    [...new Set([...Object.keys(one), ...Object.keys(two)])].filter(
      (key) => JSON.stringify(one[key]) !== JSON.stringify(two[key]),
    )
  const expected = meant(name, config)
  return [...differing(good.header, other.header), ...differing(good.claims, other.claims)].filter(
    (key) => !expected.includes(key),
  )
}
