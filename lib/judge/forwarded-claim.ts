import type { Policy } from '../config/config.ts'

type Format = NonNullable<Policy['forwards']>['format']

/**
 * Whether a header at the upstream says what the claim says. A text of printable ASCII stands in a `plain` header as it
 * is; for what a header cannot hold so, every usual encoding is as good.
 */
export const saysClaim = (value: string, claim: unknown, format: Format): boolean => {
  const texts = textsOf(claim)
  switch (format) {
    case 'json':
      return isJson(value, claim) || readings(value).some((text) => isJson(text, claim))
    case 'base64':
      return texts.includes(fromBase64(value) ?? '')
    case 'plain':
      return typeof claim === 'string' && /^[!-~](?:[ -~]*[!-~])?$/.test(claim) && !claim.includes(',')
        ? value === claim
        : [value, ...readings(value)].some((text) => texts.includes(text) || isJson(text, claim))
  }
}

/** The ways in which a claim is written as text. */
const textsOf = (claim: unknown): readonly string[] => {
  // RFC 9110 section 5.5 has CR, LF and NUL replaced by spaces, where the message is not refused.
  if (typeof claim === 'string') return [claim, claim.replace(/[\0\r\n]/g, ' ')]
  const items = Array.isArray(claim) ? claim.map(String) : undefined
  return [
    JSON.stringify(claim),
    ...(items === undefined ? [] : [',', ', ', ' '].map((delimiter) => items.join(delimiter))),
  ]
}

/** What a header value comes to under the encodings that are in use; its own characters are bytes. */
const readings = (value: string): readonly string[] => {
  const utf8 = Buffer.from(value, 'latin1').toString('utf8')
  // RFC 2047 section 2 and RFC 8187 section 3.2.
  const word = /^=\?utf-8\?b\?(.*)\?=$/i.exec(value)?.[1]
  const extended = /^utf-8'[^']*'(.*)$/i.exec(value)?.[1]
  return [
    utf8,
    percentDecoded(utf8),
    fromBase64(value),
    word === undefined ? undefined : fromBase64(word),
    extended === undefined ? undefined : percentDecoded(extended),
  ].filter((text) => text !== undefined)
}

const percentDecoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}

const fromBase64 = (text: string): string | undefined =>
  /^[\w+/-]+={0,2}$/.test(text) ? Buffer.from(text, 'base64').toString('utf8') : undefined

const isJson = (text: string, claim: unknown): boolean => {
  try {
    const parsed: unknown = JSON.parse(text)
    return JSON.stringify(parsed) === JSON.stringify(claim)
  } catch (error) {
    if (error instanceof SyntaxError) return false
    throw error
  }
}
