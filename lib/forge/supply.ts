import type { Config, Route } from '../config/config.ts'
import type { Supply } from './forge.ts'
import { mintGood, readGood, type GoodToken, type OpaqueToken } from './good.ts'
import { encryptFor } from './jwe.ts'
import type { Members } from './scene.ts'

/** Genuine tokens that somebody else issued: the good one where we do not sign, and those with a known difference. */
export type Issued = {
  readonly good?: string | undefined
  readonly others: Readonly<Record<string, string>>
}

/** What good tokens are made with, each anew. */
export type SupplyIo = {
  now(): number
  newId(): string
  random(bytes: number): Buffer
  /** What the tokens that we sign are bound to (RFC 7800 section 3.1). */
  readonly cnf?: Members | undefined
}

/** Where a run's good tokens come from. `now` gives the target's clock, seconds since the epoch. */
export const createSupply = (config: Config, issued: Issued, io: SupplyIo): Supply => {
  const { tokens, policy, encryption } = config
  const scopes = scopesOf(config)
  const bound = io.cnf === undefined ? {} : { cnf: io.cnf }
  const signed = (): GoodToken | OpaqueToken => {
    if (tokens.kind === 'keys')
      return spellable(() => mintGood(tokens, policy, scopes, { now: io.now(), jti: io.newId(), ...bound }))
    if (issued.good === undefined) throw new Error('no good token was got before the run')
    return readGood(issued.good)
  }
  /** Where the gateway decrypts, what is only signed is encrypted; an opaque token may be so already. */
  const sealed = <Token extends GoodToken | OpaqueToken>(token: Token): Token =>
    encryption === undefined || token.kind === 'opaque'
      ? token
      : { ...token, text: encryptFor(encryption, token.text, (bytes) => io.random(bytes)) }
  const fresh = () => sealed(signed())
  return {
    ...(tokens.kind === 'keys'
      ? { for: (audience: string) => createSupply(withAudience(config, audience), issued, io) }
      : {}),
    get good() {
      return fresh()
    },
    another: fresh,
    other: (name) => {
      const text = issued.others[name]
      if (text === undefined) throw new Error(`no token called ${name} was got before the run`)
      return sealed(readGood(text)).text
    },
  }
}

const withAudience = (config: Config, audience: string): Config => ({
  ...config,
  policy: { ...config.policy, audiences: [audience] },
})

/**
 * A token whose signature reads differently in the two alphabets of base64 (RFC 4648 section 5): of short ones not every
 * one does. Of RSA's one in 50,000 does not, which is not worth signing what nobody sends.
 */
const spellable = (mint: () => GoodToken): GoodToken => {
  let token = mint()
  if (token.algorithm.family === 'rsa') return token
  for (let turn = 0; turn < 20 && !/[-_][^.]*$/.test(token.jws); turn++) token = mint()
  return token
}

/** Every scope that a configured route asks for: the good token carries them all. */
export const scopesOf = ({ target }: Config): readonly string[] => {
  const { protected: home, scoped, public: open, optional, others } = target.routes
  const routes: readonly (Route | undefined)[] = [home, scoped, open, optional, ...others]
  return [...new Set(routes.flatMap((route) => route?.scope?.scopes ?? []))]
}
