import { type Answer, errorAnswer } from './answer.ts'

/** Why a request is not served. */
export type Refusal =
  | { readonly why: PlainRefusal }
  | { readonly why: 'insufficient-scope'; readonly anyOf: readonly string[] }
  | { readonly why: 'method-not-allowed'; readonly allowed: readonly string[] }

export type PlainRefusal =
  | 'no-credentials'
  | 'malformed-credentials'
  | 'invalid-token'
  | 'insufficient-authentication'
  | 'invalid-proof'
  | 'nonce-needed'
  | 'malformed-request'
  | 'too-large'
  | 'not-found'
  | 'keys-unreachable'
  | 'backend-failed'
  | 'backend-late'

const realm = 'Bearer realm="gateway"'

/** A `Bearer` challenge (RFC 6750 section 3). Its texts are fixed: what a client sent is never told back. */
const challenge = (error: string, description: string, ...more: readonly string[]): readonly string[] => [
  'WWW-Authenticate',
  [realm, `error="${error}"`, `error_description="${description}"`, ...more].join(', '),
]

const malformed = (what: string) => challenge('invalid_request', `${what} is malformed`)

const plainAnswers: Readonly<Record<PlainRefusal, Answer>> = {
  // RFC 6750 section 3.1: a request without authentication information gets no error code.
  'no-credentials': errorAnswer(401, ['WWW-Authenticate', realm]),
  'malformed-credentials': errorAnswer(400, malformed('The authentication of the request')),
  'invalid-token': errorAnswer(401, challenge('invalid_token', 'The access token is not valid here')),
  // RFC 9470 section 3.
  'insufficient-authentication': errorAnswer(
    401,
    challenge('insufficient_user_authentication', 'The user must authenticate in another way'),
  ),
  // RFC 9449 sections 7.1 and 9; only a gateway that takes DPoP has these.
  'invalid-proof': errorAnswer(401, challenge('invalid_dpop_proof', 'The DPoP proof is not valid here')),
  'nonce-needed': errorAnswer(401, challenge('use_dpop_nonce', 'The DPoP proof needs a nonce')),
  'malformed-request': errorAnswer(400, malformed('The request')),
  'too-large': errorAnswer(431),
  'not-found': errorAnswer(404),
  'keys-unreachable': errorAnswer(500),
  'backend-failed': errorAnswer(502),
  'backend-late': errorAnswer(504),
}

/** The answer to a refused request, as RFC 6750 section 3.1 and RFC 9110 section 15 have it. */
export const refusalAnswer = (refusal: Refusal): Answer => {
  switch (refusal.why) {
    case 'insufficient-scope': {
      const scope = `scope="${refusal.anyOf.join(' ')}"`
      return errorAnswer(
        403,
        challenge('insufficient_scope', 'The access token does not have a scope that is needed', scope),
      )
    }
    case 'method-not-allowed':
      return errorAnswer(405, ['Allow', refusal.allowed.join(', ')])
    default:
      return plainAnswers[refusal.why]
  }
}
