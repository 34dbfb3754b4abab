/** A run of base64 parts joined by dots, three or more. Begins only where a run does, to stay linear. */
const dotted = /(?<![\w+/-])[\w+/-]+={0,2}(?:\.[\w+/-]*={0,2}){2,}/g

/** The signature of a JWS in its JSON serialization (RFC 7515 section 7.2), escaped once more or not. */
const jsonSignature = /(\\?"(?:signature|tag)\\?"\s*:\s*\\?")([\w+/=-]{16,})(?=\\?")/g

/**
 * Replaces, of each compact JWS in a text, the part that authenticates by `<signature: 342 characters>`, and of each
 * compact JWE its content and its tag, since the content may be a signed token that anybody can decrypt. A payload that
 * is a token itself goes as well. A token without a signature has no such part; where it was let in it is a credential
 * all the same, and `unsigned: 'redact'` replaces its payload.
 */
export const redactJws = (text: string, unsigned: 'keep' | 'redact'): string =>
  text
    .replace(dotted, (run) => redactRun(run, unsigned))
    .replace(jsonSignature, (_, before: string, value: string) => before + sized('signature', value))

/** The token may begin at any part: a host name or a file's name before it has dots too. */
const redactRun = (run: string, unsigned: 'keep' | 'redact'): string => {
  const parts = run.split('.')
  const start = parts.findIndex((part) => kindOf(part) !== undefined)
  if (start === -1) return run
  return [...parts.slice(0, start), ...redactCompact(parts.slice(start), unsigned)].join('.')
}

const redactCompact = (parts: readonly string[], unsigned: 'keep' | 'redact'): readonly string[] => {
  const [header = '', payload = '', ...signature] = parts
  if (parts.length === 5 && kindOf(header) === 'jwe')
    return parts.with(3, sized('content', parts[3] ?? '')).with(4, sized('tag', parts[4] ?? ''))
  if (signature.some((part) => part !== ''))
    return [header, shown(payload), ...signature.map((part) => sized('signature', part))]
  return unsigned === 'keep' ? parts : [header, sized('payload', payload), ...signature]
}

/** A payload, unless it is another token. */
const shown = (payload: string): string => {
  const [inner = '', more] = Buffer.from(payload, 'base64').toString('latin1').split('.', 2)
  return more !== undefined && kindOf(inner) !== undefined ? sized('payload', payload) : payload
}

const sized = (name: string, part: string): string =>
  part === '' ? '' : `<${name}: ${part.length} ${part.length === 1 ? 'character' : 'characters'}>`

/** More places than this where a header may begin are a text that means to keep us busy. */
const placesTried = 64

/** Looks for a JOSE header at the end of a part: what stands before a token may look like base64 too. */
const kindOf = (part: string): 'jws' | 'jwe' | undefined => {
  const places = [...part.matchAll(/e[wy]/g)].slice(0, placesTried)
  const headers = places.map(({ index }) => Buffer.from(part.slice(index), 'base64').toString('utf8'))
  const header = headers.find((text) => /^\{\s*"/.test(text.replaceAll('\0', '')))
  if (header === undefined) return undefined
  return /"enc"\s*:/.test(header) ? 'jwe' : 'jws'
}
