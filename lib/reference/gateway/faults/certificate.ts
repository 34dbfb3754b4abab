import { X509Certificate } from 'node:crypto'
import { headerValues } from '../request.ts'
import { isObject } from '../strict-json.ts'
import { type Fault, fault } from './fault.ts'

const proxyHeaders = ['client-cert', 'x-forwarded-client-cert', 'x-ssl-client-cert', 'ssl-client-cert']

/** The certificate in what a proxy writes: PEM in percent-encoding, or base64 between colons (RFC 9440 section 2.1). */
const written = (value: string): Uint8Array | undefined => {
  const text = /Cert="([^"]*)"/.exec(value)?.[1] ?? value
  try {
    const pem = decodeURIComponent(text)
    return new X509Certificate(/^:.*:$/.test(text) ? Buffer.from(text.slice(1, -1), 'base64') : pem).raw
  } catch (error) {
    // Whatever the client sends, this fault is about what it believes.
    if (error instanceof Error) return undefined
    throw error
  }
}

/** Tokens that are bound to the client's certificate (RFC 8705 section 3). */
export const certificateFaults = {
  'certificate-optional': fault('the certificate is compared only where the client has one', (next) => ({
    checkHolder: (holding, gate, d) =>
      isBound(holding.claims.cnf) && holding.request.certificate === undefined
        ? 'proven'
        : next.checkHolder(holding, gate, d),
  })),
  'certificate-uncompared': fault('any certificate will do for a token that is bound to one', (next) => ({
    isThumbprintOf: (thumbprint, certificate) =>
      certificate !== undefined || next.isThumbprintOf(thumbprint, certificate),
  })),
  'certificate-from-header': fault(
    'the certificate is read from what the client says a proxy wrote',
    (next) => ({
      checkHolder: (holding, gate, d) => next.checkHolder(holding, { ...gate, readsCertificates: true }, d),
      certificateOf: (request) => {
        const [value] = proxyHeaders.flatMap((name) => headerValues(request, name))
        return value === undefined ? next.certificateOf(request) : written(value)
      },
    }),
  ),
} as const satisfies Readonly<Record<string, Fault>>

const isBound = (cnf: unknown): boolean => isObject(cnf) && 'x5t#S256' in cnf
