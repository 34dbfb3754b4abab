/** Whether a text is a regular expression. */
export const isPattern = (text: string): boolean => {
  try {
    return new RegExp(text).source !== ''
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
