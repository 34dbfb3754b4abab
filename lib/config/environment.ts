import { child } from './pointer.ts'

/** A value with its variables filled in, and what there is to say about them. */
export type Substitution = {
  readonly value: unknown
  /** Each value that was filled in. */
  readonly secrets: readonly string[]
  /** Variables that could not be filled in; their text stays as it was written. */
  readonly mistakes: readonly { readonly at: string; readonly message: string; readonly hint: string }[]
  /** JSON Pointer to the text as it stood in the file, for scalars that held a variable. */
  readonly written: ReadonlyMap<string, string>
}

/**
 * Fills `${NAME}` from the environment into every text of a parsed document, keys apart; `$${` is a literal `${`.
 * What comes in is never parsed again, so no value of a variable can become anything but text.
 */
export const substitute = (
  document: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): Substitution => {
  const secrets = new Set<string>()
  const mistakes: { at: string; message: string; hint: string }[] = []
  const written = new Map<string, string>()

  const fill = (at: string, text: string): string =>
    text.replace(/\$\$\{|\$\{([^}]*)\}?/g, (found, name: string | undefined) => {
      if (name === undefined) return '${'
      written.set(at, text)
      const value = isName(found, name) ? environment[name] : undefined
      if (value !== undefined) secrets.add(value)
      else mistakes.push({ at, ...complaint(found, name) })
      return value ?? found
    })
  const walk = (at: string, value: unknown): unknown => {
    if (typeof value === 'string') return fill(at, value)
    if (Array.isArray(value)) return value.map((item, index) => walk(child(at, index), item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [key, walk(child(at, key), member)]),
    )
  }

  const value = walk('', document)
  return { value, secrets: [...secrets].filter((secret) => secret !== ''), mistakes, written }
}

const isName = (found: string, name: string): boolean => found.endsWith('}') && /^[A-Za-z_]\w*$/.test(name)

const complaint = (found: string, name: string) => {
  if (!isName(found, name))
    return {
      message: `\`${found}\` is no variable: expected \`\${NAME}\` of letters, digits and \`_\``,
      hint: 'write `$${` for a literal `${`',
    }
  return name.startsWith('FILL_IN_')
    ? {
        message: `\`${found}\` is still to be filled in`,
        hint: 'put the value in its place: a comment asks for it',
      }
    : { message: `the environment variable \`${name}\` is not set`, hint: `set it: export ${name}=…` }
}
