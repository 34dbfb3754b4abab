import { isIP } from 'node:net'
import type { ForgedRequest } from '../forge/request.ts'
import { partAtCredentials, type Credential } from './credentials.ts'
import { bodyText, headLines } from './wire-text.ts'

/**
 * The request as a command that reads its credentials from variables: curl where curl can send it, else the exact bytes
 * through a socket tool. No credential stands in it.
 */
export const reproduction = (
  request: ForgedRequest,
  origin: string,
  credentials: readonly Credential[],
): string =>
  isForCurl(request) ? curlCommand(request, origin, credentials) : socketCommand(request, origin, credentials)

const isForCurl = ({ raw, headers, target, omits, version, body }: ForgedRequest): boolean =>
  !raw &&
  omits === undefined &&
  version === '1.1' &&
  /^\/[\x21-\x7e]*$/.test(target) &&
  (body === undefined || isPlain(Buffer.from(body).toString('latin1'))) &&
  headers.every(
    ([name, value]) =>
      /^[\w!#$%&'*+.^`|~-]+$/.test(name) && /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(value),
  ) &&
  // Where the framing is the request's own, curl would have its say in it.
  !headers.some(([name]) => /^(transfer-encoding|trailer|content-length)$/i.test(name)) &&
  new Set(headers.map(([name]) => name.toLowerCase())).size === headers.length

const isPlain = (text: string): boolean => /^[\x20-\x7e\r\n\t]*$/.test(text)

const curlCommand = (request: ForgedRequest, origin: string, credentials: readonly Credential[]): string => {
  const { headers } = request
  const quoted = (text: string): string => quote(text, credentials)
  const unwanted =
    request.body !== undefined && !headers.some(([name]) => name.toLowerCase() === 'content-type')
      ? ["  -H 'Content-Type:'"]
      : []
  const lines = [
    `curl -i --path-as-is -g${methodOption(request)}`,
    ...headers.map(([name, value]) => `  -H ${quoted(`${name}: ${value}`)}`),
    ...unwanted,
    ...(request.body === undefined ? [] : [`  --data-binary ${quoted(bodyText(request))}`]),
    `  ${quoted(origin + request.target)}`,
  ]
  return lines.join(' \\\n')
}

/** With `-X HEAD` curl would wait for a body that never comes. */
const methodOption = ({ method, body }: ForgedRequest): string => {
  if (method === 'HEAD') return ' -I'
  return method === (body === undefined ? 'GET' : 'POST') ? '' : ` -X ${singleQuoted(method)}`
}

const quote = (text: string, credentials: readonly Credential[]): string =>
  partAtCredentials(text, credentials)
    .map((piece) => (piece.kind === 'variable' ? `"$${piece.name}"` : singleQuoted(piece.text)))
    .join('')

const singleQuoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const socketCommand = (
  request: ForgedRequest,
  origin: string,
  credentials: readonly Credential[],
): string => {
  const head = [...headLines(request, origin), 'Connection: close']
  const pieces = partAtCredentials(`${head.join('\r\n')}\r\n\r\n${bodyText(request)}`, credentials)
  const format = pieces.map((piece) => (piece.kind === 'variable' ? '%s' : printfText(piece.text))).join('')
  const values = pieces.flatMap((piece) => (piece.kind === 'variable' ? [` "$${piece.name}"`] : []))
  return `printf '${format}'${values.join('')} |\n  ${socketTool(origin)}`
}

const socketTool = (origin: string): string => {
  const { hostname, port, protocol } = new URL(origin)
  const isSecure = protocol === 'https:'
  const name = hostname.replace(/^\[|\]$/g, '')
  const number = port === '' ? (isSecure ? '443' : '80') : port
  if (!isSecure) return `nc ${name} ${number}`
  const server = isIP(name) === 0 ? `-servername ${name}` : '-noservername'
  return `openssl s_client -quiet -connect ${hostname}:${number} ${server}`
}

/** For printf's format: every byte that is not plain text as an octal escape, which takes no more than three digits. */
const printfText = (text: string): string =>
  Array.from(Buffer.from(text, 'latin1'), (byte) => {
    if (byte === 0x0d) return '\\r'
    if (byte === 0x0a) return '\\n'
    if (byte === 0x25) return '%%'
    if (byte === 0x5c) return '\\\\'
    return byte < 0x20 || byte > 0x7e || byte === 0x27
      ? `\\${byte.toString(8).padStart(3, '0')}`
      : String.fromCharCode(byte)
  }).join('')
