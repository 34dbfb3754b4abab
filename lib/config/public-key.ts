import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { readKey } from './signing-key.ts'

/** The public half of a key, with only members that are known to be public. */
export type PublicJwk = JsonWebKey & { readonly kid?: string; readonly alg?: string; readonly use: 'sig' }

/** What names a key: its id, and the JWS algorithm that it is for. */
type Names = { readonly kid?: string | undefined; readonly alg?: string | undefined }

/** The public half of a JWK, whatever else stands in it; undefined where it is no RSA, EC or OKP key, or is for encryption. */
export const publicJwk = (value: unknown): PublicJwk | undefined => {
  if (!isJwk(value) || value.use === 'enc') return undefined
  const key = readKey(() => createPublicKey({ key: value, format: 'jwk' }))
  return key && named(key, { kid: textOf(value.kid), alg: textOf(value.alg) })
}

/** The public key in a PEM text: a public key or a certificate, and of a private key its public half. */
export const publicJwkOfPem = (pem: string, names: Names): PublicJwk | undefined => {
  const key = readKey(() => createPublicKey(pem))
  return key && named(key, names)
}

/** The entries of a JWK Set, or the one JWK, in a parsed JSON value; undefined where it is neither. */
export const jwkEntries = (value: unknown): readonly unknown[] | undefined => {
  if (typeof value === 'object' && value !== null && 'keys' in value && isList(value.keys)) return value.keys
  return isJwk(value) ? [value] : undefined
}

const named = (key: KeyObject, { kid, alg }: Names): PublicJwk => ({
  ...key.export({ format: 'jwk' }),
  ...(kid !== undefined && { kid }),
  ...(alg !== undefined && { alg }),
  use: 'sig',
})

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)

const isJwk = (value: unknown): value is JsonWebKey =>
  typeof value === 'object' && value !== null && 'kty' in value && typeof value.kty === 'string'

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
