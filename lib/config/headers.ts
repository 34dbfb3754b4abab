import Type from 'typebox'
import type { Header } from './config.ts'
import type { Tell } from './fault-list.ts'
import { child } from './pointer.ts'

/** The schema of headers, name to value. */
export const headers = (description: string) => Type.Record(Type.String(), Type.String(), { description })

/** Names that the client writes itself, from the URL and the body. */
const reserved = ['host', 'connection', 'content-length', 'transfer-encoding']

/** The headers in the order of the file; a name or a value that HTTP does not allow is told. */
export const headerList = (
  at: string,
  input: Readonly<Record<string, string>> | undefined,
  tell: Tell,
): readonly Header[] => {
  const list = Object.entries(input ?? {})
  for (const [name, value] of list) {
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name))
      tell(child(at, name), `\`${name}\` is no name of a header`)
    else if (reserved.includes(name.toLowerCase()))
      tell(
        child(at, name),
        `\`${name}\` is written by the client itself`,
        'see `target.url`, `target.connect` and `body`',
      )
    if (!isFieldValue(value))
      tell(child(at, name), `the value of \`${name}\` must be Latin-1 text without control characters`)
  }
  return list
}

/** RFC 9110 section 5.5: visible characters, spaces and tabs, and octets above 127. */
const isFieldValue = (value: string): boolean => !/[^\t\x20-\x7e\xa0-\xff]/.test(value)
