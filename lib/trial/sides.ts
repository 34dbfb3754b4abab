import { outcomeOf } from '../judge/judge.ts'
import type { Side } from '../judge/side.ts'
import { trialOf } from './evidence.ts'
import type { Job } from './job.ts'
import type { Findings } from './settle.ts'

/** The side of a variant: let in where any of its exchanges was; none where nothing tells. */
export const sideOf = (job: Job | undefined, findings: Findings): readonly Side[] => {
  const sides = sidesByTurns(job, findings)
  return sides.includes('let-in') ? ['let-in'] : sides.slice(0, 1)
}

/** The side of each exchange of a variant that is repeated, as far as it came to one. */
export const sidesByTurns = (job: Job | undefined, findings: Findings): readonly Side[] => {
  const lesson = job === undefined ? undefined : findings.lessons.get(job.route)?.lesson
  if (job === undefined || lesson === undefined) return []
  return (findings.exchanges.get(job) ?? []).flatMap((one) => {
    const { attempts, reason } = trialOf(one, job.variant, findings)
    const side = outcomeOf({ attempts, notes: [] }, { close: true }, lesson)?.side
    return side === undefined || (reason !== undefined && side !== 'let-in') ? [] : [side]
  })
}
