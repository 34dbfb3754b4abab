import type { Decisions } from './decisions.ts'
import type { Route, TokenPolicy } from './deployment.ts'
import { type KeySet, staticKey } from './verification-key.ts'

/** An issuer with keys and audiences of its own. */
export type Provider = {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly keys: KeySet
}

/** What a token is held to. */
export type Trust = { readonly policy: TokenPolicy; readonly keys: KeySet }

/** What makes it another than the deployment's. */
export type TrustOptions = {
  readonly providers?: readonly Provider[]
  /** Path of a route, with the prefix, to the only audience that its tokens may have. */
  readonly audiences?: Readonly<Record<string, string>>
}

export type TrustDecisions = {
  /** By what the token is judged on this route; undefined where nothing that it could be is let in. */
  readonly trustFor: (
    opened: string | undefined,
    route: Route,
    deployment: Trust,
    options: TrustOptions,
    d: Decisions,
  ) => Trust | undefined
}

export const soundTrust: TrustDecisions = {
  trustFor: (opened, { path }, { policy, keys }, { providers = [], audiences = {} }, d) => {
    const iss =
      opened === undefined || providers.length === 0 ? undefined : d.readToken(opened, d)?.claims.iss
    // RFC 8725 section 3.8: a key verifies tokens of the issuer that it belongs to, and of no other.
    const provider = providers.find(({ issuer }) => issuer === iss)
    const own =
      provider === undefined
        ? { policy, keys }
        : {
            policy: { ...policy, issuers: [provider.issuer], audiences: provider.audiences },
            keys: provider.keys,
          }
    const bound = audiences[path]
    if (bound === undefined) return own
    if (provider !== undefined && !provider.audiences.includes(bound)) return undefined
    return { ...own, policy: { ...own.policy, audiences: [bound] } }
  },
}

/** A provider with these keys. */
export const providerWith = (
  issuer: string,
  audiences: readonly string[],
  keys: readonly Parameters<typeof staticKey>[0][],
): Provider => ({
  issuer,
  audiences,
  keys: { usable: new Map(keys.map((key) => [key.kid, staticKey(key)])), asServed: keys },
})
