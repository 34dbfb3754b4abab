/**
 * Stands where something has to be filled in. It is written as a variable that nobody sets, so the loader refuses the
 * file with its line until the blank is gone.
 */
export const blank = (name: string): string =>
  `\${FILL_IN_${name
    .toUpperCase()
    .replace(/\W+/g, '_')
    .replace(/^_+|_+$/g, '')}}`

/** The blanks in a text, each once, as the loader calls them. */
export const blanksIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/(?<!\$)\$\{(FILL_IN_\w+)\}/g)].map(([, name]) => name ?? '')),
]

/** Another program's text as a value of ours: nothing in it is taken for a variable. */
export const literal = (text: string): string => text.replaceAll('${', () => '$${')

/** A text with the user names and passwords of its URLs left out. */
export const withoutLogin = (text: string): string => text.replace(/(?<=:\/\/)[^/\s@]*@/g, '')

/** A path of the gateway's, with a blank for each parameter; one in its language of patterns is a blank as a whole. */
export const fillablePath = (path: string): string => {
  if (/[\\^$()|[\]?<>]/.test(path)) return `/${blank('path')}`
  return path.split('/').map(fillableSegment).join('/')
}

/** `{id}`, `{rest+}`, `:id` and `*` stand for a segment, or for all from there on. */
const fillableSegment = (segment: string): string => {
  if (segment.startsWith('*')) return blank('rest')
  if (segment.startsWith(':')) return blank(segment.slice(1))
  return segment.replace(/\{([^}]*)\}|\*/g, (_, name: string | undefined) => blank(name ?? 'part'))
}
