import { proofFlawsOf, type ProofFlaw } from '../forge/check-proof.ts'
import { thumbprint } from '../forge/keyring.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { Workshop } from './request-maker.ts'

/** Why the DPoP proof of a request has to be refused here; empty where nothing is bound by DPoP. */
export const proofFlawsIn = (
  { method, target, proofs = [], secrets }: ForgedRequest,
  { config, keyring, now, nonce }: Workshop,
): readonly ProofFlaw[] => {
  const { binding } = keyring
  if (binding === undefined) return []
  return proofFlawsOf(proofs, {
    method,
    url: target.startsWith('/') ? config.target.origin + target : target,
    token: secrets[0] ?? '',
    jkt: thumbprint(binding.own.publicKey),
    algorithms: config.policy.dpop?.algorithms ?? [binding.algorithm.name],
    now: now(),
    nonce: config.policy.dpop?.nonce === 'required' ? (nonce() ?? null) : undefined,
  })
}
