import type { Config, OtherToken } from '../config/config.ts'
import { issueToken } from '../exchange/issue.ts'
import { ProviderError } from '../exchange/provider.ts'
import { readGood } from '../forge/good.ts'
import type { Keyring } from '../forge/keyring.ts'
import type { Issued } from '../forge/supply.ts'
import type { TokenFacts } from '../plan/features.ts'
import { gatherKeys } from './keys.ts'

export type Gathered = {
  readonly kind: 'gathered'
  readonly issued: Issued
  readonly keyring: Keyring
  readonly facts: TokenFacts
}
export type Failed = { readonly kind: 'failed'; readonly message: string; readonly facts: TokenFacts }

/** Genuine tokens and keys, before anything is sent to the target. */
export const gather = async (
  config: Config,
  io: { now(): number; newId(): string },
): Promise<Gathered | Failed> => {
  const { tokens, policy } = config
  const known = { issuerKnown: policy.issuers.length > 0, audienceKnown: policy.audiences.length > 0 }
  const declared = policy.algorithms[0]
  const blank: TokenFacts = {
    ...known,
    publicKeyKnown: false,
    ...(declared === undefined ? {} : { algorithm: declared }),
  }
  const context = {
    now: () => Math.floor(io.now() / 1000),
    newId: () => io.newId(),
    timeoutMs: config.target.timeoutMs,
  }
  try {
    const good = tokens.kind === 'keys' ? undefined : await issueToken(sourceOf(tokens), context)
    const others: Record<string, string> = {}
    for (const [name, source] of Object.entries(tokens.others))
      others[name] = await issueToken(source, context)
    const keyring = await gatherKeys(config, good)
    const read = good === undefined ? undefined : readGood(good)
    const claims = read?.kind === 'jwt' ? read.claims : {}
    const algorithm =
      tokens.kind === 'keys' ? tokens.keys[0].alg : read?.kind === 'jwt' ? read.algorithm.name : undefined
    return {
      kind: 'gathered',
      issued: { others, ...(good === undefined ? {} : { good }) },
      keyring,
      facts: {
        ...(algorithm === undefined ? {} : { algorithm }),
        publicKeyKnown: keyring.publicKey !== undefined,
        ...(policy.jwks === undefined || keyring.publicKey === undefined
          ? {}
          : { servedKey: keyring.publicKey.jwk }),
        issuerKnown: known.issuerKnown || claims.iss !== undefined,
        audienceKnown: known.audienceKnown || claims.aud !== undefined,
      },
    }
  } catch (error) {
    if (error instanceof ProviderError) return { kind: 'failed', message: error.message, facts: blank }
    throw error
  }
}

const sourceOf = (tokens: Exclude<Config['tokens'], { kind: 'keys' }>): OtherToken => {
  switch (tokens.kind) {
    case 'token':
      return { kind: 'token', token: tokens.token }
    case 'oauth2':
      return { kind: 'oauth2', client: tokens.client }
    case 'command':
      return { kind: 'command', command: tokens.command }
  }
}
