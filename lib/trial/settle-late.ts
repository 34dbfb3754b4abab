import type { PlannedCase } from '../plan/plan.ts'
import { conductAgain, isUnrepeatable, type Setting } from './conduct.ts'
import { settle, type Findings, type JudgedCase } from './settle.ts'
import { noWitness } from './witness.ts'
import type { World } from './world.ts'

/** What a run is settled with: the way to the target, and all that may come from it late. */
export type Settling = {
  readonly setting: Setting
  readonly run: Pick<World, 'upstream' | 'listener' | 'sleep' | 'now'>
}

/** So long after its answer a hit may come, and of that so much is left to take it in, whatever else is at work. */
const lateHitsMs = 150
const intakeMs = 50

/** A hit may come after the answer: where anything came meanwhile, everything is judged again with it. */
export const settleOnce = async (
  planned: readonly PlannedCase[],
  findings: Findings,
  { run }: Settling,
): Promise<readonly JudgedCase[]> => {
  const begun = run.now()
  const before = arrivedAt(run)
  const settled = settle(planned, findings)
  if (findings.witness !== noWitness) await run.sleep(Math.max(intakeMs, begun + lateHitsMs - run.now()))
  await findings.lookout.settled()
  return arrivedAt(run) === before ? settled : settle(planned, findings)
}

/** How much has come to the upstream and to the listener. */
const arrivedAt = ({ upstream, listener }: Settling['run']): number =>
  (upstream?.counted() ?? 0) + (listener?.counted() ?? 0)

/** What could not be judged is tried once more, one at a time, before it is called inconclusive. */
export const settleTwice = async (
  planned: readonly PlannedCase[],
  findings: Findings,
  settling: Settling,
): Promise<readonly JudgedCase[]> => {
  const settled = await settleOnce(planned, findings, settling)
  const doubtful = new Set(
    settled.flatMap(({ variants }) =>
      variants.filter(({ verdict }) => verdict.status === 'inconclusive').map(({ variant }) => variant),
    ),
  )
  const jobs = [...findings.exchanges.keys()].filter(
    (job) =>
      doubtful.has(job.variant) &&
      findings.lessons.has(job.route) &&
      !isUnrepeatable(findings.exchanges.get(job) ?? []),
  )
  if (jobs.length === 0) return settled
  const again = await conductAgain(jobs, settling.setting)
  const exchanges = new Map([...findings.exchanges, ...again.exchanges])
  return settleOnce(planned, { ...findings, exchanges }, settling)
}
