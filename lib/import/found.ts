import type { ClaimPath, CredentialPlace, Policy, RequiredClaim, ScopeRule } from '../config/config.ts'
import type { PublicJwk } from '../config/public-key.ts'

/** What a gateway's own configuration, or the gateway itself, tells of what it demands. */
export type Found = {
  /** Where the routes begin. */
  readonly url?: string
  /** What stands before each of `routes`; undefined where this isn't known. */
  readonly basePath?: string
  readonly routes: readonly FoundRoute[]
  /** In the order in which the gateway looks; none where it says nothing of it. */
  readonly credentials: readonly CredentialPlace[]
  readonly providers: readonly FoundProvider[]
  readonly scopeClaims?: readonly ClaimPath[]
  readonly requiredClaims?: readonly RequiredClaim[]
  readonly clockSkew?: Seconds
  readonly maxAge?: Seconds
  readonly cooldown?: Seconds
  readonly forwards?: Partial<NonNullable<Policy['forwards']>>
  /** Policy features that the configuration switches on. */
  readonly enforces?: readonly Enforced[]
  /** Claims that good tokens need beside those of the policy. */
  readonly tokenClaims?: Readonly<Record<string, string>>
  /** What is worth knowing and has no key of its own. */
  readonly notes: readonly string[]
  /** What could not be told, each as a question. */
  readonly questions: readonly string[]
}

export type Enforced = string | Readonly<Record<string, string | number>>

/** A duration, and where it comes from where the configuration does not name it. */
export type Seconds = { readonly seconds: number; readonly because?: string }

export type FoundRoute = {
  readonly path: string
  /** Does the path stand for itself, for all that begins with it, or is it a pattern in the gateway's own language? */
  readonly matches: 'itself' | 'below' | 'pattern'
  /** Undefined where the gateway asks for none. */
  readonly method?: string
  readonly access: 'protected' | 'public' | 'optional'
  readonly scope?: ScopeRule
  readonly note?: string
}

export type FoundProvider = {
  readonly issuers: readonly string[]
  readonly audiences: readonly string[]
  readonly algorithms: readonly string[]
  readonly keys?:
    | { readonly kind: 'url'; readonly url: string }
    | { readonly kind: 'inline'; readonly keys: readonly PublicJwk[] }
  /** What is worth knowing of these algorithms or keys. */
  readonly note?: string
}
