/** One slip in a YAML text; `offset` counts UTF-16 units from its start. */
export type Mistake = { readonly offset: number; readonly message: string; readonly hint?: string }

/** What the YAML parser reports. */
export type SyntaxError = {
  readonly code: string
  readonly pos: readonly [start: number, end: number]
  readonly message: string
}

/**
 * The slips behind the parser's errors. One slip makes a row of errors, of which the first tells; a key that stands
 * twice and a tag are slips of their own, and so is each variable that lacks its quotes.
 */
export const mistakesIn = (text: string, errors: readonly SyntaxError[]): Mistake[] => {
  const lone = errors.filter(({ code }) => code === 'DUPLICATE_KEY' || code === 'TAG_RESOLVE_FAILED')
  const row = errors.filter((error) => !lone.includes(error))
  const unquoted = row.filter((error) => opensVariable(text, error))
  const first = row.slice(0, 1).filter((error) => !unquoted.includes(error))
  return [
    ...unquoted.map((error) => quoteIt(text, error)),
    ...[...first, ...lone].map((error) => inWords(text, error)),
  ]
}

/** Inside a flow collection a plain scalar ends before a brace, so the error stands at the brace of `${NAME}`. */
const opensVariable = (text: string, { pos: [offset] }: SyntaxError): boolean =>
  text.startsWith('${', offset - 1)

const quoteIt = (text: string, { pos: [offset] }: SyntaxError): Mistake => {
  const before = /[^\s,[\]{}]*$/.exec(text.slice(0, offset))?.[0] ?? ''
  const after = /^\{\w*\}?[^\s,[\]{}]*/.exec(text.slice(offset))?.[0] ?? ''
  const scalar = before + after
  return {
    offset: offset - before.length,
    message: `\`${scalar}\` lacks its quotes: inside \`{ }\` and \`[ ]\` YAML reads the braces as its own`,
    hint: `quote it: "${scalar}"`,
  }
}

const inWords = (text: string, { code, pos: [offset], message }: SyntaxError): Mistake => {
  switch (code) {
    case 'DUPLICATE_KEY':
      return {
        offset,
        message: `the key \`${/^[^:\n]*/.exec(text.slice(offset))?.[0] ?? ''}\` stands twice in one map`,
      }
    case 'MULTIPLE_DOCS':
      return { offset, message: 'a second YAML document begins here, and one is read' }
    default:
      return { offset, message: `not valid YAML: ${message.split('\n', 1).join('')}` }
  }
}
