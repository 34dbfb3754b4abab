import { ValueError, type Scene } from './scene.ts'

/**
 * The sleeps that prove that something is executed, in seconds: longer than an answer takes, and so far apart that what
 * else is slow cannot follow both.
 */
export const shortDelay = 5
export const longDelay = 10

/** Whether a deviation puts a sleep into its request. */
export const namesDelay = (deviation: unknown): boolean => JSON.stringify(deviation).includes('"$delay"')

/** How long the sleep is, in the unit that its language counts in. */
export const delayText = (
  unit: unknown,
  { delaySeconds = shortDelay }: Pick<Scene, 'delaySeconds'>,
): string => {
  if (unit === 'seconds') return String(delaySeconds)
  if (unit === 'milliseconds') return String(delaySeconds * 1000)
  throw new ValueError(`$delay knows seconds and milliseconds, not ${JSON.stringify(unit)}`)
}
