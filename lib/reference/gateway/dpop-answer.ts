import { type Answer, headerOf, withHeaders } from './answer.ts'
import { placeOf } from './check-holder.ts'
import type { TokenPlace } from './deployment.ts'
import type { ProofDesk } from './proof-desk.ts'
import type { Refusal } from './refusal.ts'
import type { GatewayRequest } from './request.ts'

export type AnswerTo = (refusal: Refusal, request?: GatewayRequest) => Answer

/**
 * The answers of a gateway that takes DPoP beside Bearer: each challenge has both schemes, and says under that which the
 * request used what was wrong with it (RFC 9449 sections 7.1 and 7.2).
 */
export const withDpopChallenges =
  (answerTo: AnswerTo, place: TokenPlace, desk: ProofDesk): AnswerTo =>
  (refusal, request) => {
    const answer = answerTo(refusal)
    const bearer = headerOf(answer, 'WWW-Authenticate')
    if (bearer === undefined) return answer
    const isUnderDpop = request !== undefined && placeOf(request, place, true) !== place
    const algs = `algs="${desk.algorithms.join(' ')}"`
    const [, realm = '', said = ''] = /^(Bearer realm="[^"]*")(?:, (.*))?$/s.exec(bearer) ?? []
    const challenge = isUnderDpop
      ? `${realm}, DPoP ${[said, algs].filter((part) => part !== '').join(', ')}`
      : `${bearer}, DPoP ${algs}`
    const nonce = refusal.why === 'nonce-needed' ? ['DPoP-Nonce', desk.currentNonce()] : []
    return withHeaders(answer, 'WWW-Authenticate', challenge, ...nonce)
  }
