import { headerOf, headersOf, type Answered } from '../exchange/answer.ts'
import { challengeOf, paramOf, readChallenges } from './challenge.ts'

/** The named checks of how an answer speaks of DPoP. */
export const dpopChecks = {
  /** RFC 9449 section 7.1: the algorithms of proofs that are taken, separated by spaces. */
  'challenge-algs': (answer: Answered) => {
    const read = readChallenges(headersOf(answer, 'www-authenticate'))
    const algs = paramOf(challengeOf(read, 'DPoP'), 'algs')
    return algs === undefined || algs.trim() === '' ? 'the DPoP challenge names no algs' : undefined
  },
  /** RFC 9449 section 9: whoever asks for a nonce gives one. */
  'nonce-given': (answer: Answered) =>
    headerOf(answer, 'dpop-nonce') === undefined ? 'no DPoP-Nonce header' : undefined,
} as const
