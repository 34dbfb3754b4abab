import type { ForgedRequest } from '../forge/request.ts'
import { visible } from '../report/escape.ts'

/**
 * The request as a command that reads its token from `$TOKEN`: curl where curl can send it, else the exact bytes through
 * a socket tool. No credential stands in it.
 */
export const reproduction = (request: ForgedRequest, origin: string): string =>
  isForCurl(request) ? curlCommand(request, origin) : socketCommand(request, origin)

const isForCurl = ({ raw, headers, target, omits, version }: ForgedRequest): boolean =>
  !raw &&
  omits === undefined &&
  version === '1.1' &&
  target.startsWith('/') &&
  headers.every(
    ([name, value]) =>
      /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$|^$/.test(value),
  ) &&
  new Set(headers.map(([name]) => name.toLowerCase())).size === headers.length

const curlCommand = (request: ForgedRequest, origin: string): string => {
  const lines = [
    `curl -i --path-as-is${request.method === 'GET' ? '' : ` -X ${shell(request.method)}`}`,
    ...request.headers.map(([name, value]) => `  -H ${withToken(`${name}: ${value}`, request, shell)}`),
    ...(request.body === undefined
      ? []
      : [`  --data-binary ${withToken(Buffer.from(request.body).toString('utf8'), request, shell)}`]),
    `  ${withToken(origin + request.target, request, shell)}`,
  ]
  return lines.join(' \\\n')
}

const socketCommand = (request: ForgedRequest, origin: string): string => {
  const { hostname, port, protocol, host } = new URL(origin)
  const secure = protocol === 'https:'
  const to = `${hostname} ${port === '' ? (secure ? '443' : '80') : port}`
  const hostLine =
    request.omits?.includes('host') === true ||
    request.headers.some(([name]) => name.toLowerCase() === 'host')
      ? []
      : [`Host: ${host}`]
  const lengthLine =
    request.body === undefined ||
    request.headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name))
      ? []
      : [`Content-Length: ${request.body.length}`]
  const head = [
    `${request.method} ${request.target} HTTP/${request.version}`,
    ...hostLine,
    ...lengthLine,
    ...request.headers.map(([name, value]) => `${name}: ${value}`),
    'Connection: close',
  ]
  const text = `${head.join('\r\n')}\r\n\r\n${request.body === undefined ? '' : Buffer.from(request.body).toString('latin1')}`
  const tool = secure
    ? `openssl s_client -quiet -connect ${to.replace(' ', ':')} -servername ${hostname}`
    : `nc ${to}`
  return `printf ${withToken(text, request, printfText)} | ${tool}`
}

/** Each credential is replaced by the variable before the text is quoted. */
const withToken = (text: string, { secrets }: ForgedRequest, quoteText: (text: string) => string): string => {
  const longest = secrets
    .filter((secret) => secret !== '')
    .toSorted((one, other) => other.length - one.length)
  const pieces = longest.reduce<readonly string[]>(
    (all, secret) => all.flatMap((piece) => (piece === variable ? [piece] : interleave(piece.split(secret)))),
    [text],
  )
  return pieces
    .map((piece) => (piece === variable ? '"$TOKEN"' : piece === '' ? '' : quoteText(piece)))
    .join('')
}

const variable = '\0TOKEN\0'

const interleave = (parts: readonly string[]): readonly string[] =>
  parts.flatMap((part, index) => (index === 0 ? [part] : [variable, part]))

const shell = (text: string): string => `'${visible(text).replaceAll("'", `'\\''`)}'`

/** For printf: every byte that is not plain text as an octal escape. */
const printfText = (text: string): string =>
  `'${Array.from(Buffer.from(text, 'latin1'), (byte) => {
    if (byte === 0x0d) return '\\r'
    if (byte === 0x0a) return '\\n'
    if (byte === 0x25) return '%%'
    if (byte === 0x5c) return '\\\\'
    return byte < 0x20 || byte > 0x7e || byte === 0x27
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte)
  }).join('')}'`
