import { headerOf, type Answer } from '../exchange/answer.ts'
import { speechOf } from '../judge/protocol.ts'
import type { Io } from './io.ts'

/** The same way to the target, that tells of each nonce for DPoP proofs that comes back on it (RFC 9449 section 8.2). */
export const tellingNonces = (io: Io, take: (nonce: string) => void): Io => ({
  ...io,
  send: async (request, options) => {
    const answer = await io.send(request, options)
    const nonce =
      answer !== 'interrupted' && answer.kind === 'answered' ? headerOf(answer, 'dpop-nonce') : undefined
    if (nonce !== undefined && isNonce(nonce)) take(nonce)
    return answer
  },
})

/** RFC 9449 section 8.1: visible characters without quote and backslash; longer ones would crowd out all else. */
const isNonce = (text: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/.test(text)

/** An answer that only asks for a proof with the nonce that comes with it (RFC 9449 section 9). */
export const asksForNonce = (answer: Answer): boolean =>
  answer.kind === 'answered' &&
  answer.status === 401 &&
  headerOf(answer, 'dpop-nonce') !== undefined &&
  speechOf(answer, 'DPoP').error === 'use_dpop_nonce'
