import type { Config, Target } from '../config/config.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { lacksOverHttp2 } from './http2-fields.ts'
import { requestBytes } from './request-bytes.ts'

/** A mix that cannot be sent: the user's to mend. */
export class MixError extends Error {
  override readonly name = 'MixError'
}

/** As it goes on the wire, with the target's own headers. Throws MixError where it cannot be sent under load. */
export const loadBytes = (request: ForgedRequest, { target }: Pick<Config, 'target'>): Buffer => {
  const headers = [...target.headers, ...request.headers]
  const whole = { ...request, headers }
  const reason = lacksUnderLoad(whole, target) ?? (target.http === '2' ? lacksOverHttp2(whole) : undefined)
  if (reason !== undefined) throw new MixError(reason)
  try {
    return requestBytes(
      whole.version === '2' ? { ...whole, version: '1.1' } : whole,
      new URL(target.origin).host,
    )
  } catch (error) {
    if (error instanceof RangeError) throw new MixError(error.message)
    throw error
  }
}

/**
 * What of a request would be lost under load, where all connections are alike and any of them carries any request: sent
 * without it, the request would be another, and its verdict false.
 */
const lacksUnderLoad = (request: ForgedRequest, { http }: Pick<Target, 'http'>): string | undefined => {
  if (request.version === '2' && http !== '2')
    return 'it is a request of HTTP/2, which a load test speaks where target.http is 2, or auto finds nothing else'
  if (request.version === '1.0' && http === '2')
    return 'it is a request of HTTP/1.0, and load goes over HTTP/2 here'
  if (request.connection !== undefined || request.next !== undefined)
    return 'it is two requests that share a connection, and a load test puts any request on any connection'
  if (request.before !== undefined)
    return 'a certain request has to go before it, and a load test keeps no such order'
  if (request.servername !== undefined)
    return 'it needs a connection with another name in TLS, and those of a load test are all alike'
  if (request.certificate !== undefined)
    return 'it needs a connection with another client certificate, and those of a load test are all alike'
  if (request.over !== undefined)
    return 'it goes to where the gateway listens without TLS, and a load test goes to one address'
  return undefined
}
