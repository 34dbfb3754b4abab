import type { KeyObject } from 'node:crypto'
import { makeCertificate } from './certificate.ts'
import type { Pair } from './keyring.ts'

/** An EC key signs otherwise each time, and all that one request says of a certificate must be about the same one. */
const made = new WeakMap<KeyObject, { readonly now: number; readonly der: Buffer }>()

/**
 * A certificate of a key by the key itself, valid for a day around `now` (seconds since the epoch), in DER. Undefined
 * where the key is neither RSA nor EC.
 */
export const selfSigned = (
  { publicKey, privateKey }: Pair,
  subject: string,
  now: number,
): Buffer | undefined => {
  const { asymmetricKeyType: type } = privateKey
  if (type !== 'rsa' && type !== 'ec') return undefined
  const known = made.get(privateKey)
  if (known?.now === now) return known.der
  const day = (offset: number) => new Date((now + offset * 86_400) * 1000)
  const der = makeCertificate({
    subject,
    publicKey,
    signWith: privateKey,
    validity: { notBefore: day(-1), notAfter: day(1) },
    ca: true,
  })
  made.set(privateKey, { now, der })
  return der
}
