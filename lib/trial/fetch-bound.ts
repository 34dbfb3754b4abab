import type { Policy } from '../config/config.ts'
import type { Step } from '../config/steps.ts'

/** What a gateway that says nothing may take as its cool-down: one fetch a second is no flood. */
const fairPauseMs = 1000

/**
 * How often the key set may have been fetched so long after it was changed: as the step says, and once more for each
 * cool-down and each age of the set that went by since, since a slow gateway has time to look again between two requests.
 */
export const mostFetches = (
  { atMost, of = 'keys' }: NonNullable<Step['fetches']>,
  { keySet }: Pick<Policy, 'keySet'>,
  sinceMs: number,
): number => {
  if (of !== 'keys') return atMost
  const pauses = [keySet?.cooldownMs ?? fairPauseMs, keySet?.maxAgeMs ?? Infinity]
  return pauses.reduce((sum, pause) => sum + (pause > 0 ? Math.floor(sinceMs / pause) : 0), atMost)
}
