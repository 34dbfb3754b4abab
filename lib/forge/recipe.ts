import type { Deviation } from '../config/deviation.ts'
import { readMembers } from './good.ts'
import type { TokenRecipe } from './request.ts'

/** What the token says, for the report; a signature is no part of it. It is read off where somebody asks. */
export const recipeOf = (deviation: Deviation, text: string): TokenRecipe => {
  const { carry, proof, request, after, before, ...made } = deviation
  const [header, claims] = text.split('.', 2).map(readLate)
  return {
    recipe: Object.keys(made).length === 0 ? 'baseline' : JSON.stringify(made).slice(0, 500),
    get header() {
      return header?.()
    },
    get claims() {
      return claims?.()
    },
  }
}

const readLate = (segment: string): (() => unknown) => {
  let read: { readonly members: unknown } | undefined
  return () => {
    if (read === undefined) {
      const members = segment.length > longestDecoded ? undefined : readMembers(segment)
      read = { members: members === undefined ? undefined : bounded(members) }
    }
    return read.members
  }
}

/** Characters of a segment beyond which nobody reads it, and nesting may be too deep to be written again. */
const longestDecoded = 16_384

/** What is too large to be read by anybody is left at its size, and what readers of JSON give up on at its depth. */
const bounded = (value: unknown): unknown => {
  const { length } = JSON.stringify(value)
  if (length > 4096) return `(${length} characters of JSON)`
  const levels = levelsOf(value)
  return levels <= 64 ? value : `(${levels} levels of JSON)`
}

/** How deep its lists and objects are nested; a text or a number has no levels. */
const levelsOf = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : 1 + Object.values(value).reduce<number>((most, inner) => Math.max(most, levelsOf(inner)), 0)
