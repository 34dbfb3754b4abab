import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import type { Gate } from './admit.ts'
import { isDate } from './check-claims.ts'
import type { Decisions } from './decisions.ts'
import type { ProofDesk } from './proof-desk.ts'
import { objectIn } from './read-token.ts'
import { type GatewayRequest, headerValues } from './request.ts'
import { isObject, type JsonObject } from './strict-json.ts'

/** What a DPoP proof says; nothing in it is trusted yet. */
export type ReadProof = {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly signed: Buffer
  readonly signature: Buffer
}

/** What a request presents with its token. */
export type Holding = {
  readonly request: GatewayRequest
  readonly claims: JsonObject
  /** The token as it came. */
  readonly token: string
}

export type ProofVerdict = 'proven' | 'invalid-token' | 'invalid-proof' | 'nonce-needed'

/** A request, what it presents, and what its proof is held to. */
export type ProofScene = Holding & { readonly desk: ProofDesk; readonly nowSeconds: number }

export type ProofDecisions = {
  /** Does whoever sent the token prove to hold the key that it is bound to, under the scheme DPoP? */
  readonly checkProof: (holding: Holding, desk: ProofDesk, gate: Gate, d: Decisions) => ProofVerdict
  /** The thumbprint that the token is bound to. */
  readonly boundKey: (claims: JsonObject) => string | undefined
  readonly proofFields: (request: GatewayRequest) => readonly string[]
  /** Of more than one field. */
  readonly severalProofs: (fields: readonly string[]) => string | undefined
  readonly readProof: (text: string, d: Decisions) => ReadProof | undefined
  /** All of RFC 9449 section 4.3 but the nonce and the repetition. */
  readonly proofHolds: (proof: ReadProof, scene: ProofScene, jkt: string | undefined, d: Decisions) => boolean
  readonly acceptsProofHeader: (header: JsonObject, d: Decisions) => boolean
  readonly isProofType: (typ: unknown) => boolean
  readonly acceptsProofClaims: (claims: JsonObject) => boolean
  readonly isProofSigned: (proof: ReadProof, desk: ProofDesk, d: Decisions) => boolean
  readonly proofKey: (jwk: unknown) => KeyObject | undefined
  readonly isBoundKey: (header: JsonObject, jkt: string | undefined) => boolean
  readonly namesMethod: (htm: unknown, method: string) => boolean
  readonly namesUri: (htu: unknown, scene: ProofScene) => boolean
  readonly isFresh: (iat: unknown, nowSeconds: number) => boolean
  readonly isForToken: (ath: unknown, token: string) => boolean
  readonly hasNonce: (nonce: unknown, desk: ProofDesk) => boolean
  readonly isFirstUse: (claims: JsonObject, jkt: string | undefined, desk: ProofDesk) => boolean
}

const verifiers = {
  ES256: { kind: 'ec', curve: 'prime256v1', hash: 'sha256' },
  EdDSA: { kind: 'ed25519', curve: undefined, hash: null },
} as const
export type ProofAlgorithm = keyof typeof verifiers

/** How old a proof may be, and how far ahead its clock: seconds (RFC 9449 section 11.1 leaves it to the server). */
const freshSeconds = 300

/** Members that only a private or a symmetric key has (RFC 7518 section 6). */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']

