import { X509Certificate } from 'node:crypto'
import type { Config } from '../config/config.ts'
import { ProviderError } from '../exchange/provider.ts'
import { certificateThumbprint } from '../forge/binding.ts'
import { readGood, valueAt, type GoodToken } from '../forge/good.ts'
import type { Keyring } from '../forge/keyring.ts'
import type { Members } from '../forge/scene.ts'
import type { TokenFacts } from '../plan/features.ts'
import { openIssuedTokens, type IssuedTokens } from './issued-tokens.ts'
import { gatherBinding, gatherKeys } from './keys.ts'
import type { PolicyRead, World } from './world.ts'

export type Gathered = {
  readonly kind: 'gathered'
  readonly issued: IssuedTokens
  readonly keyring: Keyring
  readonly facts: TokenFacts
}
export type Failed = { readonly kind: 'failed'; readonly message: string; readonly facts: TokenFacts }

/** Genuine tokens and keys, before anything is sent to the target. */
export const gather = async (
  config: Config,
  io: Pick<World, 'now' | 'newId' | 'attackers'> & Partial<Pick<World, 'onEvent'>>,
): Promise<Gathered | Failed> => {
  const { tokens, policy } = config
  const known = { issuerKnown: policy.issuers.length > 0, audienceKnown: policy.audiences.length > 0 }
  const declared = policy.algorithms[0]
  const blank: TokenFacts = {
    ...known,
    publicKeyKnown: false,
    ...(declared === undefined ? {} : { algorithm: declared }),
  }
  const keys = await gatherBinding(config)
  const context = {
    now: () => Math.floor(io.now() / 1000),
    newId: () => io.newId(),
    timeoutMs: config.target.timeoutMs,
    ...(keys === undefined ? {} : { dpop: { keys, nonces: new Map<string, string>() } }),
  }
  try {
    const issued = await openIssuedTokens(config, context, (message) =>
      io.onEvent?.({ kind: 'not-renewed', message }),
    )
    const { good } = issued
    const keyring = await gatherKeys(config, good, { bindingKeys: keys, attackers: io.attackers })
    const read = good === undefined ? undefined : readGood(good)
    const claims = read?.kind === 'jwt' ? read.claims : {}
    const open = read?.kind === 'jwt' ? policyRead(config, read) : {}
    if (Object.keys(open).length > 0) io.onEvent?.({ kind: 'policy-read', read: open })
    const algorithm =
      tokens.kind === 'keys' ? tokens.keys[0].alg : read?.kind === 'jwt' ? read.algorithm.name : undefined
    return {
      kind: 'gathered',
      issued,
      keyring,
      facts: {
        ...(algorithm === undefined ? {} : { algorithm }),
        publicKeyKnown: keyring.publicKey !== undefined,
        ...(policy.jwks === undefined || keyring.publicKey === undefined
          ? {}
          : { servedKey: keyring.publicKey.jwk }),
        issuerKnown: known.issuerKnown || claims.iss !== undefined,
        audienceKnown: known.audienceKnown || claims.aud !== undefined,
        ...(tokens.kind === 'keys' ? {} : { certificateBound: isCertificateBound(claims, config) }),
      },
    }
  } catch (error) {
    if (error instanceof ProviderError) return { kind: 'failed', message: error.message, facts: blank }
    throw error
  }
}

/** What the policy does not say, and the good token does. */
const policyRead = ({ policy }: Config, { claims, algorithm }: GoodToken): PolicyRead => {
  const audiences = [claims.aud].flat().filter((one) => typeof one === 'string')
  return {
    ...(policy.issuers.length === 0 && typeof claims.iss === 'string' ? { issuer: claims.iss } : {}),
    ...(policy.audiences.length === 0 && audiences.length > 0 ? { audiences } : {}),
    ...(policy.algorithms.length === 0 ? { algorithm: algorithm.name } : {}),
  }
}

/** Whether the issuer has bound its token to the certificate that good requests come with (RFC 8705 section 3.1). */
const isCertificateBound = (claims: Members, { binding }: Config): boolean =>
  binding?.certificate !== undefined &&
  valueAt(claims, ['cnf', 'x5t#S256']) ===
    certificateThumbprint(new X509Certificate(binding.certificate.cert).raw)
