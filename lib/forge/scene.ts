import type { Policy } from '../config/config.ts'
import type { TokenEncryption } from '../config/token-source.ts'
import type { Algorithm } from './algorithm.ts'
import type { Keyring } from './keyring.ts'
import type { GoodProof } from './proof-value.ts'
import type { PublishedName } from './published-key.ts'

/** What a value may depend on: the target, its policy and clock, and the good token that the case departs from. */
export type Scene = {
  /** The target's clock: seconds since the epoch (NumericDate, RFC 7519 section 2). */
  readonly now: number
  /** How far from an edge of a token's time a case must stay, in seconds; 5 where it is left out. */
  readonly marginSeconds?: number
  readonly policy: Policy
  readonly target: {
    readonly origin: string
    readonly host: string
    readonly url: string
    readonly protectedPath: string
    readonly publicPath?: string
  }
  /** What the scoped route asks for, where there is one. */
  readonly scope?: string
  readonly good: {
    readonly header: Members
    readonly claims: Members
    readonly algorithm: Algorithm
    readonly jws?: string
  }
  readonly keyring: Keyring
  /** The client certificate that good tokens are bound to, in DER. */
  readonly certificate?: Buffer
  /** What the gateway decrypts, where it does. */
  readonly encryption?: TokenEncryption
  /** Where the gateway would find what we serve: base URLs without a slash at the end. */
  readonly served?: { readonly listener?: string; readonly keySet?: string; readonly upstream?: string }
  /** The request's own name at the listener, the first step of every path there. */
  readonly mark?: string
  /** How long a sleep in the request is, in seconds; the shorter of the two where it is left out. */
  readonly delaySeconds?: number
  /** A genuine token of that name. */
  readonly genuine?: (name: string) => string
  /** The keys that the steps of a case have published. */
  readonly published?: ReadonlyMap<string, PublishedName>
  /** The nonce for DPoP proofs that the target gave last (RFC 9449 section 8). */
  readonly nonce?: string
  /** Within a DPoP proof: the good one that it departs from. */
  readonly proof?: GoodProof
  /** What some of the target's routes ask for. */
  readonly routes?: {
    readonly needsAll?: readonly string[]
    readonly audience?: string
    readonly otherAudience?: string
  }
  readonly random: (bytes: number) => Buffer
}

export type Members = Readonly<Record<string, unknown>>

/** A value of a suite that cannot be made for this target: a suite's mistake, or something that the target does not have. */
export class ValueError extends Error {
  override readonly name = 'ValueError'
}
