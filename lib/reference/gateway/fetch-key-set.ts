import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import type { Fetched, FetchKeys, FetchManner } from './key-source.ts'
import { parsed } from './strict-json.ts'

/** Fetches a key set by GET, in bounded time and size. */
export const fetchKeySet: FetchKeys = (uri, manner) => follow(uri, manner, manner.followsRedirects ? 5 : 0)

const follow = (uri: string, manner: FetchManner, redirects: number): Promise<Fetched | undefined> =>
  new Promise((resolve) => {
    const { timeoutMs, verifiesTls: rejectUnauthorized, etag, authority } = manner
    const signal = Number.isFinite(timeoutMs) ? { signal: AbortSignal.timeout(timeoutMs) } : {}
    const headers = { accept: 'application/json', ...(etag === undefined ? {} : { 'if-none-match': etag }) }
    const options = { agent: false, headers, ...signal } as const
    const receive = (response: IncomingMessage) => {
      const {
        statusCode,
        headers: { location },
      } = response
      if (location !== undefined && statusCode === 302 && redirects > 0) {
        response.destroy()
        resolve(follow(new URL(location, uri).href, manner, redirects - 1))
      } else if (statusCode === 304) {
        response.resume()
        resolve({ document: undefined, unchanged: true })
      } else if (statusCode !== 200) {
        response.destroy()
        resolve(undefined)
      } else read(response, manner, resolve)
    }
    const request = uri.startsWith('https:')
      ? getHttps(
          uri,
          { ...options, rejectUnauthorized, ...(authority === undefined ? {} : { ca: authority }) },
          receive,
        )
      : getHttp(uri, options, receive)
    request.on('error', () => resolve(undefined))
  })

const read = (
  response: IncomingMessage,
  { mostBytes }: FetchManner,
  resolve: (fetched: Fetched | undefined) => void,
): void => {
  const chunks: Buffer[] = []
  let bytes = 0
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > mostBytes) response.destroy()
    else chunks.push(chunk)
  })
  response.on('end', () => {
    const { etag } = response.headers
    const document = parsed(Buffer.concat(chunks).toString())
    resolve({ document, ...(etag === undefined ? {} : { etag }) })
  })
  response.on('error', () => resolve(undefined))
  response.on('close', () => resolve(undefined))
}
