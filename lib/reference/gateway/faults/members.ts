import { type JsonObject, parsed } from '../strict-json.ts'

/** The object that a JSON text is to a parser that keeps the first of members with one name; undefined where it is none. */
export const firstMembers = (text: string): unknown => {
  if (!/^\s*\{/.test(text) || parsed(text) === undefined) return undefined
  const members = new Map<unknown, unknown>()
  for (const [name, value] of topMembers(text)) if (!members.has(name)) members.set(name, value)
  return Object.fromEntries([...members].map(([name, value]) => [String(name), value]))
}

/** Names and values of the outermost object, in order, each parsed for itself. */
const topMembers = (text: string): readonly (readonly [name: unknown, value: unknown])[] => {
  const cuts: number[] = []
  let depth = 0
  for (const { 0: piece, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/g)) {
    if (piece === '{' || piece === '[') depth += 1
    if ((piece === '{' && depth === 1) || (piece === ',' && depth === 1)) cuts.push(index)
    if (piece === '}' || piece === ']') depth -= 1
    if (depth === 0) cuts.push(index)
  }
  return cuts.slice(0, -1).flatMap((from, index) => {
    const [, name, value] =
      /^\s*("(?:[^"\\]|\\.)*")\s*:(.*)$/s.exec(text.slice(from + 1, cuts[index + 1])) ?? []
    return name === undefined || value === undefined ? [] : [[parsed(name), parsed(value)] as const]
  })
}

/** The object without the members of these names. */
export const withoutMembers = (object: JsonObject, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)))
