import { isUtf8 } from 'node:buffer'
import type { Decisions } from './decisions.ts'
import { type JsonObject, strictObject } from './strict-json.ts'

export type Segments = readonly [header: string, payload: string, signature: string]

/** A token taken apart; nothing in it is trusted yet. */
export type ReadToken = {
  readonly segments: Segments
  readonly header: JsonObject
  readonly claims: JsonObject
  /** What the signature is over (RFC 7515 section 5.2). */
  readonly signed: Buffer
  readonly signature: Buffer
}

export type ReadingDecisions = {
  readonly readToken: (token: string, d: Decisions) => ReadToken | undefined
  readonly split: (token: string) => Segments | undefined
  readonly decode: (segment: string) => Buffer | undefined
  readonly decodeSignature: (segment: string, d: Decisions) => Buffer | undefined
  readonly decodeText: (bytes: Buffer) => string | undefined
  readonly parseObject: (text: string) => JsonObject | undefined
}

export const soundReading: ReadingDecisions = {
  readToken: (token, d) => {
    const segments = d.split(token)
    if (segments === undefined) return undefined
    const [head, payload] = segments
    const header = objectIn(head, d)
    const claims = objectIn(payload, d)
    const signature = d.decodeSignature(segments[2], d)
    if (header === undefined || claims === undefined || signature === undefined) return undefined
    return { segments, header, claims, signature, signed: Buffer.from(`${head}.${payload}`, 'latin1') }
  },
  // RFC 7515 section 7.1: three parts; here none is empty, so an unsecured JWS has no form at all.
  split: (token) => {
    const [header, payload, signature, more] = token.split('.', 4)
    return header && payload && signature && more === undefined ? [header, payload, signature] : undefined
  },
  decode: (segment) => {
    const bytes = Buffer.from(segment, 'base64url')
    // Node skips what is not base64url; only the one canonical spelling comes back as it was.
    return bytes.toString('base64url') === segment ? bytes : undefined
  },
  decodeSignature: (segment, d) => d.decode(segment),
  // The BOM is kept, and then is no JSON (RFC 8259 section 8.1).
  decodeText: (bytes) => (isUtf8(bytes) ? bytes.toString() : undefined),
  parseObject: strictObject,
}

/** The JSON object that a segment encodes, or undefined. */
export const objectIn = (segment: string, d: Decisions): JsonObject | undefined => {
  const bytes = d.decode(segment)
  const text = bytes && d.decodeText(bytes)
  return text === undefined ? undefined : d.parseObject(text)
}
