import { createHash, createSecretKey } from 'node:crypto'
import type { Proof, ProofEdit } from '../config/proof.ts'
import { signBytes } from './algorithm.ts'
import { encode } from './base64.ts'
import type { BindingKeys } from './binding.ts'
import type { GoodProof } from './proof-value.ts'
import { hs256 } from './sign.ts'
import { merge } from './token.ts'
import { resolveText } from './value.ts'
import { ValueError, type Members, type Scene } from './scene.ts'

/** What a proof is about: the request that it goes with, and the token in it. */
export type ProofSubject = {
  readonly method: string
  /** The URI as it is requested, without query and fragment (RFC 9449 section 4.2). */
  readonly uri: string
  readonly token: string
  /** Another good token. */
  another(): string
}

/** A header field that holds a proof. */
export type ProofField = readonly [name: string, proof: string]

/** How far `iat` lies in the past, so that a clock that is a little behind does not see the future: seconds. */
const issuedBefore = 1

/**
 * The `DPoP` header fields of a request (RFC 9449 section 4.1): the good proof with one deviation.
 * @throws ValueError where a deviation is asked for and nothing is bound by DPoP here.
 */
export const proofFields = (
  deviation: Proof | undefined,
  subject: ProofSubject,
  scene: Scene,
): readonly ProofField[] => {
  const keys = scene.keyring.binding
  if (keys === undefined) {
    if (deviation === undefined || deviation === 'none') return []
    throw new ValueError('good tokens are not bound by DPoP')
  }
  if (deviation === 'none') return []
  const edit = deviation ?? {}
  return Array.from({ length: edit.count ?? 1 }, () => [
    edit.name ?? 'DPoP',
    proofText(edit, subject, { keys, scene }),
  ])
}

type Bench = { readonly keys: BindingKeys; readonly scene: Scene }

const proofText = (edit: ProofEdit, subject: ProofSubject, bench: Bench): string => {
  const { keys } = bench
  const claims = goodClaims(subject, bench.scene)
  const good: GoodProof = {
    claims,
    text: () => signProof(goodHeader('binding', keys), claims, {}, keys),
    otherAth: () => athOf(subject.another()),
  }
  const scene: Scene = { ...bench.scene, proof: good }
  if (edit.text !== undefined) return resolveText(edit.text, scene)
  const header = merge(goodHeader(edit.by, keys), edit.header, scene)
  return signProof(header, merge(claims, edit.claims, scene), edit, keys)
}

/** RFC 9449 section 4.2. */
const goodHeader = (by: ProofEdit['by'], keys: BindingKeys): Members => ({
  typ: 'dpop+jwt',
  alg: keys.algorithm.name,
  jwk: pairOf(by, keys).publicKey.export({ format: 'jwk' }),
})

const goodClaims = ({ method, uri, token }: ProofSubject, { now, nonce, random }: Scene): Members => ({
  jti: random(16).toString('base64url'),
  htm: method,
  htu: uri,
  iat: now - issuedBefore,
  ath: athOf(token),
  ...(nonce === undefined ? {} : { nonce }),
})

/**
 * The proof that goes with a token request: no token is there yet that it could name (RFC 9449 section 5).
 * `uri` may have a query, which is no part of the proof; `now` is seconds since the epoch.
 */
export const tokenRequestProof = (
  keys: BindingKeys,
  { uri, now, jti, nonce }: { uri: string; now: number; jti: string; nonce: string | undefined },
): string => {
  const claims = {
    jti,
    htm: 'POST',
    htu: uri.replace(/[?#].*$/s, ''),
    iat: now - issuedBefore,
    ...(nonce === undefined ? {} : { nonce }),
  }
  return signProof(goodHeader('binding', keys), claims, {}, keys)
}

/** The hash of the token's ASCII characters (RFC 9449 section 4.2). */
export const athOf = (token: string): string =>
  createHash('sha256').update(token, 'latin1').digest('base64url')

const signProof = (
  header: Members,
  claims: Members,
  { by, sign }: Pick<ProofEdit, 'by' | 'sign'>,
  keys: BindingKeys,
): string => {
  const input = `${encode(JSON.stringify(header))}.${encode(JSON.stringify(claims))}`
  if (sign === 'none') return `${input}.`
  const { privateKey, publicKey } = pairOf(sign === 'other' ? otherThan(by) : by, keys)
  const secret = () => createSecretKey(Buffer.from(publicKey.export({ type: 'spki', format: 'pem' })))
  const signature =
    sign === 'hmac'
      ? signBytes(hs256, secret(), Buffer.from(input))
      : signBytes(keys.algorithm, privateKey, Buffer.from(input))
  return `${input}.${encode(signature)}`
}

const pairOf = (by: ProofEdit['by'], { own, other }: BindingKeys) => (by === 'other' ? other : own)
const otherThan = (by: ProofEdit['by']): ProofEdit['by'] => (by === 'other' ? 'binding' : 'other')
