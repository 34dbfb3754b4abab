import { createHash } from 'node:crypto'
import { certificatePem } from './certificate.ts'

/**
 * How proxies and gateways write a client's certificate: `der` (base64 of it, RFC 9440 section 2.1), `escaped-pem`,
 * `sha256` in hex, or the `thumbprint` that a token is bound to (RFC 8705 section 3.1).
 * @returns undefined where it is written in no such way.
 */
export const certificateText = (der: Uint8Array, form: unknown): string | undefined => {
  const hash = createHash('sha256').update(der)
  switch (form) {
    case 'der':
      return Buffer.from(der).toString('base64')
    case 'escaped-pem':
      return encodeURIComponent(certificatePem(der))
    case 'sha256':
      return hash.digest('hex')
    case 'thumbprint':
      return hash.digest('base64url')
    default:
      return undefined
  }
}
