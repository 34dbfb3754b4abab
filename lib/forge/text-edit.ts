const edits = ['cut', 'drop', 'replace', 'tenant', 'hyphens', 'slash', 'case', 'prepend', 'append'] as const

/** What of a suite's values an edit needs. */
type Read = { number(value: unknown): number; text(value: unknown): string }

type Edits = Readonly<Record<string, unknown>>

/** Whether a tagged object asks for its text to be edited. */
export const isEdited = (all: Edits): boolean => edits.some((name) => Object.hasOwn(all, name))

/** A text with its edits, in the order of their list whatever the order in the file. */
export const editText = (value: string, all: Edits, read: Read): string => {
  let text = value
  if (all.cut !== undefined) text = text.slice(0, Math.max(0, text.length - read.number(all.cut)))
  if (all.drop !== undefined) text = text.slice(read.number(all.drop))
  if (Array.isArray(all.replace)) {
    const pair: readonly unknown[] = all.replace
    const [from, to] = pair
    const put = read.text(to)
    text = text.replace(String(from), () => put)
  }
  if (all.tenant !== undefined) text = withTenant(text, read.text(all.tenant))
  if (all.hyphens !== undefined) text = text.replaceAll('-', read.text(all.hyphens))
  if (all.slash === 'toggle') text = text.endsWith('/') ? text.slice(0, -1) : `${text}/`
  if (all.case === 'upper') text = text.toUpperCase()
  if (all.case === 'lower') text = text.toLowerCase()
  if (all.case === 'swap') text = swapCase(text)
  if (all.prepend !== undefined) text = read.text(all.prepend) + text
  if (all.append !== undefined) text += read.text(all.append)
  return text
}

/** The URL with another first step in its path. */
const withTenant = (url: string, tenant: string): string =>
  url.replace(/^(https?:\/\/[^/]+\/)[^/]+/, (_, host: string) => host + tenant)

const swapCase = (text: string): string =>
  text.replace(/[a-z]/i, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )
