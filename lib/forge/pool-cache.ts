import { createHash, createPublicKey } from 'node:crypto'
import { chmodSync, closeSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { noFrame, pack, type Frame, type Packed } from './packed.ts'
import { mintPool, type Pool, type PoolOptions, type PoolTemplate } from './pool.ts'

/** A folder of pools that the user asked for; its tokens are credentials, so only the owner can read them. */
export type PoolCache = {
  readonly dir: string
  /** Seconds since the epoch, by the clock that tokens are made for. */
  readonly now: number
  /** For how many seconds its tokens must be good from now on. */
  readonly lasts: number
}

/**
 * The pool of such tokens that the folder holds, or a new one that is kept there. Its tokens are another run's: a
 * gateway may have seen them already.
 */
export const cachedPool = async (
  template: PoolTemplate,
  count: number,
  { dir, now, lasts }: PoolCache,
  options: PoolOptions = {},
): Promise<Pool> => {
  const { frame = noFrame } = options
  const file = join(dir, `${nameOf(template, count)}.tokens`)
  const kept = readTokens(file, frame)
  if (kept?.length === count && endOf(kept.at(0), frame) >= now + lasts)
    return { texts: kept, perSecond: null }
  const pool = await mintPool(template, count, options)
  keep(file, dir, tokensOf(pool.texts, frame))
  return pool
}

/** Of all that makes tokens alike but the time and the number of each. */
const nameOf = ({ key, header, claims }: PoolTemplate, count: number): string => {
  const { iat: _issued, exp: _ends, nbf: _begins, jti: _id, ...same } = claims
  const hash = createHash('sha256').update(JSON.stringify([key.alg, header, same, count]))
  // The public half says which key it is, and gives nothing away; a secret has none.
  if (key.privateKey.type === 'private')
    hash.update(createPublicKey(key.privateKey).export({ type: 'spki', format: 'der' }))
  else hash.update(createHash('sha256').update(key.privateKey.export()).digest())
  return hash.digest('hex').slice(0, 32)
}

/** Seconds since the epoch; a token without an end is good for ever. */
const endOf = (text: Buffer | undefined, frame: Frame): number => {
  const token = text === undefined ? '' : unframed(text, frame).toString('latin1')
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? 'e30', 'base64url').toString('utf8'))
  const end = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : undefined
  return typeof end === 'number' ? end : Infinity
}

const unframed = (text: Buffer, { before, after }: Frame): Buffer =>
  text.subarray(before.length, text.length - after.length)

const readTokens = (file: string, frame: Frame): Packed | undefined => {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  try {
    return pack(linesOf(descriptor), frame)
  } finally {
    closeSync(descriptor)
  }
}

/** So many bytes are read or written at once: a million tokens make no single text that Node.js could hold. */
const pieceBytes = 4 * 2 ** 20
const lineFeed = 0x0a

function* linesOf(descriptor: number): Generator<Buffer> {
  let rest = Buffer.alloc(0)
  for (;;) {
    const piece = Buffer.allocUnsafe(pieceBytes)
    const read = readSync(descriptor, piece)
    if (read === 0) break
    const text = Buffer.concat([rest, piece.subarray(0, read)])
    let start = 0
    for (let end = text.indexOf(lineFeed); end >= 0; end = text.indexOf(lineFeed, start)) {
      yield text.subarray(start, end)
      start = end + 1
    }
    rest = text.subarray(start)
  }
  if (rest.length > 0) yield rest
}

function* tokensOf(texts: Packed, frame: Frame): Generator<Buffer> {
  for (let at = 0; at < texts.length; at++) {
    const text = texts.at(at)
    if (text !== undefined) yield unframed(text, frame)
  }
}

/** In one move, so that another process finds a whole pool or none. */
const keep = (file: string, dir: string, tokens: Iterable<Buffer>): void => {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const temporary = `${file}.${process.pid}.tmp`
  try {
    writeLines(temporary, tokens)
    // A file that was there keeps the mode that it had.
    chmodSync(temporary, 0o600)
    renameSync(temporary, file)
  } finally {
    rmSync(temporary, { force: true })
  }
}

const writeLines = (file: string, lines: Iterable<Buffer>): void => {
  const descriptor = openSync(file, 'w', 0o600)
  try {
    let pieces: Buffer[] = []
    let bytes = 0
    const flush = (): void => {
      const whole = Buffer.concat(pieces)
      for (let at = 0; at < whole.length;) at += writeSync(descriptor, whole, at)
      pieces = []
      bytes = 0
    }
    for (const line of lines) {
      pieces.push(line, newLine)
      bytes += line.length + 1
      if (bytes > pieceBytes) flush()
    }
    flush()
  } finally {
    closeSync(descriptor)
  }
}

const newLine = Buffer.from([lineFeed])
