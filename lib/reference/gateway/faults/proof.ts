import { createHmac } from 'node:crypto'
import { publicKeyOf } from '../check-proof.ts'
import { headerValues } from '../request.ts'
import { isObject } from '../strict-json.ts'
import { withChallenge, withoutHeader } from './answers.ts'
import { type Fault, fault } from './fault.ts'

/** Checks that one software or another forgets (RFC 9449 section 4.3), in its order. */
const forgotten = {
  'dpop-first-proof': fault('of two proofs the first is looked at', () => ({
    severalProofs: ([first]) => first,
  })),
  'dpop-proof-optional': fault('a proof is checked only where there is one', (next) => ({
    checkProof: (holding, desk, gate, d) =>
      d.proofFields(holding.request).length === 0 ? 'proven' : next.checkProof(holding, desk, gate, d),
  })),
  'dpop-unreadable-ignored': fault('a proof that cannot be read is taken for none, which passes', (next) => ({
    checkProof: (holding, desk, gate, d) => {
      const [text] = d.proofFields(holding.request)
      return text !== undefined && d.readProof(text, d) === undefined
        ? 'proven'
        : next.checkProof(holding, desk, gate, d)
    },
  })),
  'dpop-claims-optional': fault('a claim of the proof is checked only where it is there', (next) => ({
    acceptsProofClaims: (claims) => claims.jti === undefined || next.acceptsProofClaims(claims),
    namesMethod: (htm, method) => htm === undefined || next.namesMethod(htm, method),
    namesUri: (htu, scene) => htu === undefined || next.namesUri(htu, scene),
    isFresh: (iat, nowSeconds) => iat === undefined || next.isFresh(iat, nowSeconds),
    isForToken: (ath, token) => ath === undefined || next.isForToken(ath, token),
  })),
  'dpop-typ-unchecked': fault('the type of the proof is not looked at', () => ({ isProofType: () => true })),
  'dpop-alg-none': fault('a proof that says that it is not signed is taken', (next) => ({
    isProofSigned: (proof, desk, d) => proof.header.alg === 'none' || next.isProofSigned(proof, desk, d),
  })),
  'dpop-alg-symmetric': fault('the key in the proof is taken for an HMAC secret', (next) => ({
    isProofSigned: (proof, desk, d) => {
      const key = isObject(proof.header.jwk) ? publicKeyOf(proof.header.jwk) : undefined
      if (proof.header.alg !== 'HS256' || key === undefined) return next.isProofSigned(proof, desk, d)
      const secret = key.export({ type: 'spki', format: 'pem' })
      return createHmac('sha256', secret).update(proof.signed).digest().equals(proof.signature)
    },
  })),
  'dpop-alg-guessed': fault('a proof that names no algorithm has that of its key', (next) => ({
    isProofSigned: ({ header, ...proof }, desk, d) =>
      next.isProofSigned({ ...proof, header: { alg: 'ES256', ...header } }, desk, d),
  })),
  'dpop-signature-unchecked': fault('the signature of the proof is not verified', () => ({
    isProofSigned: () => true,
  })),
  'dpop-jwk-optional': fault('a proof without a key is believed', (next) => ({
    isProofSigned: (proof, desk, d) => proof.header.jwk === undefined || next.isProofSigned(proof, desk, d),
    isBoundKey: (header, jkt) => header.jwk === undefined || next.isBoundKey(header, jkt),
  })),
  'dpop-private-key': fault('a proof may give away its private key', () => ({
    proofKey: (jwk) => (isObject(jwk) ? publicKeyOf(jwk) : undefined),
  })),
  'dpop-htm-unchecked': fault('the method of the proof is not compared', () => ({ namesMethod: () => true })),
  'dpop-htm-case': fault('the method of the proof is compared without regard to case', (next) => ({
    namesMethod: (htm, method) => next.namesMethod(typeof htm === 'string' ? htm.toUpperCase() : htm, method),
  })),
  'dpop-htu-unchecked': fault('the URI of the proof is not compared', () => ({ namesUri: () => true })),
  'dpop-htu-path-alone': fault('of the URI of the proof the path is compared', () => ({
    namesUri: (htu, { request }) =>
      typeof htu === 'string' && URL.canParse(htu) && new URL(htu).pathname === request.path,
  })),
  'dpop-htu-strict': fault('the URI of the proof is compared as text', () => ({
    namesUri: (htu, { request, desk }) => htu === desk.origin + request.path,
  })),
  'dpop-htu-internal': fault('the URI of the proof may be that behind the proxy', (next) => ({
    namesUri: (htu, scene) => next.namesUri(onPublicOrigin(htu, scene.desk.origin), scene),
  })),
  'dpop-iat-unchecked': fault('the age of the proof is not looked at', () => ({ isFresh: () => true })),
  'dpop-proof-reused': fault('a proof may be used again', () => ({ isFirstUse: () => true })),
  'dpop-ath-unchecked': fault('the proof may be for another token', () => ({ isForToken: () => true })),
  'dpop-any-key': fault('the proof may be by another key than the token is bound to', () => ({
    isBoundKey: () => true,
  })),
  'dpop-nonce-unchecked': fault('the nonce of the proof is not looked at', () => ({ hasNonce: () => true })),
} as const satisfies Readonly<Record<string, Fault>>

