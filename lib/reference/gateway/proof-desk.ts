import { randomBytes } from 'node:crypto'
import type { ProofAlgorithm } from './check-proof.ts'

/** How the gateway takes tokens that are bound by DPoP (RFC 9449), beside bearer tokens. */
export type DpopOptions = {
  readonly algorithms: readonly ProofAlgorithm[]
  /** Scheme and authority under which clients call the gateway: what `htu` is compared with is never taken from them. */
  readonly origin: string
  /** Must each proof have a nonce of the gateway's own (RFC 9449 section 9)? */
  readonly nonce: 'required' | 'optional'
}

/** What the gateway remembers of proofs between requests. */
export type ProofDesk = DpopOptions & {
  /** The nonce that is given out now. */
  currentNonce(): string
  /** Was it given out within the last minute or the one before? */
  isCurrent(nonce: string): boolean
  /** Is it the first proof of that name? It no longer is from then on (RFC 9449 section 11.1). */
  isFirst(name: string): boolean
}

const nonceMs = 60_000
/** Longer than any proof is fresh, to either side of the clock. */
const rememberedMs = 1_200_000
/** More than so many within that time, and the gateway is under attack: then all are taken for repetitions. */
const mostRemembered = 100_000

export const openProofDesk = (options: DpopOptions, now: () => number): ProofDesk => {
  const seen = new Map<string, number>()
  let nonces: readonly string[] = []
  let since = Number.NEGATIVE_INFINITY
  const renew = (): readonly string[] => {
    if (now() - since < nonceMs) return nonces
    nonces = [randomBytes(16).toString('base64url'), ...nonces.slice(0, 1)]
    since = now()
    return nonces
  }
  const forgetOld = (): void => {
    for (const [name, at] of seen) {
      if (now() - at < rememberedMs) return
      seen.delete(name)
    }
  }
  return {
    ...options,
    currentNonce: () => renew()[0] ?? '',
    isCurrent: (nonce) => renew().includes(nonce),
    isFirst: (name) => {
      forgetOld()
      if (seen.has(name) || seen.size >= mostRemembered) return false
      seen.set(name, now())
      return true
    },
  }
}
