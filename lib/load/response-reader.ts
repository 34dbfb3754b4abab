import type { AnswerHead } from './engine.ts'
import { isInterim, parseHead, type ResponseHead } from './response-head.ts'

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

/** `surplus`: complete, and followed by bytes that nobody asked for. */
export type Progress = 'more' | 'done' | 'surplus' | 'malformed'

const longestHead = 64 * 1024
const longestLine = 8 * 1024
const nothing: Buffer = Buffer.alloc(0)
const headEnd = Buffer.from('\r\n\r\n')
const noHead: ResponseHead = { status: 0, headers: [], framing: 'none', length: 0, persistent: false }

/**
 * Reads one HTTP/1.1 response after the other strictly (RFC 9112 sections 4 to 7), holds no more of one than asked, and
 * notices a byte too many. What it is given may be written over afterwards.
 */
export class ResponseReader {
  readonly #bodyBytes: number
  readonly #parse: (text: string) => ResponseHead | undefined
  #stage: Stage = 'head'
  #isHead = false
  /** What came and is not read yet. */
  #rest: Buffer = nothing
  #left = 0
  #head: ResponseHead = noHead
  #body: Buffer = nothing

  /** `parse` is for a reader of heads that remembers. */
  constructor(bodyBytes: number, parse = parseHead) {
    this.#bodyBytes = bodyBytes
    this.#parse = parse
  }

  /** Begins anew, for the answer to another request. */
  expect({ isHead }: { readonly isHead: boolean }): void {
    this.#stage = 'head'
    this.#isHead = isHead
    this.#rest = nothing
    this.#head = noHead
    this.#body = nothing
  }

  /** `more` where the response isn't complete yet. */
  push(chunk: Buffer): Progress {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (this.#step());
    if (this.#stage === 'malformed') return 'malformed'
    if (this.#stage === 'done') return this.#rest.length > 0 ? 'surplus' : 'done'
    if (this.#rest.length > 0) this.#rest = Buffer.from(this.#rest)
    return 'more'
  }

  /** Whether the end of the connection completes the response (RFC 9112 section 6.3). */
  end(): boolean {
    if (this.#stage === 'until-end') this.#stage = 'done'
    return this.#stage === 'done'
  }

  get answer(): AnswerHead {
    return { status: this.#head.status, headers: this.#head.headers, body: this.#body }
  }

  /** May the connection be used for another request? */
  get keepAlive(): boolean {
    return this.#head.persistent && (this.#isHead || this.#head.framing !== 'until-end')
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
    const end = this.#rest.indexOf(headEnd)
    if (end < 0 || end > longestHead) {
      if (this.#rest.length > longestHead) this.#stage = 'malformed'
      return false
    }
    const head = this.#parse(this.#rest.toString('latin1', 0, end))
    this.#rest = this.#rest.length === end + 4 ? nothing : this.#rest.subarray(end + 4)
    if (head === undefined) {
      this.#stage = 'malformed'
      return false
    }
    if (isInterim(head)) return true
    this.#head = head
    this.#left = head.length
    this.#stage = this.#isHead ? 'done' : bodyStage(head)
    return true
  }

  #readChunkSize(line: string): Stage {
    const size = /^[0-9a-f]{1,8}(?=[ \t;]|$)/i.exec(line)?.[0]
    if (size === undefined) return 'malformed'
    this.#left = Number.parseInt(size, 16)
    return this.#left === 0 ? 'trailers' : 'chunk-data'
  }

  #readLine(read: (line: string) => Stage): boolean {
    const end = this.#rest.indexOf('\r\n')
    if (end < 0 || end > longestLine) {
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
    this.#rest = this.#rest.length === bytes ? nothing : this.#rest.subarray(bytes)
    return bytes
  }
}

const bodyStage = ({ framing, length }: ResponseHead): Stage => {
  switch (framing) {
    case 'none':
      return 'done'
    case 'sized':
      return length === 0 ? 'done' : 'sized'
    case 'chunked':
      return 'chunk-size'
    case 'until-end':
      return 'until-end'
  }
}
