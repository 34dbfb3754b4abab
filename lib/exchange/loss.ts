import { TimedOut } from './deadline.ts'
import type { Loss } from './answer.ts'

/** No connection came about: nothing of a request was sent. */
export class DialError extends Error {
  readonly loss: 'unreachable' | 'tls'
  constructor(loss: 'unreachable' | 'tls', detail: string) {
    super(detail)
    this.loss = loss
  }
}

export type Reason = { readonly loss: Loss; readonly detail: string }

/** What a failure after dialling means, said without anything that came from the wire; undefined: not a known failure. */
export const lossOf = (error: unknown, address: string): Reason | undefined => {
  if (error instanceof DialError) return { loss: error.loss, detail: error.message }
  if (error instanceof TimedOut) return { loss: 'timeout', detail: `${error.message} from ${address}` }
  const code = codeOf(error)
  if (!(error instanceof Error) || code === undefined) return undefined
  if (isTlsCode(code)) return { loss: 'tls', detail: tlsDetail(error, address) }
  return 'syscall' in error || code === 'ECONNRESET' || code.startsWith('ERR_HTTP2_')
    ? { loss: 'reset', detail: systemDetail(error, address) }
    : undefined
}

/** The code that Node.js, OpenSSL or the client gave an error. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** Such as `connect ECONNREFUSED 127.0.0.1:9`: the call, the code, the address. */
export const systemDetail = (error: Error, address: string): string => {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error
  const syscall = first instanceof Error && 'syscall' in first ? `${String(first.syscall)} ` : ''
  return `${syscall}${codeOf(first) ?? codeOf(error) ?? 'failed'} ${address}`
}

/** Certificate and handshake trouble, with what the user can set. */
export const tlsDetail = (error: Error, address: string): string => {
  const code = codeOf(error) ?? 'the handshake failed'
  const advice = tlsAdvice.find(([pattern]) => pattern.test(code))?.[1]
  return `TLS with ${address}: ${code}${advice === undefined ? '' : `; ${advice}`}`
}

const tlsAdvice: readonly (readonly [RegExp, string])[] = [
  [/SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/, 'the issuer is not trusted: set target.tls.ca'],
  [/ALTNAME/, 'the certificate is for another name: set target.tls.servername'],
  [/HAS_EXPIRED|NOT_YET_VALID/, 'the certificate is out of date: renew it, or set target.tls.insecure'],
  [
    /CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA/,
    'is target.tls.cert and key missing or refused?',
  ],
  [/WRONG_VERSION_NUMBER|PACKET_LENGTH/, 'this port does not speak TLS: should target.url be http?'],
  [/NO_APPLICATION_PROTOCOL/, 'the protocol is not offered: see target.http'],
]

export const isTlsCode = (code: string): boolean =>
  /^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_)/.test(code)
