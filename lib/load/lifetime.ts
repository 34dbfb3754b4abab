import type { Config } from '../config/config.ts'
import type { GoodToken, OpaqueToken } from '../forge/good.ts'
import type { Traffic } from './traffic.ts'

/** How long tokens are good beyond the time in which they are sent: for slow answers, and clocks that differ. */
const marginSeconds = 60

/** How long a token must be good that is sent for so many milliseconds. */
export const neededSeconds = (ms: number): number => Math.ceil(ms / 1000) + marginSeconds

/** The longest time in which the same tokens are sent: no phase is interrupted to sign others. */
export const longestPhaseMs = ({ warmupMs, phases, ceiling }: Config['load']): number =>
  warmupMs + Math.max(...phases.map(({ durationMs }) => durationMs), ceiling?.stepMs ?? 0)

/** The same configuration with good tokens that outlive each phase. */
export const lasting = (config: Config): Config => {
  const { tokens, load } = config
  if (tokens.kind !== 'keys') return config
  const needed = neededSeconds(longestPhaseMs(load))
  return { ...config, tokens: { ...tokens, lifetimeSeconds: Math.max(tokens.lifetimeSeconds, needed) } }
}

/** Gives traffic for so many milliseconds: the last, or where its tokens would end before that, another. */
export type FreshTraffic = (ms: number) => Promise<Traffic>

/**
 * Keeps traffic whose tokens are good for so many seconds from when they are made.
 * @param make is told for how many seconds the tokens are needed.
 * @param now seconds since the epoch.
 */
export const keepFresh = (
  make: (seconds: number) => Promise<Traffic>,
  { lifetimeSeconds, now }: { readonly lifetimeSeconds: () => number; readonly now: () => number },
): FreshTraffic => {
  let current: { readonly traffic: Traffic; readonly until: number } | undefined
  return async (ms) => {
    const needed = neededSeconds(ms)
    if (current === undefined || current.until < now() + needed) {
      const begun = now()
      const traffic = await make(needed)
      current = { traffic, until: begun + lifetimeSeconds() }
    }
    return current.traffic
  }
}

/** Why a good token that somebody else issued is not good for the whole run, which then measures refusals; if so. */
export const endsTooSoon = (good: GoodToken | OpaqueToken, until: number): string | undefined => {
  const end = good.kind === 'jwt' ? good.claims.exp : undefined
  return typeof end === 'number' && end < until
    ? `the good token ends ${Math.ceil(until - end)} s before the run does`
    : undefined
}
