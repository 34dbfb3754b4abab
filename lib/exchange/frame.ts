import type { Header } from '../config/config.ts'
import type { ForgedRequest } from '../forge/request.ts'

/** A request as it goes on the wire. */
export type Frame = { readonly method: string; readonly bytes: Buffer }

/** Whether the header may be added: the request neither writes it itself nor does without it. */
export const lacks = (request: ForgedRequest, name: string): boolean => {
  const lower = name.toLowerCase()
  return (
    request.omits?.includes(lower) !== true && !request.headers.some(([key]) => key.toLowerCase() === lower)
  )
}

/** Exact bytes: only `Host` and `Content-Length` are added, each where the request lacks it and may have it. */
export const frameOf = (request: ForgedRequest, host: string): Frame => {
  const { method, target, version, headers, body } = request
  const added: Header[] = []
  if (lacks(request, 'host')) added.push(['Host', host])
  const length = body?.length ?? (/^(POST|PUT|PATCH)$/.test(method) ? 0 : undefined)
  if (length !== undefined && lacks(request, 'content-length') && lacks(request, 'transfer-encoding')) {
    added.push(['Content-Length', String(length)])
  }
  const lines = [...added, ...headers].map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = Buffer.from(`${method} ${target} HTTP/${version}\r\n${lines}\r\n`, 'latin1')
  return { method, bytes: body ? Buffer.concat([head, body]) : head }
}

/**
 * A request of which one length says that it ends where the next begins, and the other that the next is part of it
 * (RFC 9112 section 6.1): an empty chunked body, and a Content-Length that covers the next as well.
 */
export const framedTwice = (request: ForgedRequest, next: Frame, host: string): Frame => {
  const body = Buffer.from('0\r\n\r\n')
  const lengths: readonly Header[] = [
    ['Content-Length', String(body.length + next.bytes.length)],
    ['Transfer-Encoding', 'chunked'],
  ]
  return frameOf({ ...request, headers: [...request.headers, ...lengths], body }, host)
}
