import { objectIn, type ReadToken } from '../read-token.ts'
import { isObject, type JsonObject, parsed } from '../strict-json.ts'
import { type Fault, fault } from './fault.ts'
import { firstMembers } from './members.ts'

/** Text that is no strict JSON object is respelt and tried again. */
const reparsing =
  (reparse: (text: string) => unknown): Fault['alter'] =>
  (next) => ({
    parseObject: (text) => {
      const strict = next.parseObject(text)
      const lenient = strict === undefined ? reparse(text) : undefined
      return isObject(lenient) ? lenient : strict
    },
  })

/** Header and payload are decoded after this. */
const decodingAs =
  (rewrite: (segment: string) => string): Fault['alter'] =>
  (next) => ({
    tokenText: (text) => text,
    decode: (segment) => next.decode(rewrite(segment)),
  })

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The compact form of a JWS in JSON (RFC 7515 section 7.2), or of the first of its signatures. */
const compactOf = (document: JsonObject): string => {
  const signatures: unknown = document.signatures
  const first: unknown = Array.isArray(signatures) ? signatures[0] : document
  const { protected: header, signature }: JsonObject = isObject(first) ? first : {}
  return [header, document.payload, signature].map(textOf).join('.')
}

/** A JSON text with the licence that some parsers give. */
const relaxed = (text: string): string =>
  text
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\/\/[^\n"']*(?=\n|$)/g, '')
    .replace(/'([^'"]*)'/g, '"$1"')
    .replace(/,(\s*[}\]])/g, '$1')

/** How a token is taken apart and its JSON read. */
export const encodingFaults = {
  'parts-extra-ignored': fault('parts after the third are dropped', (next) => ({
    split: (token) => next.split(token.split('.').slice(0, 3).join('.')),
  })),
  'trailing-dot-ignored': fault('a dot after the signature is dropped', (next) => ({
    split: (token) => next.split(token.replace(/\.$/, '')),
  })),
  'split-skip-empty': fault('empty parts are skipped', (next) => ({
    split: (token) =>
      next.split(
        token
          .split('.')
          .filter((part) => part !== '')
          .join('.'),
      ),
  })),
  'sd-jwt-accepted': fault('disclosures after a tilde are dropped', (next) => ({
    readToken: (token, d) => next.readToken(token.replace(/~.*$/, ''), d),
  })),
  'json-serialization-accepted': fault('a JWS in JSON is taken as well', (next) => ({
    tokenText: (text) => text,
    readToken: (token, d) => {
      const document = token.startsWith('{') ? parsed(token) : undefined
      return next.readToken(isObject(document) ? compactOf(document) : token, d)
    },
  })),
  polyglot: fault(
    'the signature is verified in the JSON form, and the claims are read from the compact one',
    (next) => ({
      tokenText: (text) => text,
      readToken: (token, d) => {
        const document = token.startsWith('{') ? parsed(token) : undefined
        const judged = isObject(document) ? next.readToken(compactOf(document), d) : undefined
        const claims = judged && parsed(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
        return judged && isObject(claims) ? { ...judged, claims } : next.readToken(token, d)
      },
    }),
  ),
  'empty-payload-passes': fault('claims that are not there are not checked', (next) => ({
    readToken: (token, d) => next.readToken(token, d) ?? withoutClaims(token, d),
    claimsHold: (claims, policy, clock, d) =>
      Object.keys(claims).length === 0 || next.claimsHold(claims, policy, clock, d),
  })),
  'payload-non-object-passes': fault('a payload that is no object has no claims to check', (next) => ({
    ...reparsing((text) => (parsed(text) === undefined ? undefined : {}))(next),
    claimsHold: (claims, policy, clock, d) =>
      Object.keys(claims).length === 0 || next.claimsHold(claims, policy, clock, d),
  })),
  'base64-illegal-skipped': fault(
    'characters that are no base64url are skipped',
    decodingAs((segment) => segment.replace(/[^A-Za-z0-9_-]/g, '')),
  ),
  'base64-padded': fault(
    'padding of header and payload is removed',
    decodingAs((segment) => segment.replace(/=+$/, '')),
  ),
  'base64-standard': fault(
    'header and payload may use the alphabet with + and /',
    decodingAs((segment) => segment.replaceAll('+', '-').replaceAll('/', '_')),
  ),
  'base64-noncanonical': fault(
    'unused bits of the last character are not looked at',
    decodingAs((segment) =>
      /^[A-Za-z0-9_-]+$/.test(segment) ? Buffer.from(segment, 'base64url').toString('base64url') : segment,
    ),
  ),
  'invalid-utf8-replaced': fault('invalid UTF-8 is replaced', () => ({
    decodeText: (bytes) => bytes.toString(),
  })),
  'utf16-accepted': fault('the character encoding is guessed', (next) => ({
    decodeText: (bytes) => (bytes[1] === 0 ? bytes.toString('utf16le') : next.decodeText(bytes)),
  })),
  'json-lenient': fault(
    'comments, trailing commas and single quotes are let through',
    reparsing((text) => parsed(relaxed(text))),
  ),
  'json-nan': fault('NaN and Infinity are numbers, which no time is greater than', (next) => ({
    ...reparsing((text) => parsed(text.replace(/:\s*(?:NaN|Infinity)\b/g, ':1e999')))(next),
    isUnexpired: (exp, clock) => exp === Infinity || next.isUnexpired(exp, clock),
  })),
  'nul-truncates-claims': fault('texts end at a NUL where they are compared', (next) => ({
    sameAudience: (ours, theirs) => next.sameAudience(ours, cString(theirs)),
    sameIssuer: (ours, theirs) => next.sameIssuer(ours, cString(theirs)),
    sameScope: (wanted, held) => next.sameScope(wanted, cString(held)),
  })),
  'duplicate-first-wins': fault('of members with one name, the first is read', reparsing(firstMembers)),
  'key-nocase': fault('names of claims are compared without regard to case, and the last one counts', () => ({
    claim: (claims, name) =>
      Object.entries(claims).findLast(([key]) => key.toLowerCase() === name.toLowerCase())?.[1],
  })),
  'key-escapes-undecoded': fault('names of claims are compared as they are spelt', (next) => ({
    parseObject: (text) =>
      next.parseObject(text.replace(/"(?:[^"\\]|\\.)*"(?=\s*:)/g, (name) => name.replaceAll('\\', '\\\\'))),
  })),
  'proto-claims-inherited': fault('a claim __proto__ sets what the claims inherit', (next) => ({
    claim: (claims, name) => {
      const proto = next.claim(claims, '__proto__')
      return next.claim(claims, name) ?? (isObject(proto) ? proto[name] : undefined)
    },
  })),
} as const satisfies Readonly<Record<string, Fault>>

const cString = (text: string): string => text.replace(/\0.*$/s, '')

const withoutClaims = (token: string, d: Parameters<typeof objectIn>[1]): ReadToken | undefined => {
  const [head, empty, tail] = token.split('.')
  const header = head ? objectIn(head, d) : undefined
  const signature = tail ? d.decodeSignature(tail, d) : undefined
  if (!head || empty !== '' || !tail || header === undefined || signature === undefined) return undefined
  return { segments: [head, '', tail], header, claims: {}, signature, signed: Buffer.from(`${head}.`) }
}
