import type { Deviation } from '../config/deviation.ts'
import type { RequestEdit } from '../config/request-edit.ts'
import type { ForgedRequest } from './request.ts'

/** What goes before it and what follows, each by the same protocol, and but for what is said of it the good request. */
export const neighboursOf = (
  { request, after, before: follows }: Deviation,
  forge: (other: Deviation) => ForgedRequest,
): Pick<ForgedRequest, 'before' | 'connection' | 'next'> => {
  const next = follows === undefined ? {} : { next: forge({ request: wayOf(request) }) }
  if (after === undefined) return next
  if (after === 'good') return { ...next, before: forge(request === undefined ? {} : { request }) }
  const { connection, ...first } = after
  const before = forge({ ...first, request: { ...wayOf(request), ...first.request } })
  return { ...next, before, connection }
}

/** What says on which connection a request travels, and to which route. */
const wayOf = ({ route, version, certificate, servername, over }: RequestEdit = {}): RequestEdit => ({
  ...(route === undefined ? {} : { route }),
  ...(version === undefined ? {} : { version }),
  ...(certificate === undefined ? {} : { certificate }),
  ...(servername === undefined ? {} : { servername }),
  ...(over === undefined ? {} : { over }),
})
