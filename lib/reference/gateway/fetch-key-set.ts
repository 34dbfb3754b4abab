import { get as getHttp, type IncomingMessage } from 'node:http'
import { get as getHttps } from 'node:https'
import type { FetchKeys } from './key-source.ts'
import { parsed } from './strict-json.ts'

const timeoutMs = 5000
const maxBytes = 1_000_000

/** Fetches a key set by GET, in bounded time and size; a redirect is not followed. */
export const fetchKeySet: FetchKeys = (uri, verifiesTls) =>
  new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const options = { agent: false, signal, headers: { accept: 'application/json' } } as const
    const receive = (response: IncomingMessage) => {
      if (response.statusCode !== 200) {
        response.destroy()
        resolve(undefined)
        return
      }
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > maxBytes) response.destroy()
        else chunks.push(chunk)
      })
      response.on('end', () => resolve(parsed(Buffer.concat(chunks).toString())))
      response.on('error', () => resolve(undefined))
      response.on('close', () => resolve(undefined))
    }
    const request = uri.startsWith('https:')
      ? getHttps(uri, { ...options, rejectUnauthorized: verifiesTls }, receive)
      : getHttp(uri, options, receive)
    request.on('error', () => resolve(undefined))
  })
