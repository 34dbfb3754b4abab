import { createPublicKey, type KeyObject } from 'node:crypto'
import { algorithmOf, fits } from './algorithm.ts'
import { decode, encode } from './base64.ts'
import { verifies } from './check.ts'
import { athOf } from './dpop.ts'
import { readMembers } from './good.ts'
import { thumbprint } from './keyring.ts'
import { isObject } from './value.ts'
import type { Members } from './scene.ts'

/** Why a request's proof has to be refused, in kinds that are independent of each other: one flaw is one kind. */
export type ProofFlaw =
  | 'count'
  | 'form'
  | 'type'
  | 'algorithm'
  | 'key'
  | 'signature'
  | 'identifier'
  | 'method'
  | 'uri'
  | 'time'
  | 'token'
  | 'binding'
  | 'nonce'

/** The request that a proof goes with, and what the run knows of its keys. */
export type ProofReference = {
  readonly method: string
  /** The URL that is requested. */
  readonly url: string
  readonly token: string
  /** The thumbprint of the key that good tokens are bound to. */
  readonly jkt: string
  readonly algorithms: readonly string[]
  /** Seconds since the epoch. */
  readonly now: number
  /** What the target gave last; null where it wants one and gave none, undefined where it wants none. */
  readonly nonce: string | null | undefined
}

/** How old a proof may be where the target has not said so: seconds. */
const freshSeconds = 60

/**
 * Every reason for which a request with these proofs must be refused (RFC 9449 section 4.3), the repetition of a proof
 * left aside. Strict, so an empty list means that a gateway would be right to let it in.
 */
export const proofFlawsOf = (proofs: readonly string[], reference: ProofReference): readonly ProofFlaw[] => {
  const [proof, ...more] = proofs
  if (proof === undefined || more.length > 0) return ['count']
  const [first = '', second = '', third, ...rest] = proof.split('.')
  const header = readMembers(first)
  const claims = readMembers(second)
  if (header === undefined || claims === undefined || third === undefined || rest.length > 0) return ['form']
  const signed = { input: `${first}.${second}`, signature: third }
  return [...headerFlaws(header, signed, reference), ...claimFlaws(claims, reference)]
}

const headerFlaws = (
  header: Members,
  { input, signature }: { readonly input: string; readonly signature: string },
  { algorithms, jkt }: ProofReference,
): readonly ProofFlaw[] => {
  const type: readonly ProofFlaw[] = header.typ === 'dpop+jwt' ? [] : ['type']
  const algorithm = algorithmOf(header.alg)
  if (algorithm === undefined || !algorithms.includes(algorithm.name)) return [...type, 'algorithm']
  const key = publicKeyOf(header.jwk)
  if (key === undefined || !fits(algorithm, key)) return [...type, 'key']
  const bytes = decode(signature)
  const isSigned = encode(bytes) === signature && verifies(algorithm, key, input, bytes)
  return [
    ...type,
    ...(isSigned ? [] : (['signature'] as const)),
    ...(thumbprint(key) === jkt ? [] : (['binding'] as const)),
  ]
}

const publicKeyOf = (jwk: unknown): KeyObject | undefined => {
  if (!isObject(jwk) || jwk.d !== undefined || jwk.k !== undefined) return undefined
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' })
  } catch {
    return undefined
  }
}

const claimFlaws = (claims: Members, reference: ProofReference): readonly ProofFlaw[] => {
  const { method, url, token, now, nonce } = reference
  const { jti, htm, htu, iat, ath } = claims
  const holds: Partial<Record<ProofFlaw, boolean>> = {
    identifier: typeof jti === 'string' && jti !== '',
    method: htm === method,
    uri: typeof htu === 'string' && normalised(htu) === normalised(url),
    time: typeof iat === 'number' && Math.abs(now - iat) <= freshSeconds,
    token: ath === athOf(token),
    nonce: nonce === undefined || claims.nonce === nonce,
  }
  const kinds = ['identifier', 'method', 'uri', 'time', 'token', 'nonce'] as const
  return kinds.filter((kind) => holds[kind] !== true)
}

/** Without query and fragment; undefined where it is no URL. */
const normalised = (text: string): string | undefined => {
  if (!URL.canParse(text)) return undefined
  const { origin, pathname } = new URL(text)
  return origin + pathname
}
