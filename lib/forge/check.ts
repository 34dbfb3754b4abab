import { verify as verifyBytes, constants, type KeyObject } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { jwtVerify } from 'jose'
import type { Policy } from '../config/config.ts'
import { milliseconds } from '../config/duration.ts'
import { algorithmOf, fits, type Algorithm } from './algorithm.ts'
import { decode, encode } from './base64.ts'
import { demandsAccessType, readMembers, type GoodToken } from './good.ts'
import { type Decryption, decryptSoundly } from './decryption.ts'
import { missesDemands } from './demands.ts'
import type { PublishedKey } from './keyring.ts'
import type { Members } from './scene.ts'

/** Why a token has to be refused, in kinds that are independent of each other: one flaw is one kind. */
export type Flaw =
  | 'encryption'
  | 'form'
  | 'authenticity'
  | 'header'
  | 'kind'
  | 'issuer'
  | 'audience'
  | 'time'
  | 'binding'
  | 'demand'

/** What tokens are held to: the policy, the good token and the keys of the run. */
export type Reference = {
  readonly policy: Policy
  readonly good: GoodToken
  readonly keys: readonly PublishedKey[]
  /** The target's clock, seconds since the epoch. */
  readonly now: number
  /** What a gateway that decrypts does so with; only where we hold the private key can it be known what is inside. */
  readonly decryption?: Decryption
}

/**
 * Every reason for which this token must be refused, apart from its scope. Strict where the standards are, so an empty
 * list means that a gateway would be right to let it in.
 */
export const flawsOf = (text: string, reference: Reference): readonly Flaw[] => [
  ...new Set(eachFlaw(text, reference)),
]

/** One after the other, the signature last: who needs to know of one flaw only seldom comes to that. */
function* eachFlaw(text: string, reference: Reference): Generator<Flaw> {
  const [first, second, third, ...more] = text.split('.')
  if (first === undefined || second === undefined || third === undefined || more.length > 0) {
    yield 'form'
    return
  }
  const header = strictMembers(first)
  const claims = strictMembers(second)
  // Claims that the header says are written otherwise are unreadable for that one reason.
  const otherwise = header?.zip !== undefined || header?.b64 === false
  if (header === undefined || (claims === undefined && !otherwise) || !isCanonical(third)) yield 'form'
  if (header !== undefined) yield* headerFlaws(header, reference)
  if (claims !== undefined) yield* claimFlaws(claims, reference)
  if (!isAuthentic({ first, second, third }, header ?? readMembers(first) ?? {}, reference))
    yield 'authenticity'
}

/** The same, of a token as it travels: where the gateway decrypts, what has to be refused inside counts as well. */
export const flawsAsSent = async (text: string, reference: Reference): Promise<readonly Flaw[]> => {
  const { flaws, jws } = await opened(text, reference)
  return jws === undefined ? flaws : [...flaws, ...flawsOf(jws, reference)]
}

/** Whether a token as it travels has a flaw, or `jose` refuses it under the same policy. */
export const isFlawed = async (text: string, reference: Reference): Promise<boolean> => {
  const { flaws, jws } = await opened(text, reference)
  if (jws === undefined || flaws.length > 0) return true
  return eachFlaw(jws, reference).next().done !== true || joseRefuses(jws, reference)
}

type Opened = { readonly flaws: readonly Flaw[]; readonly jws?: string }

/** What a sound gateway makes of the outside of a token. */
const opened = async (text: string, { decryption }: Reference): Promise<Opened> => {
  if (decryption === undefined) return { flaws: [], jws: text }
  if (text.split('.', 6).length !== 5) return { flaws: ['encryption'], jws: text }
  const jws = await decryptSoundly(text, decryption)
  return jws === undefined ? { flaws: ['encryption'] } : { flaws: [], jws }
}

/** Whether `jose` refuses the token under the same policy. */
export const joseRefuses = async (text: string, { policy, good, keys, now }: Reference): Promise<boolean> => {
  const { iss, aud } = good.claims
  const audiences = typeof aud === 'string' ? [aud] : policy.audiences
  try {
    await jwtVerify(
      text,
      ({ kid }) => (keys.find(({ jwk }) => jwk.kid === kid) ?? keys[0] ?? missingKey()).key,
      {
        algorithms: policy.algorithms.length > 0 ? [...policy.algorithms] : [good.algorithm.name],
        ...(typeof iss === 'string' ? { issuer: iss } : {}),
        ...(audiences.length > 0 ? { audience: [...audiences] } : {}),
        clockTolerance: policy.clockSkewSeconds ?? 0,
        currentDate: new Date(now * 1000),
      },
    )
    return false
  } catch {
    return true
  }
}

const missingKey = (): never => {
  throw new Error('no key')
}

const isCanonical = (segment: string): boolean => encode(decode(segment)) === segment

/** The members of a segment that is canonical base64url of valid UTF-8 of a JSON object with unique member names. */
const strictMembers = (segment: string): Members | undefined => {
  if (!isCanonical(segment) || segment === '') return undefined
  const bytes = decode(segment)
  const text = bytes.toString('utf8')
  if (!Buffer.from(text).equals(bytes) || text.startsWith('\ufeff')) return undefined
  const members = readMembers(segment)
  return members !== undefined && hasUniqueNames(text, members) ? members : undefined
}

