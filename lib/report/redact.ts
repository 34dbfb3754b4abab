import { redactJws } from './redact-jws.ts'

export type Redact = (text: string) => string

/** What stands where a secret stood. */
export const redacted = '<redacted>'

/**
 * Shorter secrets are replaced only where they are the whole text: anywhere else they would tear holes into words
 * and numbers, and give themselves away by the pattern of the holes.
 */
const shortest = 4

/** What is longer has no place in a pattern, which has its bounds. */
const longestInPattern = 4096

/**
 * Makes a function that takes everything usable out of a text: of tokens the part that authenticates (also of ones
 * that are no known secret), then every secret, the longest first, as it is and percent-encoded, as base64 (in the
 * middle of encoded text too), JSON-escaped and HTML-escaped. For texts of a request that was let in,
 * `unsigned: 'redact'` also hides the payload of tokens that need no signature.
 */
export const redactor = (
  secrets: readonly string[],
  { unsigned }: { readonly unsigned: 'keep' | 'redact' } = { unsigned: 'keep' },
): Redact => {
  const whole = new Set(secrets.filter((secret) => secret !== ''))
  const forms = secrets.filter((secret) => secret.length >= shortest).flatMap(formsOf)
  const longestFirst = [...new Set(forms)].toSorted((a, b) => b.length - a.length)
  const long = longestFirst.filter((form) => form.length > longestInPattern)
  const rest = longestFirst.slice(long.length)
  const pattern = new RegExp(rest.map(escapePattern).join('|'), 'g')
  return (text) => {
    if (whole.has(text) && text.length < shortest) return redacted
    const tokenless = redactJws(text, unsigned)
    const shortened = long.reduce((so, form) => so.replaceAll(form, redacted), tokenless)
    return rest.length === 0 ? shortened : shortened.replace(pattern, redacted)
  }
}

const formsOf = (secret: string): readonly string[] => {
  const percent = percentEncoded(secret)
  const forms = [
    secret,
    Buffer.from(secret, 'utf8').toString('latin1'),
    percent,
    percent.replaceAll('%20', '+'),
    lowerHex(percent),
    encodeURIComponent(wellFormed(secret)),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
    htmlEscaped(secret),
    ...base64Forms(secret),
  ]
  return forms.filter((form) => form.length >= shortest)
}

/** A lone surrogate has no UTF-8 form, and `encodeURIComponent` throws on it. */
const wellFormed = (text: string): string => text.replace(/\p{Cs}/gu, '\ufffd')

/** Everything but the unreserved characters of RFC 3986 section 2.3. */
const percentEncoded = (text: string): string =>
  encodeURIComponent(wellFormed(text)).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )

const lowerHex = (percent: string): string => percent.replace(/%../g, (code) => code.toLowerCase())

const htmlEscaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/**
 * The whole encoding, and for each of the three ways in which a text can lie across base64's groups of three bytes
 * the characters that depend on the text alone: so the secret in `Basic ${base64('user:secret')}` is found.
 */
const base64Forms = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret, 'utf8')
  const cores = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url')
    const dependent = Math.floor(((offset + bytes.length) * 8) / 6)
    return encoded.slice(Math.ceil((offset * 8) / 6), dependent)
  })
  return [bytes.toString('base64'), ...cores].flatMap((form) => [
    form,
    form.replaceAll('-', '+').replaceAll('_', '/'),
  ])
}

const escapePattern = (text: string): string => text.replace(/[$()*+.?[\\\]^{|}-]/g, '\\$&')

/** Of the texts that authenticate those which nobody would know for tokens any more: a token that was bent or encoded. */
export const bentSecrets = (secrets: readonly string[]): readonly string[] =>
  secrets.filter((secret) => secret.length > 40 && !/^[\w-]+\.[\w-]*\.[\w-]*$/.test(secret))
