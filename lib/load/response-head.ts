/** How the body of a response ends (RFC 9112 section 6.3). */
export type Framing = 'none' | 'sized' | 'chunked' | 'until-end'

/** The status line and header section of a response. */
export type ResponseHead = {
  readonly status: number
  /** Names and values in turn, as they came. */
  readonly headers: readonly string[]
  readonly framing: Framing
  /** Of a sized body, in bytes. */
  readonly length: number
  /** Does it leave the connection open, as far as the header section says? */
  readonly persistent: boolean
}

/** Comes before the answer proper (RFC 9110 section 15.2); after 101 the connection speaks another protocol. */
export const isInterim = ({ status }: ResponseHead): boolean => status < 200 && status !== 101

/**
 * Reads a head, without the empty line that ends it. Undefined where it is malformed, or where its body could be framed
 * in two ways, which is how one answer is smuggled in behind another (RFC 9112 section 6.3).
 */
export const parseHead = (text: string): ResponseHead | undefined => {
  const [statusLine = '', ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\0\r\n]*)?$/.exec(statusLine)
  if (status === null) return undefined
  const headers: string[] = []
  for (const line of lines) if (!readField(line, headers)) return undefined
  return frame(Number(status[2]), status[1] === '1', headers)
}

/** No regular expression looks for the value's end: one that does takes quadratic time over a run of spaces. */
const readField = (line: string, headers: string[]): boolean => {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon)
  if (colon < 1 || !/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || /[\0\r\n]/.test(line)) return false
  let from = colon + 1
  let to = line.length
  while (from < to && isBlank(line.charCodeAt(from))) from++
  while (to > from && isBlank(line.charCodeAt(to - 1))) to--
  headers.push(name, line.slice(from, to))
  return true
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09

const frame = (
  status: number,
  isPersistent: boolean,
  headers: readonly string[],
): ResponseHead | undefined => {
  const lengths = new Set(membersOf('content-length', headers))
  const codings = membersOf('transfer-encoding', headers)
  const [length = ''] = lengths
  const persistent = isPersistent && status !== 101 && !membersOf('connection', headers).includes('close')
  const head = { status, headers, length: 0, persistent }
  if (status < 200 || status === 204 || status === 304) return { ...head, framing: 'none' }
  if (codings.length > 0)
    return codings.length === 1 && codings[0] === 'chunked' && lengths.size === 0
      ? { ...head, framing: 'chunked' }
      : undefined
  if (lengths.size === 0) return { ...head, framing: 'until-end' }
  return lengths.size === 1 && /^\d{1,15}$/.test(length)
    ? { ...head, framing: 'sized', length: Number(length) }
    : undefined
}

/** The list members, in lower case, of all fields of that name. */
const membersOf = (name: string, headers: readonly string[]): string[] =>
  headers.flatMap((text, at) =>
    at % 2 === 0 && text.length === name.length && text.toLowerCase() === name
      ? (headers[at + 1] ?? '').split(',').map((member) => member.trim().toLowerCase())
      : [],
  )

/** So many heads are remembered: a gateway that writes something else into each must not fill our memory. */
const mostRemembered = 200

/** Like {@link parseHead}, but remembers what it has read, since most answers of a gateway begin with the same bytes. */
export const createHeadReader = (): ((text: string) => ResponseHead | undefined) => {
  const known = new Map<string, ResponseHead>()
  return (text) => {
    const before = known.get(text)
    if (before !== undefined) return before
    const head = parseHead(text)
    if (known.size === mostRemembered) known.clear()
    if (head !== undefined) known.set(text, head)
    return head
  }
}
