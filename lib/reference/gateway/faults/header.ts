import { inflateRawSync } from 'node:zlib'
import type { Decisions } from '../decisions.ts'
import { objectIn } from '../read-token.ts'
import { isObject, type JsonObject, parsed } from '../strict-json.ts'
import { type Fault, fault } from './fault.ts'
import { withoutMembers } from './members.ts'

const registered = ['alg', 'jku', 'jwk', 'kid', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'typ', 'cty', 'crit']

/** A header whose crit passes the test counts as one without it. */
const critWhere =
  (test: (crit: unknown, header: JsonObject) => boolean): Fault['alter'] =>
  (next) => ({
    understandsExtensions: (header) => {
      const isAllowed = Object.hasOwn(header, 'crit') && test(header.crit, header)
      return next.understandsExtensions(isAllowed ? withoutMembers(header, 'crit') : header)
    },
  })

const names = (crit: unknown, test: (name: string) => boolean): boolean =>
  Array.isArray(crit) && crit.length > 0 && crit.every((name) => typeof name === 'string' && test(name))

/** A token whose second part is not the claims themselves. */
const claimsFrom =
  (
    header: (header: JsonObject) => boolean,
    read: (payload: string, d: Decisions) => JsonObject | undefined,
  ) =>
  (next: Decisions): Partial<Decisions> => ({
    readToken: (token, d) => {
      const segments = d.split(token)
      const head = segments && objectIn(segments[0], d)
      if (segments === undefined || head === undefined || !header(head)) return next.readToken(token, d)
      const claims = read(segments[1], d)
      const signature = d.decodeSignature(segments[2], d)
      if (claims === undefined || signature === undefined) return undefined
      return {
        segments,
        header: head,
        claims,
        signature,
        signed: Buffer.from(`${segments[0]}.${segments[1]}`, 'latin1'),
      }
    },
  })

