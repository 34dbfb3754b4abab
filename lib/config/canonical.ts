import { createHash } from 'node:crypto'

/** JSON text that is the same for equal values: members sorted by name (UTF-16 order), no white space. */
export const canonicalJson = (value: unknown): string => JSON.stringify(sorted(value))

/** SHA-256 over the canonical JSON, in hex. */
export const digestOf = (value: unknown): string =>
  createHash('sha256').update(canonicalJson(value)).digest('hex')

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]))
}
