import { readFileSync } from 'node:fs'
import type { Config, SigningKey } from '../config/config.ts'
import { canBind } from '../config/tokens.ts'
import { fetchKeySet } from '../exchange/issue.ts'
import { createBindingKeys, type BindingKeys } from '../forge/binding.ts'
import { readGood } from '../forge/good.ts'
import { createKeyring, selectPublished, type Attackers, type Keyring } from '../forge/keyring.ts'

/** The DPoP keys of a run: undefined where good tokens are bound to none of ours. */
export const gatherBinding = async ({ tokens, policy, binding }: Config): Promise<BindingKeys | undefined> =>
  binding?.dpop === true && canBind(tokens)
    ? createBindingKeys(policy.dpop?.algorithms[0] ?? 'ES256')
    : undefined

/** Of the keys of a run those that are made before: of `attackers` it may be that they are still being made. */
export type KeyParts = {
  readonly bindingKeys: BindingKeys | undefined
  readonly attackers: Promise<Attackers> | undefined
}

/** The keys of a run; the issuer's public key is read from `policy.jwks`, a URL or a file. Throws ProviderError. */
export const gatherKeys = async (
  config: Config,
  goodToken: string | undefined,
  { bindingKeys, attackers }: KeyParts,
): Promise<Keyring> => {
  const { tokens, policy } = config
  const issuer: readonly SigningKey[] = tokens.kind === 'keys' ? tokens.keys : []
  const binding = bindingKeys === undefined ? {} : { binding: bindingKeys }
  if (policy.jwks === undefined) return { ...(await createKeyring(issuer, { attackers })), ...binding }
  const good = goodToken === undefined ? undefined : readGood(goodToken)
  const header = good?.kind === 'jwt' ? good.header : { kid: issuer[0]?.kid, alg: issuer[0]?.alg }
  const published = selectPublished(await readKeySet(policy.jwks, config), header)
  return { ...(await createKeyring(issuer, { published, attackers })), ...binding }
}

/** The document at `policy.jwks`, a URL or a file. Throws ProviderError. */
export const readKeySet = async (jwks: string, { tokens, target }: Config): Promise<unknown> => {
  if (!/^https?:\/\//.test(jwks)) {
    const value: unknown = JSON.parse(readFileSync(jwks, 'utf8'))
    return value
  }
  const route =
    tokens.kind === 'oauth2'
      ? { tls: tokens.client.tls, proxy: tokens.client.proxy }
      : { tls: { insecure: false }, proxy: { kind: 'environment' } as const }
  return fetchKeySet(jwks, { ...route, timeoutMs: target.timeoutMs })
}
