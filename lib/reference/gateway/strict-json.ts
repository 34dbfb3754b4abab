export type JsonObject = Readonly<Record<string, unknown>>

/** Deeper than any token needs. */
const maxDepth = 32

/**
 * The JSON object that the text is, or undefined: no other value, no second member of one name (which RFC 7519
 * section 4 lets a parser refuse), no deep nesting.
 */
export const strictObject = (text: string): JsonObject | undefined => {
  const value = parsed(text)
  return isObject(value) && hasPlainStructure(text) ? value : undefined
}

/** The JSON value that the text is, or undefined where it is none (RFC 8259 knows no undefined). */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Walks over a text that is valid JSON: a string that a colon follows names a member. */
const hasPlainStructure = (text: string): boolean => {
  const open: Set<string>[] = []
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]
    if (character === '{' || character === '[') {
      if (open.push(new Set()) > maxDepth) return false
    } else if (character === '}' || character === ']') {
      open.pop()
    } else if (character === '"') {
      const end = endOfString(text, at)
      if (isName(text, end)) {
        const name = String(JSON.parse(text.slice(at, end)))
        if (open.at(-1)?.has(name) === true) return false
        open.at(-1)?.add(name)
      }
      at = end - 1
    }
  }
  return true
}

const endOfString = (text: string, start: number): number => {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

const isName = (text: string, after: number): boolean => {
  let at = after
  while (' \t\n\r'.includes(text[at] ?? '.')) at += 1
  return text[at] === ':'
}
