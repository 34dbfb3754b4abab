import type { Config, Route } from '../config/config.ts'
import { clockOffset } from '../exchange/clock.ts'
import type { Members } from '../forge/scene.ts'
import type { Sent } from './attempt.ts'
import { misfitsOf, routeMisfits, type DecodedToken, type Misfit } from './misfit.ts'
import { askProviderFacts } from './provider-facts.ts'
import { clockSample, type Untaught } from './teach.ts'

/** Where a good token that was refused differs from what it is to be let in by; nothing where that was not the trouble. */
export const compareGood = async (
  { trouble, sent }: Untaught,
  config: Config,
  { now }: { readonly now: () => number },
): Promise<readonly Misfit[]> => {
  const token = tokenOf(sent)
  if (!isRefusal(trouble) || token === undefined) return []
  const clock = clockOffset(sent.flatMap(clockSample))
  const here = now() / 1000
  return misfitsOf(token, config, {
    here,
    there: here + (clock?.offsetSeconds ?? 0),
    marginSeconds: clock?.marginSeconds ?? Number.POSITIVE_INFINITY,
    provider: await askProviderFacts(config),
  })
}

/** The same for a route beside the protected one, which lets the token in. */
export const compareOnRoute = (
  { trouble, sent }: Untaught,
  { policy }: Config,
  route: Route,
): readonly Misfit[] => {
  const token = tokenOf(sent)
  return isRefusal(trouble) && token !== undefined ? routeMisfits(token, policy, route) : []
}

const isRefusal = (trouble: Untaught['trouble']): boolean =>
  trouble === 'good-refused' || trouble === 'indistinguishable'

/** Undefined where it is opaque. */
const tokenOf = ([first]: readonly Sent[]): DecodedToken | undefined => {
  const { header, claims } = first?.request.token ?? {}
  return isMembers(claims) ? { header: isMembers(header) ? header : {}, claims } : undefined
}

const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
