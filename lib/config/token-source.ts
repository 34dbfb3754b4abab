import type { KeyObject } from 'node:crypto'
import type { SigningKey, Target, Tls } from './config.ts'

/** Where good tokens come from (`tokens`). */
export type TokenSource =
  | {
      readonly kind: 'keys'
      readonly keys: readonly [SigningKey, ...SigningKey[]]
      readonly claims: Readonly<Record<string, unknown>>
      readonly header: Readonly<Record<string, unknown>>
      readonly lifetimeSeconds: number
      readonly others: OtherTokens
    }
  | { readonly kind: 'oauth2'; readonly client: OAuth2Client; readonly others: OtherTokens }
  | { readonly kind: 'token'; readonly token: string; readonly others: OtherTokens }
  | {
      readonly kind: 'command'
      readonly command: readonly [string, ...string[]]
      readonly others: OtherTokens
    }

export type TokenBinding = {
  readonly dpop: boolean
  /** PEM texts. */
  readonly certificate?: { readonly cert: string; readonly key: string }
  readonly otherCertificate?: { readonly cert: string; readonly key: string }
}

export type TokenEncryption = {
  readonly publicKey: KeyObject
  readonly kid?: string
  readonly alg: string
  readonly enc: string
}

export type OAuth2Client = {
  readonly endpoint:
    | { readonly kind: 'tokenEndpoint'; readonly url: string }
    | { readonly kind: 'issuer'; readonly url: string }
  readonly clientId: string
  readonly auth:
    | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly clientSecret: string }
    | { readonly method: 'private_key_jwt'; readonly clientKey: SigningKey }
    | { readonly method: 'tls_client_auth' }
  readonly grant:
    | { readonly type: 'client_credentials' }
    | {
        readonly type: 'jwt_assertion'
        readonly assertionKey: SigningKey
        readonly claims: Readonly<Record<string, unknown>>
      }
  readonly scope?: string
  readonly resource?: string
  readonly parameters: Readonly<Record<string, string>>
  readonly tls: Tls
  readonly proxy: Target['proxy']
}

export const otherTokenNames = [
  'second',
  'otherAudience',
  'otherScope',
  'noScope',
  'expired',
  'otherIssuer',
  'idToken',
  'revoked',
] as const
export type OtherTokenName = (typeof otherTokenNames)[number]
export type OtherToken =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'oauth2'; readonly client: OAuth2Client }
  | { readonly kind: 'command'; readonly command: readonly [string, ...string[]] }
export type OtherTokens = Readonly<Partial<Record<OtherTokenName, OtherToken>>>
