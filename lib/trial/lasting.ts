import type { Config } from '../config/config.ts'
import type { Deviation } from '../config/deviation.ts'
import type { ControlSetting } from './control.ts'
import { secondsUntilOver } from './genuine.ts'
import type { Job } from './job.ts'
import type { Exchanges } from './trial.ts'
import type { RunEvent } from './world.ts'

/** What those who send tokens of somebody else need to know of them. */
export type Lasting = {
  /** When a token ends: seconds since the epoch; undefined where nobody says. `good` is one of the names. */
  endOf(name: string): number | undefined
  /** Whether a token like that can be got again. */
  isRenewable(name: string): boolean
  /** Gets anew what ends soon; true where the good token is another now. */
  renew(): Promise<boolean>
}

/** Answers may take as long as this before the gateway looks at the time: seconds. */
export const marginSeconds = 1

/**
 * Gets anew what ends soon, and gives what to make of the exchanges that follow: where the token under one ended in its
 * course it says nothing, since a refusal may have been for that.
 */
export const beginLasting = async (
  { token }: Deviation,
  { lasting, now }: Pick<ControlSetting, 'lasting' | 'now'>,
): Promise<(exchanges: Exchanges) => Exchanges> => {
  await lasting.renew()
  const end = isToEnd(token) ? undefined : lasting.endOf(typeof token === 'string' ? token : 'good')
  return (exchanges) =>
    exchanges.reason === undefined && end !== undefined && end <= now() + marginSeconds
      ? { ...exchanges, reason: 'token-expired' }
      : exchanges
}

/** A token that has to be over, or that is sent once more, may have ended for the sake of its case. */
const isToEnd = (token: Deviation['token']): boolean => token === 'expired' || typeof token === 'object'

/** Waits until the token that has to be over is so, where the run may wait for so long: milliseconds go to `sleep`. */
export const awaitEnd = async (
  config: Pick<Config, 'policy' | 'cases'>,
  { lasting, now }: Pick<ControlSetting, 'lasting' | 'now'>,
  sleep: (ms: number) => Promise<void>,
): Promise<void> => {
  const end = lasting.endOf('expired')
  const ms = end === undefined ? 0 : secondsUntilOver(end, config, now()) * 1000
  if (ms > 0 && ms <= config.cases.maxWaitMs) await sleep(ms)
}

type Ahead = {
  readonly jobs: readonly Job[]
  readonly config: Pick<Config, 'target' | 'cases'>
  readonly lasting: Lasting
  readonly now: () => number
}

/** Tells before the run where the good token will end within it, as far as the first answers tell how long it takes. */
export const announceEnd = (
  { jobs, config, lasting, now }: Ahead,
  { good }: { readonly good: { readonly ms: number } },
  tell: (event: RunEvent) => void,
): void => {
  const end = lasting.endOf('good')
  if (end === undefined) return
  const { concurrency, perSecond = Infinity } = config.target.pace
  const requests = jobs.reduce((sum, { planned }) => sum + 1 + (planned.case.times ?? 1), 0)
  const waits = jobs.some(({ variant }) => variant.steps !== undefined) ? config.cases.maxWaitMs / 1000 : 0
  const needed = Math.max((requests * good.ms) / 1000 / concurrency, requests / perSecond) + waits
  const inSeconds = Math.max(0, Math.round(end - now()))
  if (inSeconds < needed) tell({ kind: 'ends-early', inSeconds, isRenewable: lasting.isRenewable('good') })
}
