import type { Demands } from './demands.ts'
import type { Forwards } from './forward-claims.ts'
import type { Pair } from './http2-front.ts'
import type { Metadata } from './metadata.ts'
import type { Encryption } from './open-token.ts'
import type { UseRecord } from './check-use.ts'
import type { DpopOptions } from './proof-desk.ts'
import type { TrustOptions } from './trust.ts'

/** What the gateway can be set up to do that no deployment specification says. */
export type Beyond = {
  /** Tokens may be bound by DPoP. */
  readonly dpop?: DpopOptions
  /** Served by TLS with this certificate; clients may have one, to which tokens are bound (RFC 8705). PEM texts. */
  readonly clientCertificates?: { readonly cert: string; readonly key: string }
  /** Served by TLS with this certificate, over HTTP/1.1 and HTTP/2. */
  readonly secure?: Pair
  /** What it publishes of what it protects. */
  readonly metadata?: Metadata
  /** Tokens are encrypted to the gateway. */
  readonly encryption?: Encryption
  /** An unknown `kid` makes it fetch its key set, at most once in so many milliseconds. */
  readonly keySetCooldownMs?: number
  /** The issuer's metadata, which say where the key set is. */
  readonly discoveryUrl?: string
  /** Certificates, PEM, by which the key set's server may be trusted. */
  readonly keySetAuthority?: string
  /** Ids of tokens that may not be used any more, or again; the second is filled by the gateway. */
  readonly uses?: UseRecord
  /** What a backend learns of the token beside it, or instead of it. */
  readonly forwards?: Forwards
  /** What tokens must be beyond what every gateway asks. */
  readonly demands?: Demands
  /** Several issuers, and routes with an audience of their own. */
  readonly trust?: TrustOptions
  /** Paths of the routes that need all of their scopes, with the prefix. */
  readonly needsAllScopes?: readonly string[]
  /** Whoever calls it by this name has come without TLS, and is sent away: it stands for a port of its own. */
  readonly plaintextHost?: string
  /** A cookie that may hold the token, where no header does. */
  readonly cookie?: string
}
