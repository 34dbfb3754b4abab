import { fetchKeySet } from '../fetch-key-set.ts'
import { isObject, parsed } from '../strict-json.ts'

/** What a gateway that follows URLs of its callers fetches; from this machine alone, or from the URL itself. */
export const fetchFromLoopback = async (url: unknown): Promise<unknown> => {
  if (typeof url !== 'string' || !URL.canParse(url)) return undefined
  const { protocol, hostname, pathname } = new URL(url)
  if (protocol === 'data:') return parsed(decodeURIComponent(pathname.replace(/^[^,]*,/, '')))
  const isNear = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  return isNear && protocol === 'http:' ? fetchKeySet(url, true) : undefined
}

/** The members of a key set, where the document is one. */
export const keysIn = (document: unknown): readonly unknown[] =>
  isObject(document) && Array.isArray(document.keys) ? document.keys : []
