import { createHash, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import type { SigningKey } from '../config/config.ts'
import { algorithmOf, freshKey, type Algorithm } from './algorithm.ts'
import type { BindingKeys } from './binding.ts'

/** A key pair that the forge signs with. */
export type Pair = { readonly kid: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject }

/** The keys of a run: the issuer's, where the user gave them, its public key, and an attacker's. */
export type Keyring = {
  /** In the order of the user's key set; empty where somebody else signs. */
  readonly issuer: readonly SigningKey[]
  /** What the gateway verifies with, where it is known. */
  readonly publicKey?: PublishedKey
  /** The DPoP keys, where good tokens are bound to one. */
  readonly binding?: BindingKeys
  readonly attacker: Attackers
}

/** A pair that was never published; the same for the same kind of key during one run. */
export type Attackers = (algorithm: Algorithm) => Pair

/** A public key as the issuer publishes it. */
export type PublishedKey = {
  readonly key: KeyObject
  readonly jwk: JsonWebKey & { readonly kid?: string; readonly alg?: string; readonly x5c?: unknown }
  /** The text of the JWK as it is served. */
  readonly served: string
}

const kinds = ['RS256', 'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'HS256'] as const

/** Makes the attacker's keys: up to half a second of work, beside which something else may be done. */
export const makeAttackers = async (): Promise<Attackers> => {
  const pairs = new Map(await Promise.all(kinds.map(attackerPair)))
  return (algorithm) => {
    const pair = pairs.get(kindOf(algorithm))
    if (pair === undefined) throw new Error(`no key pair signs ${algorithm.name}`)
    return pair
  }
}

/** Joins the attacker's keys to those of the issuer. */
export const createKeyring = async (
  issuer: readonly SigningKey[],
  { published, attackers = makeAttackers() }: KeyringParts = {},
): Promise<Keyring> => {
  const attacker = await attackers
  const own = issuer[0]
  const publicKey = published ?? (own === undefined ? undefined : publish(own))
  return {
    issuer,
    ...(publicKey === undefined ? {} : { publicKey }),
    attacker,
  }
}

type KeyringParts = {
  /** What the gateway verifies with, where that is not the issuer's first key. */
  readonly published?: PublishedKey | undefined
  /** Made here where they are left out. */
  readonly attackers?: Promise<Attackers> | undefined
}

const kindOf = (algorithm: Algorithm): string =>
  algorithm.family === 'ec' ? (algorithm.curve ?? 'ec') : algorithm.family

const attackerPair = async (name: (typeof kinds)[number]): Promise<[string, Pair]> => {
  const algorithm = algorithmOf(name)
  if (algorithm === undefined) throw new Error(`unknown algorithm ${name}`)
  return [kindOf(algorithm), { kid: 'attacker', ...(await freshKey(algorithm)) }]
}

/** A signing key of ours in the form in which it would be published. */
export const publish = (key: SigningKey): PublishedKey => {
  const jwk = { ...key.publicKey.export({ format: 'jwk' }), kid: key.kid, alg: key.alg, use: 'sig' }
  return { key: key.publicKey, jwk, served: JSON.stringify(jwk) }
}

/**
 * The key of a published set that a token's header points at: by `kid`, else the only one that fits its `alg`.
 * @returns undefined where the set has no such key or it cannot be read.
 */
export const selectPublished = (
  set: unknown,
  header: { kid?: unknown; alg?: unknown },
): PublishedKey | undefined => {
  if (typeof set !== 'object' || set === null || !('keys' in set) || !Array.isArray(set.keys))
    return undefined
  const keys = set.keys.filter(
    (key: unknown): key is JsonWebKey & { kid?: string } => typeof key === 'object' && key !== null,
  )
  const named = keys.filter((key) => header.kid === undefined || key.kid === header.kid)
  const family = algorithmOf(header.alg)?.family
  const type = family === 'rsa' ? 'RSA' : family === 'ec' ? 'EC' : family === 'okp' ? 'OKP' : undefined
  const jwk = named.find((key) => type === undefined || key.kty === type)
  if (jwk === undefined) return undefined
  try {
    return { key: createPublicKey({ key: jwk, format: 'jwk' }), jwk, served: JSON.stringify(jwk) }
  } catch {
    return undefined
  }
}

/** The JWK thumbprint, SHA-256, base64url (RFC 7638 section 3). */
export const thumbprint = (key: KeyObject): string =>
  createHash('sha256').update(canonicalJwk(key)).digest('base64url')

/** The required members alone, in lexicographic order, without white space (RFC 7638 section 3). */
export const canonicalJwk = (key: KeyObject): string => {
  const jwk = key.export({ format: 'jwk' })
  const names = requiredMembers[jwk.kty ?? ''] ?? []
  const byName: Record<string, unknown> = { ...jwk }
  return JSON.stringify(Object.fromEntries(names.map((name) => [name, byName[name]])))
}

const requiredMembers: Readonly<Record<string, readonly string[]>> = {
  RSA: ['e', 'kty', 'n'],
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  oct: ['k', 'kty'],
}
