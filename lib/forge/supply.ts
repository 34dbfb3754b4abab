import type { Config, Route } from '../config/config.ts'
import type { Supply } from './forge.ts'
import { mintGood, readGood, type GoodToken, type OpaqueToken } from './good.ts'

/** Genuine tokens that were got before the run: the good one where we do not sign, and those with a known difference. */
export type Issued = { readonly good?: string; readonly others: Readonly<Record<string, string>> }

/** Where a run's good tokens come from. `now` gives the target's clock, seconds since the epoch. */
export const createSupply = (
  config: Config,
  issued: Issued,
  io: { now(): number; newId(): string },
): Supply => {
  const { tokens, policy } = config
  const scopes = scopesOf(config)
  const fresh = (): GoodToken | OpaqueToken => {
    if (tokens.kind === 'keys')
      return spellable(() => mintGood(tokens, policy, scopes, { now: io.now(), jti: io.newId() }))
    if (issued.good === undefined) throw new Error('no good token was got before the run')
    return readGood(issued.good)
  }
  return {
    get good() {
      return fresh()
    },
    another: fresh,
    other: (name) => {
      const text = issued.others[name]
      if (text === undefined) throw new Error(`no token called ${name} was got before the run`)
      return text
    },
  }
}

/** A token whose signature reads differently in the two alphabets of base64 (RFC 4648 section 5): not every one does. */
const spellable = (mint: () => GoodToken): GoodToken => {
  let token = mint()
  for (let turn = 0; turn < 20 && !/[-_][^.]*$/.test(token.text); turn++) token = mint()
  return token
}

/** Every scope that a configured route asks for: the good token carries them all. */
export const scopesOf = ({ target }: Config): readonly string[] => {
  const { protected: home, scoped, public: open, optional, others } = target.routes
  const routes: readonly (Route | undefined)[] = [home, scoped, open, optional, ...others]
  return [...new Set(routes.flatMap((route) => route?.scope?.scopes ?? []))]
}
