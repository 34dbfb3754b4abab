import type { Config, Target } from '../config/config.ts'
import { milliseconds } from '../config/duration.ts'
import { countsFetches } from '../config/expect.ts'
import { endedFor } from '../config/measure.ts'
import { changesOf, sendsOf, type Step, type Wait } from '../config/steps.ts'
import { needsOf } from './needs.ts'

/** What is known of waits before anything is sent: milliseconds. */
export type Waits = {
  readonly longest: number
  readonly maxAge?: number
  readonly cooldown?: number
  readonly skew?: number
}

/** What the configuration says of waits. */
export const waitsOf = ({ policy, cases }: Config): Waits => ({
  longest: cases.maxWaitMs,
  ...(policy.keySet?.maxAgeMs === undefined ? {} : { maxAge: policy.keySet.maxAgeMs }),
  ...(policy.keySet?.cooldownMs === undefined ? {} : { cooldown: policy.keySet.cooldownMs }),
  ...(policy.clockSkewSeconds === undefined ? {} : { skew: policy.clockSkewSeconds * 1000 }),
})

/** The features that steps cannot do without: what they send, what they change, and the time that they take. */
export const needsOfSteps = (
  steps: readonly Step[],
  target: Target,
  waits: Waits | undefined,
): readonly string[] => {
  const flat = steps.flatMap((step) => [step, ...(step.repeat?.steps ?? [])])
  const waiting = flat.flatMap(({ wait }) => wait ?? [])
  const changes = changesOf(steps)
  const isCounted = flat.some(({ fetches, send }) => fetches !== undefined || countsFetches(send?.expect))
  return [
    ...sendsOf(steps).flatMap(({ deviation }) => needsOf(deviation ?? {}, target)),
    ...(flat.some((step) => 'measure' in step) ? needsOf(endedFor(0), target) : []),
    ...(changes.length > 0 || isCounted ? ['served-key-set'] : []),
    // Without a key of ours that the set holds, nothing shows that the gateway took a change up.
    ...(changes.length > 0 ? ['signing-key'] : []),
    ...(changes.some(({ untrusted }) => untrusted === true) ? ['served-key-set-tls'] : []),
    ...(changes.some(({ discovery }) => discovery !== undefined) ? ['served-discovery'] : []),
    ...flat.flatMap(({ hook }) => (hook === undefined ? [] : [`${hook}-hook`])),
    ...waiting.flatMap(undeclared),
    ...(waits === undefined || fitsIn(waiting, changes.length > 0, waits) ? [] : ['time']),
  ]
}

const undeclared = (wait: Wait): readonly string[] => {
  if (typeof wait === 'string') return []
  if ('$expiry' in wait) return ['declared-skew']
  if (wait.$policy === 'clockSkew') return ['declared-skew']
  return wait.$policy === 'keySet.maxAge' ? ['declared-key-set'] : ['declared-cooldown']
}

const fitsIn = (waiting: readonly Wait[], changes: boolean, waits: Waits): boolean =>
  (!changes || (waits.maxAge ?? 0) <= waits.longest) &&
  waiting.every((wait) => (waitMs(wait, waits) ?? 0) <= waits.longest)

const waitMs = (wait: Wait, { maxAge, cooldown, skew = 0 }: Waits): number | undefined => {
  if (typeof wait === 'string') return milliseconds(wait)
  const plus = milliseconds(wait.plus ?? '0s')
  // When a token ends is known once it is made.
  if ('$expiry' in wait) return skew + plus
  if (wait.$policy === 'clockSkew') return skew + plus
  const declared = wait.$policy === 'keySet.maxAge' ? maxAge : cooldown
  return declared === undefined ? undefined : declared + plus
}
