import { forwardedClaims, freeClaim } from '../config/forwarded.ts'
import { otherProviders } from '../config/other-provider.ts'
import { booleanClaim, requiredClaim } from '../config/required.ts'
import { valueAt } from './good.ts'
import type { Scene } from './scene.ts'

/** Of the scopes of the route that needs several, all but the first or the last, joined; undefined where there are none. */
export const scopesBut = (which: unknown, { routes }: Scene): string | undefined => {
  const all = routes?.needsAll
  if (which === 'all-but-first') return all?.slice(1).join(' ')
  return which === 'all-but-last' ? all?.slice(0, -1).join(' ') : undefined
}

/** The issuer, or the first audience, of another issuer that the gateway trusts. */
export const ofOtherProvider = (what: unknown, { policy }: Scene): string | undefined => {
  const [other] = otherProviders(policy)
  if (what === 'issuer') return other?.issuer
  return what === 'audience' ? other?.audiences[0] : undefined
}

/** What a claim that the policy demands is in the good token: one with a value, or a boolean one. */
export const demandedValue = (what: unknown, { policy, good }: Scene): unknown => {
  const claim = what === 'boolean' ? booleanClaim(policy, good.claims) : requiredClaim(policy)
  return claim && valueAt(good.claims, claim.path)
}

/** The header in which the upstream is told a claim, of one that cases may change where there is one. */
export const claimHeader = ({ policy }: Scene): string | undefined =>
  (freeClaim(policy) ?? forwardedClaims(policy)[0])?.header

/** A time long past that comes out as this one where it is kept as 32 bits of seconds, or as 64 of milliseconds. */
export const wrapped = (at: number, wrap: unknown): number | undefined => {
  if (wrap === 'seconds-32') return at - 2 ** 32
  return wrap === 'milliseconds-64' ? at - 2 ** 64 / 1000 : undefined
}
