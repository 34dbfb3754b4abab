import type { Deviation } from '../config/deviation.ts'
import type { Word } from '../config/expect.ts'
import { endOfToken } from './attempt.ts'
import { isThrough, type ControlSetting } from './control.ts'
import type { Job } from './job.ts'
import type { KeySetStage } from './key-set-stage.ts'
import { marginSeconds } from './lasting.ts'
import type { StepTools } from './step-tools.ts'
import type { Exchanges } from './trial.ts'

/** What a good request was, and where. */
export type Asked = {
  readonly deviation: Deviation
  readonly words: readonly Word[]
  readonly route: Job['route']
  /** The key set, where the case changes one. */
  readonly stage?: KeySetStage | undefined
}

/**
 * What to make of a good request that was refused: where its token ended on the way, or the gateway's keys while none
 * could be had, the refusal was right, and says nothing of what was asked.
 */
export const unlessOver = (
  exchanges: Exchanges,
  { deviation, words, route, stage }: Asked,
  setting: ControlSetting & { readonly tools: Pick<StepTools, 'policy'> },
): Exchanges => {
  const isGood = words.length > 0 && words.every((word) => word === 'accept')
  if (!isGood || exchanges.reason !== undefined || isThrough(exchanges.sent, route, setting)) return exchanges
  if (deviation.claims?.exp === undefined && endOf(exchanges) <= setting.now() + marginSeconds)
    return { ...exchanges, reason: 'token-expired' }
  const { maxAgeMs } = setting.tools.policy.keySet ?? {}
  const areKeysOver = maxAgeMs !== undefined && stage !== undefined && stage.withoutKeysMs() >= maxAgeMs
  return areKeysOver ? { ...exchanges, missing: 'time' } : exchanges
}

/** Infinite where nobody can read it. */
const endOf = ({ sent }: Exchanges): number => {
  const last = sent.at(-1)
  return (last && endOfToken(last.request)) ?? Infinity
}
