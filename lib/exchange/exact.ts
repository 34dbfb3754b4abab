import type { ForgedRequest } from '../forge/request.ts'

/** Whether an ordinary client would refuse the request, or write it otherwise than it stands. */
export const needsSocket = (request: ForgedRequest): boolean =>
  request.raw ||
  request.version !== '1.1' ||
  request.omits?.some((name) => addedByClient.has(name)) === true ||
  !isOrdinaryMethod(request) ||
  !isOrdinaryTarget(request.target) ||
  hasOddHeaders(request.headers) ||
  (request.body !== undefined && request.body.length > mostBodyBytes)

/** Beyond it an answer may come while the body is still being written. */
const mostBodyBytes = 64 * 1024

const addedByClient = new Set(['host', 'connection', 'content-length'])

const isOrdinaryMethod = ({ method, body }: ForgedRequest): boolean =>
  body === undefined
    ? /^(GET|HEAD|OPTIONS|DELETE|POST|PUT|PATCH)$/.test(method)
    : body.length > 0 && /^(POST|PUT|PATCH|DELETE)$/.test(method)

/** Origin-form that no normaliser would touch (RFC 3986 section 6.2.2). */
const isOrdinaryTarget = (target: string): boolean => {
  const path = target.split('?', 1)[0] ?? target
  return (
    /^\/[!$-~]*$/.test(target) &&
    !/[#\\<>^`{|}"]/.test(target) &&
    !/\/\/|\/\.{1,2}(\/|$)|%2e|%2f|%5c|%00/i.test(path)
  )
}

const hasOddHeaders = (headers: ForgedRequest['headers']): boolean => {
  const names = headers.map(([name]) => name.toLowerCase())
  return (
    new Set(names).size < names.length ||
    names.some((name) => !/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(name) || oddNames.has(name)) ||
    headers.some(([, value]) => !/^(?:[!-~](?:[ -~]*[!-~])?)?$/.test(value))
  )
}

/** The client writes these itself, refuses them, or takes its meaning from them. */
const oddNames = new Set([
  'host',
  'content-length',
  'transfer-encoding',
  'connection',
  'expect',
  'upgrade',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
])
