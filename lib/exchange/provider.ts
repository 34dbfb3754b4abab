import { Agent, EnvHttpProxyAgent, ProxyAgent, request, type Dispatcher } from 'undici'
import type { Target, Tls } from '../config/config.ts'

/** How an identity provider is reached: by settings of its own, never by those of the target. */
export type ProviderRoute = { readonly tls: Tls; readonly proxy: Target['proxy']; readonly timeoutMs: number }

export type ProviderAnswer = {
  readonly status: number
  readonly text: string
  /** The nonce that the next DPoP proof is to have (RFC 9449 section 8). */
  readonly nonce?: string
}

/** An identity provider could not be reached, or did not give what was asked for. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
}

/** More than any token, key set or discovery document has. */
const mostBytes = 1 << 20

/** One request to an identity provider; redirects are not followed. Throws ProviderError where no answer comes. */
export const askProvider = async (
  url: string,
  options: {
    readonly method: 'GET' | 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  },
  route: ProviderRoute,
): Promise<ProviderAnswer> => {
  const dispatcher = dispatcherFor(route)
  try {
    const { statusCode, headers, body } = await request(url, {
      ...options,
      dispatcher,
      signal: AbortSignal.timeout(route.timeoutMs),
    })
    let text = ''
    const decoder = new TextDecoder()
    for await (const piece of body) {
      text += decoder.decode(bytesOf(piece), { stream: true })
      if (text.length > mostBytes) throw new ProviderError(`${hostOf(url)} sent more than ${mostBytes} bytes`)
    }
    const nonce = headers['dpop-nonce']
    return { status: statusCode, text, ...(typeof nonce === 'string' ? { nonce } : {}) }
  } catch (error) {
    if (error instanceof ProviderError) throw error
    throw new ProviderError(`${hostOf(url)} did not answer: ${reasonOf(error)}`)
  } finally {
    await dispatcher.destroy()
  }
}

const bytesOf = (piece: unknown): Uint8Array =>
  piece instanceof Uint8Array ? piece : Buffer.from(String(piece))

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return 'it took too long'
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return error.message === '' ? code : error.message
}

const dispatcherFor = ({ tls, proxy }: ProviderRoute): Dispatcher => {
  const connect = {
    rejectUnauthorized: !tls.insecure,
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
    ...(tls.servername === undefined ? {} : { servername: tls.servername }),
  }
  switch (proxy.kind) {
    case 'none':
      return new Agent({ connect })
    case 'url':
      return new ProxyAgent({ uri: proxy.url, requestTls: connect })
    case 'environment':
      return new EnvHttpProxyAgent({ connect, requestTls: connect })
  }
}
