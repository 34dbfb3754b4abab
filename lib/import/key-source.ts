import { jwkEntries, publicJwk, publicJwkOfPem, type PublicJwk } from '../config/public-key.ts'
import type { FoundProvider } from './found.ts'
import { parseJson } from './json.ts'
import type { Node } from './node.ts'

/** A JWK Set as a configuration embeds it: a map, or a text of JSON. Keys that are no public keys are told. */
export const inlineKeys = (node: Node): FoundProvider['keys'] => {
  const value = typeof node.value === 'string' ? parseJson(node.value) : node.value
  const entries = jwkEntries(value)
  if (entries === undefined) {
    node.tell('holds no JWK Set', 'a JWK Set looks like {"keys":[{"kty":"RSA", "kid": …, "n": …, "e": …}]}')
    return undefined
  }
  return { kind: 'inline', keys: entries.flatMap((entry) => publicJwk(entry) ?? []) }
}

/** The public key in a PEM text, and none where it can't be read, which is told. */
export const pemKeys = (
  node: Node,
  names: { readonly kid?: string | undefined; readonly alg?: string | undefined },
): readonly PublicJwk[] => {
  const pem = node.text()
  if (pem === undefined) return []
  const key = publicJwkOfPem(pem.trim().replace(/\n[ \t]+/g, '\n'), names)
  if (key === undefined) node.tell('is no public key in PEM')
  return key === undefined ? [] : [key]
}

const families: Readonly<Record<string, readonly string[]>> = {
  RSA: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  'P-256': ['ES256'],
  'P-384': ['ES384'],
  'P-521': ['ES512'],
  Ed25519: ['EdDSA'],
}

/** The algorithms that keys are for: the one that each names, or the family of those that fit it. */
export const algorithmsFor = (keys: readonly PublicJwk[]): readonly string[] => [
  ...new Set(
    keys.flatMap(({ kty, crv, alg }) => (alg === undefined ? (families[crv ?? kty ?? ''] ?? []) : [alg])),
  ),
]
