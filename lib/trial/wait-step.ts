import { milliseconds } from '../config/duration.ts'
import type { Wait } from '../config/steps.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { endOfToken } from './attempt.ts'
import type { Setting } from './conduct.ts'
import type { Exchanges } from './trial.ts'

/** A step that was not made, and why. */
export const unplayed = (reason: string): Exchanges => ({ sent: [], reason, notes: [] })

/** What a step that waits needs to know. */
type Waiting = { readonly setting: Setting; readonly requests: ReadonlyMap<string, ForgedRequest> }

/** Waits, where the run may wait for so long; what keeps it from that otherwise. */
export const playWait = async (wait: Wait, { setting, requests }: Waiting): Promise<readonly Exchanges[]> => {
  const ms = waitMs(wait, setting, requests)
  if (ms === undefined) return [{ ...unplayed('undeclared'), missing: 'declared-key-set' }]
  if (ms > setting.tools.maxWaitMs) return [{ ...unplayed('too-long'), missing: 'time' }]
  await setting.io.sleep(ms)
  return []
}

const waitMs = (
  wait: Wait,
  { tools, now }: Setting,
  requests: ReadonlyMap<string, ForgedRequest>,
): number | undefined => {
  if (typeof wait === 'string') return milliseconds(wait)
  const plus = milliseconds(wait.plus ?? '0s')
  const { keySet, clockSkewSeconds = 0 } = tools.policy
  if ('$expiry' in wait) {
    const sent = requests.get(wait.$expiry)
    const exp = sent && endOfToken(sent)
    return exp !== undefined ? Math.max(0, (exp + clockSkewSeconds - now()) * 1000) + plus : undefined
  }
  if (wait.$policy === 'clockSkew') return clockSkewSeconds * 1000 + plus
  const declared = wait.$policy === 'keySet.maxAge' ? keySet?.maxAgeMs : keySet?.cooldownMs
  return declared === undefined ? undefined : declared + plus
}
