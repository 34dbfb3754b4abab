import { createHash } from 'node:crypto'
import type { Gate } from './admit.ts'
import type { Holding, ProofVerdict } from './check-proof.ts'
import type { Decisions } from './decisions.ts'
import type { TokenPlace } from './deployment.ts'
import { type GatewayRequest, headerValues } from './request.ts'
import { isObject, type JsonObject } from './strict-json.ts'

export type HolderDecisions = {
  /** Is the token used by whom it was issued to, as far as it says so (RFC 7800)? */
  readonly checkHolder: (holding: Holding, gate: Gate, d: Decisions) => ProofVerdict
  /** May whoever holds the token use it, without the proof of a key? */
  readonly isBearer: (claims: JsonObject) => boolean
  /** Is it bound to the client's certificate (RFC 8705 section 3)? */
  readonly isCertified: (cnf: unknown, request: GatewayRequest, d: Decisions) => boolean
  /** The client's certificate, in DER. */
  readonly certificateOf: (request: GatewayRequest) => Uint8Array | undefined
  readonly isThumbprintOf: (thumbprint: string, certificate: Uint8Array | undefined) => boolean
}

export const soundHolder: HolderDecisions = {
  checkHolder: (holding, gate, d) => {
    const { desk, policy, readsCertificates } = gate
    if (desk !== undefined && isDpop(policy.place)) return d.checkProof(holding, desk, gate, d)
    const { claims, request } = holding
    const isHeld = d.isBearer(claims) || (readsCertificates && d.isCertified(claims.cnf, request, d))
    return isHeld ? 'proven' : 'invalid-token'
  },
  isBearer: (claims) => !Object.hasOwn(claims, 'cnf'),
  // A binding by a further method that nobody looks at is none.
  isCertified: (cnf, request, d) => {
    if (!isObject(cnf) || Object.keys(cnf).length !== 1) return false
    const thumbprint = cnf['x5t#S256']
    return typeof thumbprint === 'string' && d.isThumbprintOf(thumbprint, d.certificateOf(request))
  },
  certificateOf: ({ certificate }) => certificate,
  isThumbprintOf: (thumbprint, certificate) =>
    certificate !== undefined && createHash('sha256').update(certificate).digest('base64url') === thumbprint,
}

const isDpop = (place: TokenPlace): boolean => place.in === 'header' && place.scheme === 'DPoP'

/** Where DPoP is taken, the scheme is that which the request has (RFC 9449 section 7.2). */
export const placeOf = (request: GatewayRequest, place: TokenPlace, takesDpop: boolean): TokenPlace =>
  takesDpop &&
  place.in === 'header' &&
  headerValues(request, place.name).some((value) => /^dpop(?: |$)/i.test(value))
    ? { ...place, scheme: 'DPoP' }
    : place
