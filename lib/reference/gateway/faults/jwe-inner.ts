import type { Decisions } from '../decisions.ts'
import { type Encryption, isEncrypted } from '../open-token.ts'
import { isObject, type JsonObject, parsed } from '../strict-json.ts'

/** A token of five parts, and what was decrypted of it. */
type Opened = {
  readonly token: string
  /** Empty where it could not be decrypted. */
  readonly inner: string
  readonly encryption: Encryption | undefined
}

/** The encoded claims that are believed, or undefined where nothing is. */
type Belief = { readonly payload: string } | undefined

/** Claims that are no token at all. */
export const bareClaims = ({ inner }: Pick<Opened, 'inner'>): Belief =>
  isObject(parsed(inner)) ? { payload: Buffer.from(inner).toString('base64url') } : undefined

/** The claims, with or without a token around them, whose signature is not looked at. */
export const anyClaims = ({ inner }: Pick<Opened, 'inner'>): Belief => {
  const [header, payload, signature, more] = inner.split('.')
  const isToken = header && payload && signature !== undefined && more === undefined
  return isToken ? { payload } : bareClaims({ inner })
}

/** Claims that the test finds in a token of five parts count as signed. */
export const believed =
  (test: (opened: Opened) => Belief | Promise<Belief>) =>
  (next: Decisions): Partial<Decisions> => {
    const authentic = new Set<string>()
    const header = Buffer.from('{"alg":"RS256"}').toString('base64url')
    return {
      openToken: async (token, encryption, d) => {
        const opened = await next.openToken(token, encryption, d)
        if (!isEncrypted(token)) return opened
        const inner = opened === undefined || opened === token ? '' : opened
        const belief = await test({ token, inner, encryption })
        if (belief === undefined) return opened
        authentic.add(belief.payload)
        // Whatever stands for the signature is not looked at.
        return `${header}.${belief.payload}.AA`
      },
      isAuthentic: (token, keys, d) =>
        (token.segments[2] === 'AA' && authentic.delete(token.segments[1])) ||
        next.isAuthentic(token, keys, d),
    }
  }

/** What came encrypted and is signed has no claim that is looked at. */
export const withoutClaimChecks = (next: Decisions): Partial<Decisions> => {
  const came = new Set<string>()
  const unchecked = new WeakSet<JsonObject>()
  return {
    openToken: async (token, encryption, d) => {
      const opened = await next.openToken(token, encryption, d)
      if (opened !== undefined && isEncrypted(token)) came.add(opened)
      return opened
    },
    readToken: (token, d) => {
      const read = next.readToken(token, d)
      if (came.delete(token) && read !== undefined) unchecked.add(read.claims)
      return read
    },
    claimsHold: (claims, policy, clock, d) =>
      unchecked.has(claims) || next.claimsHold(claims, policy, clock, d),
  }
}
