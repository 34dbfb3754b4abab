import type { Source } from './source.ts'

/** A JWK Set by URL as it stands, by file as an absolute path; a file that cannot be read is told. */
export const resolveKeySet = (at: string, input: string, source: Source): string => {
  if (/^https?:\/\//i.test(input)) {
    if (!URL.canParse(input)) source.tell(at, 'this is no valid URL')
    return input
  }
  source.read(at, input)
  return source.locate(input)
}
