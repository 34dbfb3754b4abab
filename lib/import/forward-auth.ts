import type { ScopeRule } from '../config/config.ts'
import { isFilled } from '../config/fields.ts'
import type { Found } from './found.ts'

/** The service that is asked, whatever it is asked. */
export const askedService = (address: string): string => address.replace(/[?#].*$/, '')

/**
 * One of the groups that oauth2-proxy is asked to demand by `/oauth2/auth?allowed_groups=a,b` (its documentation,
 * "Endpoints"); undefined where the address asks for none.
 */
export const demandedGroups = (address: string): ScopeRule | undefined => {
  if (!URL.canParse(address)) return undefined
  const { pathname, searchParams } = new URL(address)
  if (!pathname.endsWith('/auth')) return undefined
  const groups = searchParams.getAll('allowed_groups').flatMap((list) => list.split(','))
  const scopes = groups.filter((group) => group !== '')
  return isFilled(scopes) ? { rule: 'any', scopes } : undefined
}

/** The claim that oauth2-proxy has groups from, by default. */
export const groupsClaim: Pick<Found, 'scopeClaims'> = {
  scopeClaims: [{ path: ['groups'], format: 'array' }],
}
