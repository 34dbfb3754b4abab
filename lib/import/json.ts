/** The value of a JSON text; undefined where it is none. The parser's message would quote the text, which may be a key. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
