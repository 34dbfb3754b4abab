import type { Word } from '../config/expect.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { attempt, plain } from './attempt.ts'
import { isThrough, sendControls, type ControlSetting } from './control.ts'
import type { Job } from './job.ts'
import type { Exchanges } from './trial.ts'

export type GoodStep = {
  readonly words: readonly Word[]
  readonly route: Job['route']
  /** Where a step has changed what good requests depend on, a control says nothing. */
  readonly isIdle: boolean
  /** Forges its request anew, where it may be sent once more. */
  readonly make: (() => ForgedRequest) | undefined
}

/**
 * A good step that was refused, with a control after it and then the same once more: between the steps of a case others
 * send bad tokens, and its own controls may lie on either side of a lock-out.
 */
export const unlessLockedOut = async (
  exchanges: Exchanges,
  { words, route, isIdle, make }: GoodStep,
  setting: ControlSetting,
): Promise<Exchanges> => {
  const isGood = words.every((word) => word === 'accept')
  if (isIdle || !isGood || exchanges.reason !== undefined || exchanges.proven !== undefined) return exchanges
  if (isThrough(exchanges.sent, route, setting)) return exchanges
  const setback = await sendControls(new Set([route]), setting)
  if (setback !== undefined) return { ...exchanges, reason: setback.reason }
  if (make === undefined) return exchanges
  const again = await attempt(make, setting.io, plain)
  return isThrough(again.sent, route, setting) ? { ...exchanges, reason: 'locked-out' } : exchanges
}
