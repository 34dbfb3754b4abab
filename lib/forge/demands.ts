import type { Policy, RequiredClaim } from '../config/config.ts'
import { milliseconds } from '../config/duration.ts'
import { valueAt } from './good.ts'
import type { Members } from './scene.ts'

/** How long ago a user authenticated for a good token: seconds. */
const authenticatedBefore = 5

/** The claims by which a good token says how its user authenticated, where the policy asks (RFC 9470 section 6.1). */
export const authenticationClaims = ({ enforces }: Policy, now: number): Members => ({
  ...(enforces.has('acr') ? { acr: enforces.get('acr') } : {}),
  ...(enforces.has('amr') ? { amr: [enforces.get('amr')] } : {}),
  ...(enforces.has('max-auth-age') ? { auth_time: now - authenticatedBefore } : {}),
})

/** Whether the claims lack what the policy demands beyond the duties of every gateway. */
export const missesDemands = (claims: Members, good: Members, policy: Policy, now: number): boolean =>
  policy.requiredClaims.some((claim) => !fitsRequired(claims, good, claim)) ||
  missesProfile(claims, policy) ||
  isOtherClient(claims, good, policy) ||
  !matchesPattern(claims.sub, policy.enforces.get('subject-pattern')) ||
  isWeak(claims, policy, now)

const fitsRequired = (claims: Members, good: Members, { path, values, required }: RequiredClaim): boolean => {
  const value = valueAt(claims, path)
  if (value === undefined) return !required
  if (values.length === 0) return value !== null
  const usual = valueAt(good, path)
  if (Array.isArray(value)) return Array.isArray(usual) && value.some((one) => values.includes(textOf(one)))
  return (usual === undefined || typeof value === typeof usual) && values.includes(textOf(value))
}

/** As the configuration writes it. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** RFC 9068 section 2.2; what else it demands is checked in any case. */
const missesProfile = (claims: Members, { enforces }: Policy): boolean =>
  enforces.has('rfc9068') && ['sub', 'client_id', 'jti'].some((name) => claims[name] === undefined)

const isOtherClient = (claims: Members, good: Members, { enforces }: Policy): boolean =>
  enforces.has('allowed-clients') &&
  ['azp', 'client_id'].some((name) => claims[name] !== undefined && claims[name] !== good[name])

const matchesPattern = (sub: unknown, pattern: string | number | true | undefined): boolean =>
  typeof pattern !== 'string' || (typeof sub === 'string' && new RegExp(`^(?:${pattern})$`).test(sub))

const isWeak = (claims: Members, { enforces }: Policy, now: number): boolean => {
  const age = enforces.get('max-auth-age')
  return (
    (enforces.has('acr') && claims.acr !== enforces.get('acr')) ||
    (enforces.has('amr') && !(Array.isArray(claims.amr) && claims.amr.includes(enforces.get('amr')))) ||
    (typeof age === 'string' &&
      !(typeof claims.auth_time === 'number' && now - claims.auth_time <= milliseconds(age) / 1000))
  )
}
