import { X509Certificate } from 'node:crypto'
import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import { isObject, parsed } from '../strict-json.ts'

/** Is that name this machine's? Names below `localhost` are (RFC 6761 section 6.3), whether or not a resolver says so. */
export const isLoopback = (hostname: string): boolean =>
  ['127.0.0.1', '[::1]', 'localhost'].includes(hostname) || hostname.endsWith('.localhost')

/** What a gateway that follows URLs of its callers fetches; from this machine alone, or from the URL itself. */
export const fetchFromLoopback = async (text: unknown): Promise<string | undefined> => {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const { protocol, hostname, pathname } = url
  if (protocol === 'data:') return decodeURIComponent(pathname.replace(/^[^,]*,/, ''))
  if (!isLoopback(hostname) || !/^https?:$/.test(protocol)) return undefined
  if (hostname.endsWith('.localhost')) url.hostname = 'localhost'
  return fetchText(url)
}

const timeoutMs = 1000
const maxBytes = 1_000_000

const fetchText = (url: URL): Promise<string | undefined> =>
  new Promise((resolve) => {
    const receive = (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > maxBytes) response.destroy()
        else chunks.push(chunk)
      })
      response.on('end', () =>
        resolve(response.statusCode === 200 ? Buffer.concat(chunks).toString() : undefined),
      )
      response.on('error', () => undefined)
      response.on('close', () => resolve(undefined))
    }
    const get = url.protocol === 'https:' ? getHttps : getHttp
    const request = get(url, { agent: false, signal: AbortSignal.timeout(timeoutMs) }, receive)
    request.on('error', () => resolve(undefined))
  })

/** The keys in a document: those of a key set, or of certificates in PEM, in DER. */
export const keysIn = (document: string | undefined): readonly unknown[] => {
  if (document === undefined) return []
  const set = parsed(document)
  if (isObject(set)) return Array.isArray(set.keys) ? set.keys : []
  const certificates = document.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? []
  return certificates.map((pem) => new X509Certificate(pem).raw)
}
