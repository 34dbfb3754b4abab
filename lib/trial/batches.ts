import { namesListener } from '../forge/bait.ts'
import { orders } from './delay-trial.ts'
import type { Job } from './job.ts'

/** At most so many exchanges of a route lie between two good controls. */
const mostBetweenControls = 25

const weightOf = ({ planned }: Job): number => planned.case.times ?? 1

/** Those that are sent at once, between two good controls. */
export const batches = (jobs: readonly Job[]): readonly (readonly Job[])[] => {
  const made: Job[][] = []
  let current: Job[] = []
  let weight = 0
  for (const job of jobs) {
    // A contact that names no request is known by the one that was on its way alone.
    const alone = job.planned.case.exclusive === true || namesListener(job.variant.deviation)
    if (current.length > 0 && (alone || weight + weightOf(job) > mostBetweenControls)) {
      made.push(current)
      current = []
      weight = 0
    }
    current.push(job)
    weight += alone ? mostBetweenControls : weightOf(job)
  }
  return current.length === 0 ? made : [...made, current]
}

/** Those that hold a sleep, as many at once as there are orders to send them in. */
export const sleepingBatches = (jobs: readonly Job[]): readonly (readonly Job[])[] =>
  Array.from({ length: Math.ceil(jobs.length / orders.length) }, (_, at) =>
    jobs.slice(at * orders.length, (at + 1) * orders.length),
  )