const inflate = (bytes: Buffer): Buffer | undefined => {
  try {
    return inflateRawSync(bytes, { maxOutputLength: 100_000 })
  } catch (error) {
    // zlib has a code for each way in which bytes are no compressed text, or too long a one.
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

/** A kind of JWT that is no access token is taken for one. */
const alsoAccess =
  (test: (claims: JsonObject) => boolean, ...without: readonly string[]): Fault['alter'] =>
  (next) => ({
    isAccessToken: (claims) =>
      test(claims) ? next.isAccessToken(withoutMembers(claims, ...without)) : next.isAccessToken(claims),
  })

/** What the JOSE header says beside algorithm and key, and what kind of token it makes. */
export const headerFaults = {
  'crit-ignored': fault(
    'crit is not looked at',
    critWhere(() => true),
  ),
  'crit-type-ignored': fault(
    'a crit that is no list of names is taken for none',
    critWhere((crit) => !names(crit, (name) => name !== '')),
  ),
  'crit-empty-allowed': fault(
    'an empty crit is allowed',
    critWhere((crit) => Array.isArray(crit) && crit.length === 0),
  ),
  'crit-registered-allowed': fault(
    'crit may name what the standard itself defines',
    critWhere((crit) => names(crit, (name) => registered.includes(name))),
  ),
  'crit-absent-allowed': fault(
    'an extension is looked at only where the header has it',
    critWhere((crit, header) => names(crit, (name) => !Object.hasOwn(header, name))),
  ),
  'b64-ignored': fault('b64 counts as understood, and is then not looked at', (next) => ({
    understandsExtensions: (header) =>
      next.understandsExtensions(
        names(header.crit, (name) => name === 'b64')
          ? withoutMembers(header, 'b64', 'crit')
          : withoutMembers(header, 'b64'),
      ),
  })),
  'b64-honoured': fault('with b64 false, the payload is read as it stands', (next) => ({
    tokenText: (text) => text,
    understandsExtensions: (header) => header.b64 === false || next.understandsExtensions(header),
    readToken: (token, d) => {
      const [, head, payload, signature] = /^([^.]*)\.(.*)\.([^.]*)$/s.exec(token) ?? []
      const header = head === undefined ? undefined : objectIn(head, d)
      if (head === undefined || payload === undefined || signature === undefined) return undefined
      if (header?.b64 !== false) return next.readToken(token, d)
      const claims = d.parseObject(payload) ?? objectIn(payload, d)
      const bytes = d.decodeSignature(signature, d)
      if (claims === undefined || bytes === undefined) return undefined
      return {
        segments: [head, payload, signature],
        header,
        claims,
        signature: bytes,
        signed: Buffer.from(`${head}.${payload}`, 'latin1'),
      }
    },
  })),
  'zip-honoured': fault('a compressed payload is inflated', (next) => ({
    understandsExtensions: (header) => next.understandsExtensions(withoutMembers(header, 'zip')),
    ...claimsFrom(
      ({ zip }) => zip === 'DEF',
      (payload, d) => {
        const inflated = inflate(Buffer.from(payload, 'base64url'))
        const text = inflated && d.decodeText(inflated)
        return text === undefined ? undefined : d.parseObject(text)
      },
    )(next),
  })),
  'zip-ignored': fault('zip is not looked at', (next) => ({
    understandsExtensions: (header) => next.understandsExtensions(withoutMembers(header, 'zip')),
  })),
  'nested-unwrapped-unsigned': fault(
    'with cty JWT, the claims are those of the token inside, which is not verified',
    claimsFrom(
      ({ cty }) => String(cty).toUpperCase() === 'JWT',
      (payload) => {
        const inner = Buffer.from(payload, 'base64url').toString().split('.')[1]
        const claims = inner === undefined ? undefined : parsed(Buffer.from(inner, 'base64url').toString())
        return isObject(claims) ? claims : undefined
      },
    ),
  ),
  'header-claims-used': fault('claims that the header repeats go before those of the payload', (next) => ({
    readToken: (token, d) => {
      const read = next.readToken(token, d)
      if (read === undefined) return undefined
      const { iss, aud, sub } = read.header
      const repeated = Object.entries({ iss, aud, sub }).filter(([, value]) => value !== undefined)
      return { ...read, claims: { ...read.claims, ...Object.fromEntries(repeated) } }
    },
  })),
  'typ-any': fault('typ is not looked at', () => ({ acceptsType: () => true })),
  'typ-substring': fault('typ needs only to contain at+jwt', (next) => ({
    acceptsType: (typ) => next.acceptsType(typ) || (typeof typ === 'string' && typ.includes('at+jwt')),
  })),
  'typ-type-unchecked': fault('a typ that is no text is taken for none', (next) => ({
    acceptsType: (typ) => typeof typ !== 'string' || next.acceptsType(typ),
  })),
  'typ-at-jwt-refused': fault('only typ JWT is known', () => ({
    acceptsType: (typ) => typ === undefined || typ === 'JWT',
  })),
  'id-token-accepted': fault(
    'an ID token is taken for an access token',
    alsoAccess(() => true, 'nonce', 'at_hash', 'c_hash', 's_hash', 'tok_type'),
  ),
  'logout-token-accepted': fault(
    'a security event or logout token is taken for an access token',
    alsoAccess(() => true, 'events'),
  ),
  'refresh-token-accepted': fault(
    'the use that a token names is not looked at',
    alsoAccess(() => true, 'token_use', 'tok_type'),
  ),
  'client-assertion-accepted': fault(
    'a client’s own assertion is taken for an access token',
    alsoAccess(({ iss, sub }) => iss === sub, 'sub'),
  ),
  'dpop-proof-accepted': fault(
    'a DPoP proof is taken for an access token',
    alsoAccess(() => true, 'htm', 'htu'),
  ),
  'introspection-accepted': fault(
    'an introspection answer is taken for an access token',
    alsoAccess(() => true, 'token_introspection'),
  ),
} as const satisfies Readonly<Record<string, Fault>>
