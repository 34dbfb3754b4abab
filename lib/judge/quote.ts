/** A short text of a gateway's in quotes, with whatever is not printable ASCII escaped: safe in any report. */
export const quote = (text: string): string => {
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return `"${short.replace(/[^\x20-\x7e…]|["\\]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`
}