/** What a gateway that stands behind a proxy on the same machine takes for its own address. */
const onPublicOrigin = (htu: unknown, origin: string): unknown =>
  typeof htu === 'string' ? htu.replace(/^http:\/\/(?:localhost|127\.0\.0\.1)(?::\d+)?(?=\/)/, origin) : htu

/** How bound tokens are told from others, and what is said of DPoP. */
const scheme = {
  'dpop-downgrade': fault('a token that is bound by DPoP is taken as a bearer token', (next) => ({
    isBearer: (claims) => next.isBearer(claims) || (isObject(claims.cnf) && 'jkt' in claims.cnf),
  })),
  'dpop-proof-under-bearer': fault('a proof is as good under the scheme Bearer', (next) => ({
    checkHolder: (holding, gate, d) =>
      gate.desk !== undefined && d.proofFields(holding.request).length > 0
        ? d.checkProof(holding, gate.desk, gate, d)
        : next.checkHolder(holding, gate, d),
  })),
  'dpop-unbound': fault('a token that is bound to nothing goes with any proof', (next) => ({
    boundKey: (claims) => (claims.cnf === undefined ? 'none' : next.boundKey(claims)),
    isBoundKey: (header, jkt) => jkt === 'none' || next.isBoundKey(header, jkt),
  })),
  'dpop-strict-members': fault('a proof with a member that is not known is refused', (next) => ({
    acceptsProofHeader: (header, d) =>
      hasOnly(header, ['typ', 'alg', 'jwk']) && next.acceptsProofHeader(header, d),
    acceptsProofClaims: (claims) =>
      hasOnly(claims, ['jti', 'htm', 'htu', 'iat', 'ath', 'nonce']) && next.acceptsProofClaims(claims),
  })),
  'dpop-header-case': fault('the header of the proof is looked for in one spelling', () => ({
    proofFields: (request) =>
      request.headers.includes('DPoP') ? headerValues(request, 'dpop').slice(0, 2) : [],
  })),
  'dpop-not-offered': fault('a challenge does not say that DPoP is taken', (next) => ({
    refusal: (refusal, standard, request) =>
      withChallenge(next.refusal(refusal, standard, request), (text) => text.replace(/, DPoP .*$/s, '')),
  })),
  'dpop-algs-not-named': fault('a challenge does not name the algorithms of proofs', (next) => ({
    refusal: (refusal, standard, request) =>
      withChallenge(next.refusal(refusal, standard, request), (text) =>
        text.replace(/, DPoP algs="[^"]*"/, ', DPoP realm="gateway"').replace(/, algs="[^"]*"/, ''),
      ),
  })),
  'dpop-nonce-kept': fault('who comes with an old nonce is not given the new one', (next) => {
    let isOld = false
    return {
      hasNonce: (nonce, desk) => {
        isOld = nonce !== undefined
        return next.hasNonce(nonce, desk)
      },
      refusal: (refusal, standard, request) => {
        const answer = next.refusal(refusal, standard, request)
        return isOld ? withoutHeader(answer, 'DPoP-Nonce') : answer
      },
    }
  }),
  'dpop-error-unknown': fault(
    'a proof that is not valid is called so in the gateway’s own words',
    (next) => ({
      refusal: (refusal, standard, request) =>
        withChallenge(next.refusal(refusal, standard, request), (text) =>
          text.replace('invalid_dpop_proof', 'bad_proof'),
        ),
    }),
  ),
} as const satisfies Readonly<Record<string, Fault>>

const hasOnly = (members: object, names: readonly string[]): boolean =>
  Object.keys(members).every((name) => names.includes(name))

/** How a gateway that takes DPoP may be wrong about it. */
export const proofFaults = { ...forgotten, ...scheme } as const satisfies Readonly<Record<string, Fault>>
