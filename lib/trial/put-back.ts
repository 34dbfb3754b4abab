import { changesTarget } from '../config/steps.ts'
import { sendControls } from './control.ts'
import type { Job } from './job.ts'
import { restorePausesMs } from './step-tools.ts'
import type { Play } from './steps.ts'
import { unplayed } from './wait-step.ts'

/** Nothing is left behind: the case ends when a good token is accepted again. */
export const putBack = async (
  { stage, all, setting, job }: Play,
  routes: ReadonlySet<Job['route']>,
): Promise<void> => {
  stage?.restore()
  const isLasting = changesTarget(job.variant.steps ?? [])
  const pauses = stage === undefined ? [0] : restorePausesMs(setting.tools)
  for (const pause of pauses) {
    await setting.io.sleep(pause)
    const after = await sendControls(routes, setting)
    if (after === undefined) return
    if (after.reason === 'interrupted') {
      all.push(unplayed('interrupted'))
      return
    }
    if (pause === pauses.at(-1)) {
      const reason = isLasting ? 'not-restored' : after.reason
      // What broke may as well have been the way to the gateway, and what was refused the victim of a lock-out.
      const doubted = all.map(({ proven, ...one }) => (one.found === undefined ? { ...one, reason } : one))
      all.splice(0, all.length, ...doubted, { ...unplayed(reason), sent: after.sent })
      if (isLasting) setting.tools.spoilt.reason = 'not-restored'
    }
  }
}
