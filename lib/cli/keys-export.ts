import { resolve } from 'node:path'
import { isFilled } from '../config/fields.ts'
import { jwkEntries, publicJwk, type PublicJwk } from '../config/public-key.ts'
import { readNamed } from '../config/source.ts'
import { parseJson } from '../import/json.ts'
import type { TrustKind } from '../import/kinds.ts'
import { TrustError, trustText } from '../import/trust.ts'
import { visible } from '../report/escape.ts'
import { UsageError, type Terminal } from './terminal.ts'

export type ExportOptions = { readonly for: TrustKind; readonly kid?: string; readonly issuer?: string }

/** `gateproof keys export`: what a gateway needs to trust a key, made of the public half alone. */
export const exportKeys = (file: string, options: ExportOptions, terminal: Terminal): number => {
  const keys = readKeys(file, terminal).filter(({ kid }) => options.kid === undefined || kid === options.kid)
  if (!isFilled(keys)) throw new UsageError(`${file} has no key ${options.kid ?? ''}`.trimEnd())
  const issuer = options.issuer === undefined ? {} : { issuer: options.issuer }
  try {
    terminal.out(trustText(options.for, keys, issuer))
  } catch (error) {
    if (error instanceof TrustError) throw new UsageError(error.message)
    throw error
  }
  return 0
}

const readKeys = (file: string, terminal: Terminal): readonly PublicJwk[] => {
  const text = file === '-' ? (terminal.input?.() ?? '') : readNamed(file, resolve(terminal.cwd, file))
  const value = parseJson(text)
  if (value === undefined)
    throw new UsageError(`${file} is not JSON; a JWK Set looks like {"keys":[{"kty":"RSA", …}]}`)
  const entries = jwkEntries(value)
  if (entries === undefined) throw new UsageError(`${file} holds no JWK Set and no JWK`)
  return entries.map((entry, index) => {
    const key = publicJwk(entry)
    if (key !== undefined) return key
    throw new UsageError(`${file}: the key ${nameOf(entry, index)} is no RSA, EC or OKP key for signatures`)
  })
}

const nameOf = (entry: unknown, index: number): string =>
  typeof entry === 'object' && entry !== null && 'kid' in entry && typeof entry.kid === 'string'
    ? visible(entry.kid)
    : String(index + 1)