export const soundProof: ProofDecisions = {
  checkProof: (holding, desk, { nowSeconds }, d) => {
    const jkt = d.boundKey(holding.claims)
    if (jkt === undefined) return 'invalid-token'
    const fields = d.proofFields(holding.request)
    const text = fields.length > 1 ? d.severalProofs(fields) : fields[0]
    const proof = text === undefined ? undefined : d.readProof(text, d)
    if (proof === undefined || !d.proofHolds(proof, { ...holding, desk, nowSeconds }, jkt, d))
      return 'invalid-proof'
    if (!d.hasNonce(proof.claims.nonce, desk)) return 'nonce-needed'
    return d.isFirstUse(proof.claims, jkt, desk) ? 'proven' : 'invalid-proof'
  },
  // A binding by a further method that nobody looks at is none.
  boundKey: ({ cnf }) => {
    if (!isObject(cnf) || Object.keys(cnf).length !== 1) return undefined
    return typeof cnf.jkt === 'string' ? cnf.jkt : undefined
  },
  proofFields: (request) => headerValues(request, 'dpop'),
  severalProofs: () => undefined,
  readProof: (text, d) => {
    const [head = '', payload = '', last, more] = text.split('.', 4)
    const header = objectIn(head, d)
    const claims = objectIn(payload, d)
    const signature = last === undefined ? undefined : d.decode(last)
    if (header === undefined || claims === undefined || signature === undefined || more !== undefined)
      return undefined
    return { header, claims, signature, signed: Buffer.from(`${head}.${payload}`, 'latin1') }
  },
  proofHolds: (proof, scene, jkt, d) => {
    const { header, claims } = proof
    return (
      d.acceptsProofHeader(header, d) &&
      d.acceptsProofClaims(claims) &&
      d.isProofSigned(proof, scene.desk, d) &&
      d.isBoundKey(header, jkt) &&
      d.namesMethod(claims.htm, scene.request.method) &&
      d.namesUri(claims.htu, scene) &&
      d.isFresh(claims.iat, scene.nowSeconds) &&
      d.isForToken(claims.ath, scene.token)
    )
  },
  acceptsProofHeader: (header, d) => !Object.hasOwn(header, 'crit') && d.isProofType(header.typ),
  isProofType: (typ) => typ === 'dpop+jwt',
  acceptsProofClaims: ({ jti }) => typeof jti === 'string' && jti !== '',
  isProofSigned: ({ header, signed, signature }, { algorithms }, d) => {
    const algorithm = algorithms.find((name) => name === header.alg)
    const key = d.proofKey(header.jwk)
    return algorithm !== undefined && key !== undefined && isSignedBy(key, algorithm, { signed, signature })
  },
  proofKey: (jwk) =>
    isObject(jwk) && !privateMembers.some((name) => Object.hasOwn(jwk, name)) ? publicKeyOf(jwk) : undefined,
  isBoundKey: ({ jwk }, jkt) => isObject(jwk) && thumbprintOf(jwk) === jkt,
  namesMethod: (htm, method) => htm === method,
  namesUri: (htu, { request, desk }) =>
    typeof htu === 'string' && normalised(htu) === normalised(desk.origin + request.path),
  isFresh: (iat, nowSeconds) => isDate(iat) && Math.abs(nowSeconds - iat) <= freshSeconds,
  isForToken: (ath, token) => ath === createHash('sha256').update(token, 'latin1').digest('base64url'),
  hasNonce: (nonce, desk) =>
    nonce === undefined ? desk.nonce === 'optional' : typeof nonce === 'string' && desk.isCurrent(nonce),
  isFirstUse: ({ jti }, jkt, desk) => desk.isFirst(`${jkt ?? ''} ${String(jti)}`),
}

/** The members of a JWK that say which public key it is, or undefined where it is none that could be used here. */
export const publicKeyOf = ({ kty, crv, x, y }: JsonObject): KeyObject | undefined => {
  if (typeof kty !== 'string' || typeof crv !== 'string' || typeof x !== 'string') return undefined
  try {
    return createPublicKey({
      key: { kty, crv, x, ...(typeof y === 'string' ? { y } : {}) },
      format: 'jwk',
    })
  } catch (error) {
    // Node has several codes for what is no key.
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

/** RFC 7638 section 3, of an EC or OKP key. */
export const thumbprintOf = ({ crv, kty, x, y }: JsonObject): string =>
  createHash('sha256')
    .update(JSON.stringify({ crv, kty, x, ...(kty === 'EC' ? { y } : {}) }))
    .digest('base64url')

const isSignedBy = (
  key: KeyObject,
  algorithm: ProofAlgorithm,
  { signed, signature }: Pick<ReadProof, 'signed' | 'signature'>,
): boolean => {
  const { kind, curve, hash } = verifiers[algorithm]
  return (
    key.asymmetricKeyType === kind &&
    key.asymmetricKeyDetails?.namedCurve === curve &&
    verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
  )
}

/** Without query and fragment, normalised as RFC 9449 section 4.3 wants; undefined where it is no URL. */
const normalised = (uri: string): string | undefined => {
  if (!URL.canParse(uri)) return undefined
  const { protocol, host, pathname } = new URL(uri)
  return `${protocol}//${host}${pathname}`
}
