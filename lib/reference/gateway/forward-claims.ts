import type { Decisions } from './decisions.ts'
import type { TokenPlace } from './deployment.ts'
import type { JsonObject } from './strict-json.ts'

/** What the backend learns of the token. */
export type Forwards = {
  /** The backend does not get the token itself. */
  readonly stripsCredential?: boolean
  /** Header at the backend to claim. */
  readonly claims: Readonly<Record<string, string>>
}

type Field = readonly [name: string, value: string]

export type ClaimForwardingDecisions = {
  /** The claims that the backend hears of, of the signed token that was let in. */
  readonly claimsToForward: (opened: string | undefined, d: Decisions) => JsonObject | undefined
  /** What the client sent, without what the backend would take for the gateway's word. */
  readonly clientFields: (
    fields: readonly Field[],
    forwards: Forwards,
    claims: JsonObject | undefined,
  ) => readonly Field[]
  /** A claim as a header holds it; further lines are headers of their own. */
  readonly claimText: (value: unknown) => string
  /** A header of the client without the token, where the backend is not meant to get it; undefined where nothing is left. */
  readonly withoutCredential: (
    field: Field,
    place: TokenPlace | undefined,
    cookie: string | undefined,
  ) => Field | undefined
}

export const soundClaimForwarding: ClaimForwardingDecisions = {
  claimsToForward: (opened, d) => (opened === undefined ? undefined : d.readToken(opened, d)?.claims),
  // Whether or not the token has the claim, and however the client spells the name.
  clientFields: (fields, { claims: named }) =>
    fields.filter(([name]) => !Object.keys(named).some((header) => sameName(header, name))),
  // Of two readers of a line, one would take a comma for the end of the first of several values.
  claimText: (value) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return /^(?:[!-~](?:[ -~]*[!-~])?)?$/.test(text) && !(typeof value === 'string' && text.includes(','))
      ? text
      : percentEncoded(text)
  },
  withoutCredential: ([name, value], place, cookie) => {
    const lower = name.toLowerCase()
    if (place?.in === 'header' && place.name === lower) return undefined
    if (lower !== 'cookie' || cookie === undefined) return [name, value]
    const kept = value.split(/; */).filter((pair) => !pair.startsWith(`${cookie}=`))
    return kept.length === 0 ? undefined : [name, kept.join('; ')]
  },
}

/** What is no text in UTF-8, half of a surrogate pair, becomes the replacement character. */
export const percentEncoded = (text: string): string => encodeURIComponent(Buffer.from(text).toString())

/** Backends read underscores as hyphens, and some of them dots. */
export const sameName = (ours: string, theirs: string): boolean =>
  ours.toLowerCase() === theirs.toLowerCase().replaceAll(/[_.]/g, '-')

/** What the gateway itself says of the token, names and values by turns. */
export const claimHeaders = (
  { claims: named }: Forwards,
  claims: JsonObject | undefined,
  d: Decisions,
): readonly string[] =>
  Object.entries(named).flatMap(([header, name]) => {
    const value = claims === undefined ? undefined : d.claim(claims, name)
    if (value === undefined || value === null) return []
    const [first = '', ...more] = d.claimText(value).split('\r\n')
    return [header, first, ...more.flatMap(fieldIn)]
  })

/** Nobody's header where the line is none (RFC 9112 section 5). */
const fieldIn = (line: string): readonly string[] => {
  const [, name, value] = /^([\w-]+): *(.*)$/.exec(line) ?? []
  return name === undefined || value === undefined ? [] : [name, value]
}