/** A doubled name leaves fewer members than the text has names at its top level. */
const hasUniqueNames = (text: string, members: Members): boolean => {
  let depth = 0
  let names = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (character === '"') {
      index = stringEnd(text, index)
      if (depth === 1 && /^\s*:/.test(text.slice(index + 1, index + 64))) names++
    } else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
  }
  return names === Object.keys(members).length
}

const stringEnd = (text: string, start: number): number => {
  let index = start + 1
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1
  return index
}

type Segments = { readonly first: string; readonly second: string; readonly third: string }

const isAuthentic = ({ first, second, third }: Segments, header: Members, reference: Reference): boolean => {
  const { good, keys, policy } = reference
  // The good token is signed only where what is signed is the same.
  if (`${first}.${second}` === good.input && `${first}.${second}.${third}` === good.jws) return true
  const algorithm = algorithmOf(header.alg)
  const allowed = policy.algorithms.length > 0 ? policy.algorithms : [good.algorithm.name]
  if (algorithm === undefined || !allowed.includes(algorithm.name)) return false
  const named = keys.find(({ jwk }) => jwk.kid === header.kid)
  if (named === undefined || (named.jwk.alg !== undefined && named.jwk.alg !== algorithm.name)) return false
  return fits(algorithm, named.key) && verifies(algorithm, named.key, `${first}.${second}`, decode(third))
}

/** Whether the signature is that of the key over the input, in the form of RFC 7518 section 3. */
export const verifies = (algorithm: Algorithm, key: KeyObject, input: string, signature: Buffer): boolean => {
  const data = Buffer.from(input)
  switch (algorithm.family) {
    case 'rsa':
      return verifyBytes(
        algorithm.hash,
        data,
        algorithm.padding === 'pss'
          ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
          : { key, padding: constants.RSA_PKCS1_PADDING },
        signature,
      )
    case 'ec':
      return verifyBytes(algorithm.hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
    case 'okp':
      return verifyBytes(null, data, key, signature)
    case 'hmac':
      return false
  }
}

const accessTypes = ['jwt', 'at+jwt', 'application/at+jwt']

const headerFlaws = (header: Members, { policy, good }: Reference): Flaw[] => {
  const flaws: Flaw[] = []
  // RFC 7515 section 4.1.11: whatever `crit` lists must be understood, and nothing that we check with understands any.
  // `enc` alone makes no JWE of a JWS: it is a parameter like any other that is not understood.
  if (header.crit !== undefined || header.b64 !== undefined || header.zip !== undefined) flaws.push('header')
  if (header.typ !== undefined && header.typ !== good.header.typ) {
    const type = typeof header.typ === 'string' ? header.typ.toLowerCase() : ''
    const wanted = demandsAccessType(policy) ? accessTypes.slice(1) : accessTypes
    if (!wanted.includes(type)) flaws.push('kind')
  } else if (header.typ === undefined && good.header.typ !== undefined && demandsAccessType(policy)) {
    flaws.push('kind')
  }
  return flaws
}

/** Claims of ID tokens, logout tokens, DPoP proofs and other JWTs, which no access token has. */
const foreignClaims = ['nonce', 'at_hash', 'events', 'htm', 'htu', 'token_introspection', 'token_use']

const claimFlaws = (claims: Members, { policy, good, now }: Reference): Flaw[] => {
  const flaws: Flaw[] = []
  const issuers: readonly unknown[] = policy.issuers.length > 0 ? policy.issuers : [good.claims.iss]
  const audiences: readonly unknown[] =
    policy.audiences.length > 0 ? policy.audiences : [good.claims.aud].flat()
  const named = Array.isArray(claims.aud) ? claims.aud : [claims.aud]
  if (!issuers.includes(claims.iss)) flaws.push('issuer')
  if (!named.every((one) => typeof one === 'string') || !named.some((one) => audiences.includes(one)))
    flaws.push('audience')
  if (!isInTime(claims, policy, now)) flaws.push('time')
  for (const name of foreignClaims)
    if (claims[name] !== undefined && claims[name] !== good.claims[name] && claims[name] !== 'access')
      flaws.push('kind')
  for (const name of ['sub', 'jti'])
    if (claims[name] !== undefined && typeof claims[name] !== 'string') flaws.push('kind')
  if (claims.sub !== undefined && claims.sub === claims.iss) flaws.push('kind')
  if (missesDemands(claims, good.claims, policy, now)) flaws.push('demand')
  if (!isDeepStrictEqual(claims.cnf, good.claims.cnf)) flaws.push('binding')
  return flaws
}

const isInTime = ({ exp, nbf, iat }: Members, policy: Policy, now: number): boolean => {
  const skew = policy.clockSkewSeconds ?? 0
  const isDate = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value)
  if (!isDate(exp) || exp <= now - skew) return false
  if (nbf !== undefined && (!isDate(nbf) || nbf > now + skew)) return false
  if (iat === undefined) return !policy.enforces.has('require-iat') && !policy.enforces.has('rfc9068')
  if (!isDate(iat) || iat > now + skew) return false
  return now - iat <= limitSeconds(policy, 'max-age') && exp - iat <= limitSeconds(policy, 'max-lifetime')
}

/** A limit that the policy declares, or none. */
const limitSeconds = ({ enforces }: Policy, name: string): number => {
  const limit = enforces.get(name)
  if (typeof limit === 'number') return limit
  return typeof limit === 'string' ? milliseconds(limit) / 1000 : Number.POSITIVE_INFINITY
}
