import type { OutgoingHttpHeaders } from 'node:http2'
import type { ForgedRequest } from '../forge/request.ts'

/** A request as the fields of a stream and what follows them. */
export type StreamRequest = { readonly fields: OutgoingHttpHeaders; readonly body: Uint8Array | undefined }

/** RFC 9113 section 8.2.2: what belongs to an HTTP/1.1 connection has no place here. */
const connectionFields = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'te',
]

/** Why a request cannot be sent over HTTP/2 as it is; undefined where it can. */
export const lacksOverHttp2 = (request: ForgedRequest): string | undefined => {
  const names = request.headers.map(([name]) => name.toLowerCase())
  const foreign = names.find((name) => connectionFields.includes(name))
  if (foreign !== undefined) return `HTTP/2 has no ${foreign} header`
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined)
    return `it has several ${twice} headers, which the library for HTTP/2 would merge or refuse`
  if (names.includes('host')) return 'its Host header is another than the one of the target'
  if (names.some((name) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name))) return 'the name of a header is none'
  if (request.headers.some(([, value]) => !/^(?![ \t])[\t\x20-\x7e\x80-\xff]*(?<![ \t])$/.test(value)))
    return 'the value of a header is one that HTTP/2 does not take'
  if (!request.target.startsWith('/')) return 'its path does not begin with a slash'
  if (request.omits?.includes('host') === true) return 'HTTP/2 has no request without :authority'
  return undefined
}

/**
 * Reads a request off the bytes that it has in HTTP/1.1, which a pool holds. Exact, as `lacksOverHttp2` keeps away what
 * would not be.
 */
export const streamRequest = (bytes: Uint8Array, scheme: 'http' | 'https'): StreamRequest => {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = whole.indexOf('\r\n\r\n')
  const [first = '', ...lines] = whole.toString('latin1', 0, end).split('\r\n')
  const [method = '', path = ''] = first.split(' ')
  const fields: OutgoingHttpHeaders = { ':method': method, ':path': path, ':scheme': scheme }
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    fields[name === 'host' ? ':authority' : name] = line.slice(colon + 2)
  }
  const body = whole.subarray(end + 4)
  return { fields, body: body.length === 0 ? undefined : body }
}
