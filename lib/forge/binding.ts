import { createHash, X509Certificate } from 'node:crypto'
import type { Config } from '../config/config.ts'
import { algorithmOf, freshKey, type Algorithm } from './algorithm.ts'
import { thumbprint, type Pair } from './keyring.ts'
import type { Members } from './scene.ts'

/** The DPoP keys of a run: that which good tokens are bound to, and another of the same kind. */
export type BindingKeys = { readonly own: Pair; readonly other: Pair; readonly algorithm: Algorithm }

/** Makes the DPoP keys of a run. Throws where the forge does not know the algorithm. */
export const createBindingKeys = async (name: string): Promise<BindingKeys> => {
  const algorithm = algorithmOf(name)
  if (algorithm === undefined) throw new Error(`the forge has no algorithm ${name} for DPoP proofs`)
  const [own, other] = await Promise.all([freshKey(algorithm), freshKey(algorithm)])
  return { own: { kid: 'binding', ...own }, other: { kid: 'other-binding', ...other }, algorithm }
}

/**
 * The `cnf` claim of good tokens (RFC 7800 section 3.1): the thumbprint of the DPoP key (RFC 9449 section 6.1) and of
 * the client certificate (RFC 8705 section 3.1). Undefined where nothing binds them.
 */
export const confirmationOf = (
  binding: Config['binding'],
  keys: BindingKeys | undefined,
): Members | undefined => {
  const members = {
    ...(keys === undefined ? {} : { jkt: thumbprint(keys.own.publicKey) }),
    ...(binding?.certificate === undefined
      ? {}
      : { 'x5t#S256': certificateThumbprint(new X509Certificate(binding.certificate.cert).raw) }),
  }
  return Object.keys(members).length === 0 ? undefined : members
}

/** SHA-256 over the DER certificate, base64url (RFC 8705 section 3.1). */
export const certificateThumbprint = (der: Uint8Array): string =>
  createHash('sha256').update(der).digest('base64url')
