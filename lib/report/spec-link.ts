import type { Spec } from '../config/suite.ts'

/** Where the cited section of an RFC can be read; undefined for other documents. */
export const specLink = ({ document, section }: Spec): string | undefined => {
  const number = /^RFC (\d{1,5})$/.exec(document)?.[1]
  if (number === undefined) return undefined
  const anchor = /^\d+(\.\d+)*$/.test(section) ? `#section-${section}` : ''
  return `https://www.rfc-editor.org/rfc/rfc${number}${anchor}`
}
