import type { ForgedRequest } from '../forge/request.ts'

/**
 * The bytes of a request (RFC 9112 section 3), with `Host` and `Content-Length` added where the request lacks them and
 * may have them.
 *
 * Throws a RangeError that says why a request cannot be sent under load: a connection that carries one request after the
 * other needs requests that are well-formed, and answers that can be framed without knowing the method.
 */
export const requestBytes = (request: ForgedRequest, host: string): Buffer => {
  const { method, version, headers, body } = request
  if (method === 'HEAD' || method === 'CONNECT') throw new RangeError(`${method} cannot be used under load`)
  if (request.raw) throw new RangeError('a request that is written byte by byte cannot be used under load')
  const lines = [
    `${method} ${request.target} HTTP/${version}`,
    ...(isOurs(request, 'host') ? [`Host: ${host}`] : []),
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...(body !== undefined && isOurs(request, 'content-length') && isOurs(request, 'transfer-encoding')
      ? [`Content-Length: ${body.length}`]
      : []),
  ]
  if (lines.some((line) => /[\r\n]/.test(line)))
    throw new RangeError('a request with a line break in a header cannot be used under load')
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  return body === undefined ? head : Buffer.concat([head, body])
}

/** Whether the request neither has the header nor does without it. */
const isOurs = ({ headers, omits = [] }: ForgedRequest, name: string): boolean =>
  !omits.includes(name) && !headers.some(([each]) => each.toLowerCase() === name)
