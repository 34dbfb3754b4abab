import { createHash, createPublicKey } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mintPool, type Pool, type PoolTemplate } from './pool.ts'

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
  signal?: AbortSignal,
): Promise<Pool> => {
  const file = join(dir, `${nameOf(template, count)}.tokens`)
  const kept = readTokens(file)
  if (kept?.length === count && endOf(kept[0]) >= now + lasts) return { tokens: kept, perSecond: null }
  const pool = await mintPool(template, count, signal)
  keep(file, dir, pool.tokens)
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
const endOf = (token: string | undefined): number => {
  const claims: unknown = JSON.parse(Buffer.from(token?.split('.')[1] ?? 'e30', 'base64url').toString('utf8'))
  const end = typeof claims === 'object' && claims !== null && 'exp' in claims ? claims.exp : undefined
  return typeof end === 'number' ? end : Infinity
}

const readTokens = (file: string): readonly string[] | undefined => {
  try {
    return readFileSync(file, 'latin1').trimEnd().split('\n')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** In one move, so that another process finds a whole pool or none. */
const keep = (file: string, dir: string, tokens: readonly string[]): void => {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const temporary = `${file}.${process.pid}.tmp`
  try {
    writeFileSync(temporary, `${tokens.join('\n')}\n`, { mode: 0o600, encoding: 'latin1' })
    // A file that was there keeps the mode that it had.
    chmodSync(temporary, 0o600)
    renameSync(temporary, file)
  } finally {
    rmSync(temporary, { force: true })
  }
}
