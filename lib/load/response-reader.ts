import type { AnswerHead } from './engine.ts'

type Stage =
  | 'head'
  | 'sized'
  | 'chunk-size'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailers'
  | 'until-end'
  | 'done'
  | 'malformed'

const longestHead = 64 * 1024
const longestLine = 8 * 1024
const nothing: Buffer = Buffer.alloc(0)

/** Reads one HTTP/1.1 response strictly (RFC 9112 sections 4 to 7), and notices a byte too many. */
export class ResponseReader {
  readonly #bodyBytes: number
  #stage: Stage = 'head'
  #rest: Buffer = nothing
  #left = 0
  #status = 0
  #headers: readonly string[] = []
  #body: Buffer = nothing
  #keepAlive = false

  constructor(bodyBytes: number) {
    this.#bodyBytes = bodyBytes
  }

  /** `more` where the response isn't complete yet. */
  push(chunk: Buffer): 'more' | 'done' | 'malformed' {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (this.#step());
    if (this.#stage === 'done' && this.#rest.length > 0) this.#stage = 'malformed'
    return this.#stage === 'done' || this.#stage === 'malformed' ? this.#stage : 'more'
  }

  /** Whether the end of the connection completes the response (RFC 9112 section 6.3). */
  end(): boolean {
    if (this.#stage === 'until-end') this.#stage = 'done'
    return this.#stage === 'done'
  }

  get answer(): AnswerHead {
    return { status: this.#status, headers: this.#headers, body: this.#body }
  }

  /** May the connection be used for another request? */
  get keepAlive(): boolean {
    return this.#keepAlive
  }

  /** Whether there was something to read. */
  #step(): boolean {
    switch (this.#stage) {
      case 'head':
        return this.#readHead()
      case 'sized':
        return this.#readData('done')
      case 'chunk-size':
        return this.#readLine((line) => this.#readChunkSize(line))
      case 'chunk-data':
        return this.#readData('chunk-end')
      case 'chunk-end':
        return this.#readLine((line) => (line === '' ? 'chunk-size' : 'malformed'))
      case 'trailers':
        return this.#readLine((line) => (line === '' ? 'done' : 'trailers'))
      case 'until-end':
        this.#take(this.#rest.length)
        return false
      case 'done':
      case 'malformed':
        return false
    }
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf('\r\n\r\n')
    if (end < 0) {
      if (this.#rest.length > longestHead) this.#stage = 'malformed'
      return false
    }
    const [statusLine = '', ...lines] = this.#rest.toString('latin1', 0, end).split('\r\n')
    this.#rest = this.#rest.subarray(end + 4)
    const status = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(statusLine)
    const fields = lines.map((line) => /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line))
    this.#stage = 'malformed'
    if (status === null || fields.includes(null)) return false
    this.#status = Number(status[2])
    this.#headers = fields.flatMap((field) => [field?.[1] ?? '', field?.[2] ?? ''])
    this.#frame(status[1] === '1')
    return true
  }

  #frame(persistent: boolean): void {
    const lengths = new Set(this.#values('content-length'))
    const codings = this.#values('transfer-encoding')
    const [length = ''] = lengths
    this.#keepAlive = persistent && !this.#values('connection').includes('close')
    if (this.#status < 200 && this.#status !== 101) this.#stage = 'head'
    else if (this.#status === 101 || this.#status === 204 || this.#status === 304) this.#stage = 'done'
    else if (codings.length > 0)
      this.#stage =
        codings.length === 1 && codings[0] === 'chunked' && lengths.size === 0 ? 'chunk-size' : 'malformed'
    else if (lengths.size > 0) {
      this.#left = Number(length)
      this.#stage =
        lengths.size > 1 || !/^\d{1,15}$/.test(length) ? 'malformed' : this.#left === 0 ? 'done' : 'sized'
    } else {
      this.#keepAlive = false
      this.#stage = 'until-end'
    }
  }

  /** The list members, in lower case, of all fields of that name. */
  #values(name: string): string[] {
    return this.#headers.flatMap((text, at) =>
      at % 2 === 0 && text.toLowerCase() === name
        ? (this.#headers[at + 1] ?? '').split(',').map((member) => member.trim().toLowerCase())
        : [],
    )
  }

  #readChunkSize(line: string): Stage {
    const size = /^[0-9a-f]{1,8}(?=[ \t;]|$)/i.exec(line)?.[0]
    if (size === undefined) return 'malformed'
    this.#left = Number.parseInt(size, 16)
    return this.#left === 0 ? 'trailers' : 'chunk-data'
  }

  #readLine(read: (line: string) => Stage): boolean {
    const end = this.#rest.indexOf('\r\n')
    if (end < 0) {
      if (this.#rest.length > longestLine) this.#stage = 'malformed'
      return false
    }
    const line = this.#rest.toString('latin1', 0, end)
    this.#rest = this.#rest.subarray(end + 2)
    this.#stage = read(line)
    return true
  }

  #readData(next: Stage): boolean {
    if (this.#rest.length === 0) return false
    this.#left -= this.#take(Math.min(this.#left, this.#rest.length))
    if (this.#left === 0) this.#stage = next
    return this.#left === 0
  }

  #take(bytes: number): number {
    const room = this.#bodyBytes - this.#body.length
    if (room > 0) this.#body = Buffer.concat([this.#body, this.#rest.subarray(0, Math.min(bytes, room))])
    this.#rest = this.#rest.subarray(bytes)
    return bytes
  }
}
