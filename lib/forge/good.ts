import type { Policy } from '../config/config.ts'
import type { TokenSource } from '../config/token-source.ts'
import { algorithmOf, signBeside, signBytes, type Algorithm } from './algorithm.ts'
import { decode, encode } from './base64.ts'
import { authenticationClaims } from './demands.ts'
import type { Members } from './scene.ts'

/** A token that the gateway should let in, and what it is made of. */
export type GoodToken = {
  readonly kind: 'jwt'
  /** As it travels. */
  readonly text: string
  /** The signed token: the same, unless it travels encrypted. */
  readonly jws: string
  /** What is signed of it: header and payload (RFC 7515 section 5.1). */
  readonly input: string
  readonly header: Members
  readonly claims: Members
  readonly signature: Buffer
  readonly algorithm: Algorithm
  /** Signs it beside other work, where it is ours and signing takes long. */
  readonly signAhead?: () => Promise<void>
}

/** A good token of somebody else's that is no signed JWT that we can take apart. */
export type OpaqueToken = { readonly kind: 'opaque'; readonly text: string }

/** What is another in each good token. */
type Moment = {
  /** The target's clock, seconds since the epoch. */
  readonly now: number
  readonly jti: string
  /** What the token is bound to (RFC 7800 section 3.1). */
  readonly cnf?: Members
}

type KeySource = Extract<TokenSource, { kind: 'keys' }>

/**
 * Signs a fresh good token: the policy's first issuer, audience and algorithm, every scope that a route asks for, a
 * `jti` of its own, and whatever the user adds.
 */
export const mintGood = (
  source: KeySource,
  policy: Policy,
  scopes: readonly string[],
  { now, jti, cnf }: Moment,
): GoodToken => {
  const [key] = source.keys
  const algorithm = algorithmOf(key.alg)
  if (algorithm === undefined)
    throw new Error(`the signing key ${key.kid} names the unknown algorithm ${key.alg}`)
  const header = {
    alg: key.alg,
    typ: demandsAccessType(policy) ? 'at+jwt' : 'JWT',
    kid: key.kid,
    ...source.header,
  }
  const claims = goodClaims(source, policy, scopes, { now, jti, ...(cnf === undefined ? {} : { cnf }) })
  const input = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`
  // Most tokens are bent before they are signed: the good signature is made only where it is kept.
  let made: Buffer | undefined
  const sign = (): Buffer => (made ??= signBytes(algorithm, key.privateKey, Buffer.from(input)))
  const written = (): string => `${input}.${encode(sign())}`
  const signAhead = async (): Promise<void> => {
    made ??= await signBeside(algorithm, key.privateKey, Buffer.from(input))
  }
  return {
    kind: 'jwt',
    input,
    header,
    claims,
    algorithm,
    get text() {
      return written()
    },
    get jws() {
      return written()
    },
    get signature() {
      return sign()
    },
    ...(algorithm.family === 'rsa' ? { signAhead } : {}),
  }
}

/** Whether the policy asks for the type of an access token (RFC 9068 section 4). */
export const demandsAccessType = ({ enforces }: Policy): boolean =>
  enforces.has('typ-at-jwt') || enforces.has('rfc9068')

/** How far `iat` lies in the past, so that a clock that is a little behind does not see the future: seconds. */
const issuedBefore = 5

/** The claims of a good token before it is signed; pools sign many of them with a `jti` each. */
export const goodClaims = (
  source: KeySource,
  policy: Policy,
  scopes: readonly string[],
  { now, jti, cnf }: Moment,
): Members => {
  let claims: Members = {
    iss: policy.issuers[0],
    aud: policy.audiences[0],
    sub: 'gateproof',
    client_id: 'gateproof',
    jti,
    iat: now - issuedBefore,
    exp: now + source.lifetimeSeconds,
    ...authenticationClaims(policy, now),
    ...(cnf === undefined ? {} : { cnf }),
  }
  for (const { path, values } of policy.requiredClaims) claims = place(claims, path, values[0] ?? 'gateproof')
  if (scopes.length > 0) claims = placeScope(claims, policy, scopes.join(' '))
  return { ...claims, ...source.claims }
}

/** Puts a scope value where the policy looks first; a text becomes a list where a list is what it looks for. */
export const placeScope = (claims: Members, policy: Policy, value: unknown): Members => {
  const { path, format } = policy.scopeClaims[0]
  return place(claims, path, format === 'array' && typeof value === 'string' ? value.split(' ') : value)
}

/** A copy in which the member at that path has the value; null takes it away. */
export const place = (members: Members, path: readonly string[], value: unknown): Members => {
  const [name, ...rest] = path
  if (name === undefined) return members
  const inner = members[name]
  const next = rest.length === 0 ? value : place(isMembers(inner) ? inner : {}, rest, value)
  if (next === null) return Object.fromEntries(Object.entries(members).filter(([key]) => key !== name))
  return { ...members, [name]: next }
}

/** The value that stands at a path of the claims, or undefined. */
export const valueAt = (members: Members, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, name) => (isMembers(inner) && Object.hasOwn(inner, name) ? inner[name] : undefined),
    members,
  )

/** Takes a compact JWS apart; a token that is none, or whose algorithm we do not know, stays opaque. */
export const readGood = (text: string): GoodToken | OpaqueToken => {
  const [first, second, third, ...more] = text.split('.')
  if (first === undefined || second === undefined || third === undefined || more.length > 0)
    return { kind: 'opaque', text }
  const header = readMembers(first)
  const claims = readMembers(second)
  const algorithm = algorithmOf(header?.alg)
  if (header === undefined || claims === undefined || algorithm === undefined) return { kind: 'opaque', text }
  return {
    kind: 'jwt',
    text,
    jws: text,
    input: `${first}.${second}`,
    header,
    claims,
    signature: decode(third),
    algorithm,
  }
}

/** The JSON object that a base64url segment holds, or undefined. */
export const readMembers = (segment: string): Members | undefined => {
  try {
    const value: unknown = JSON.parse(decode(segment).toString('utf8'))
    return isMembers(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
