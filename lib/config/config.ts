import type { KeyObject } from 'node:crypto'
import type { Place } from './fault.ts'
import type { LoadSettings } from './load-settings.ts'
import type { TokenBinding, TokenEncryption, TokenSource } from './token-source.ts'

/** `gateproof.yaml`, checked, with every default in its place. Durations are milliseconds unless a name says otherwise. */
export type Config = {
  /** The file as the user named it. */
  readonly file: string
  readonly target: Target
  readonly policy: Policy
  readonly tokens: TokenSource
  /** What binds good tokens to their sender (`tokens.binding`). */
  readonly binding?: TokenBinding
  /** What good tokens are encrypted with, where the gateway decrypts (`tokens.encryption`). */
  readonly encryption?: TokenEncryption
  readonly serve: Serve
  readonly cases: CaseSelection
  readonly waivers: readonly Waiver[]
  readonly load: LoadSettings
  readonly thresholds: readonly string[]
  readonly report: { readonly dir: string; readonly formats: readonly Format[] }
  /** Every value that came from the environment by `${NAME}`, client secret and issued token: kept out of whatever is written down. */
  readonly secrets: readonly string[]
  /** JSON Pointer of each node to where it stands in the file, for faults that show later. */
  readonly places?: ReadonlyMap<string, Place>
}

export type Header = readonly [name: string, value: string]

export type Target = {
  readonly name: string
  /** Scheme and authority, without a slash at the end. */
  readonly origin: string
  /** What `target.url` says after the origin: '' or '/v1', without a slash at the end. */
  readonly basePath: string
  readonly routes: {
    readonly protected: Route
    readonly scoped?: Route
    readonly public?: Route
    readonly optional?: Route
    readonly others: readonly Route[]
  }
  /** All the places where the gateway looks for a token; good tokens use the first. Never empty. */
  readonly credentials: readonly [CredentialPlace, ...CredentialPlace[]]
  readonly connect?: { readonly host: string; readonly port: number }
  readonly proxy:
    | { readonly kind: 'environment' }
    | { readonly kind: 'none' }
    | { readonly kind: 'url'; readonly url: string }
  readonly http: 'auto' | '1.1' | '2'
  readonly tls: Tls
  readonly plaintextUrl?: string
  readonly headers: readonly Header[]
  readonly timeoutMs: number
  readonly pace: { readonly concurrency: number; readonly perSecond?: number }
  readonly unsafeMethods: boolean
  readonly hooks: { readonly restart?: readonly string[]; readonly revoke?: readonly string[] }
}

/** PEM texts, already read. */
export type Tls = {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  /** Of another host at the same address, which needs no token. */
  readonly otherServername?: string
  readonly insecure: boolean
}

export type Route = {
  /** Starts with one slash; joined to the base path by exactly that slash. */
  readonly path: string
  readonly method: string
  /** The configuration names the method, so sending it has the user's word. */
  readonly methodDeclared: boolean
  readonly headers: readonly Header[]
  readonly body?: string
  readonly scope?: ScopeRule
  readonly audience?: string
  readonly accepted?: Marker
  readonly refused?: Marker
}

export type ScopeRule = { readonly rule: 'all' | 'any'; readonly scopes: readonly [string, ...string[]] }

/** How a target says yes or no where the status alone does not. All the members that are there must hold. */
export type Marker = {
  readonly status?: readonly number[]
  /** Name of a header that must be there, or name and text that its value must contain. */
  readonly header?: { readonly name: string; readonly contains?: string }
  readonly contains?: string
  readonly grpcStatus?: readonly number[]
}

export type CredentialPlace =
  | { readonly in: 'header'; readonly name: string; readonly scheme: string | null }
  | { readonly in: 'query' | 'cookie' | 'form'; readonly name: string }

export type Policy = {
  /** Good tokens use the first of each. Empty where the source of tokens decides. */
  readonly issuers: readonly string[]
  readonly audiences: readonly string[]
  readonly algorithms: readonly string[]
  readonly providers: readonly Provider[]
  readonly jwks?: string
  readonly clockSkewSeconds?: number
  readonly keySet?: { readonly maxAgeMs?: number; readonly cooldownMs?: number }
  /** Good tokens carry their scopes in the first. Never empty. */
  readonly scopeClaims: readonly [ClaimPath, ...ClaimPath[]]
  readonly requiredClaims: readonly RequiredClaim[]
  readonly forwards?: {
    readonly credential?: 'keep' | 'strip'
    /** Upstream header to claim. */
    readonly claims: Readonly<Record<string, string>>
    readonly format: 'plain' | 'base64' | 'json'
  }
  readonly dpop?: { readonly algorithms: readonly string[]; readonly nonce: 'required' | 'optional' }
  /** Policy features declared in `enforces`: name to value, or true where there is none. */
  readonly enforces: ReadonlyMap<string, string | number | true>
}

export type Provider = {
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly algorithms: readonly string[]
  readonly jwks?: string
  readonly keys?: readonly SigningKey[]
}

/** `path` has one member for a top-level claim, whatever dots or slashes its name holds. */
export type ClaimPath = { readonly path: readonly [string, ...string[]]; readonly format: 'string' | 'array' }
export type RequiredClaim = {
  readonly path: readonly [string, ...string[]]
  readonly values: readonly string[]
  readonly required: boolean
}

/** A private key of the user's, ready to sign. */
export type SigningKey = {
  readonly kid: string
  /** The JWS algorithm that the key set names, or the first of the policy that fits the key. */
  readonly alg: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export type Listen = {
  readonly host: string
  readonly port: number
  /** How the gateway sees us, where that is not `http://host:port`. */
  readonly url?: string
  readonly tls?: { readonly cert: string; readonly key: string }
}
export type Serve = {
  readonly jwks?: Listen
  readonly upstream?: Listen & { readonly idHeader: string }
  readonly listener?: Listen & { readonly reachable: boolean }
}

export type CaseSelection = {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  /** Suite files of the user's own, as absolute paths. */
  readonly files: readonly string[]
  readonly require: readonly string[]
  readonly maxInconclusive: number
  readonly maxWaitMs: number
}

export type Waiver = {
  readonly on: { readonly case: string } | { readonly topic: string }
  readonly kind: string
  readonly reason: string
  /** The last day on which it holds, YYYY-MM-DD. */
  readonly until?: string
}

export const formats = ['json', 'html', 'junit', 'sarif', 'markdown'] as const
export type Format = (typeof formats)[number]

export const failOnLevels = ['safety', 'must', 'should'] as const
export type FailOn = (typeof failOnLevels)[number]
