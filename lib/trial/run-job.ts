import { statusesOf, wordsOf } from '../judge/rule.ts'
import { isHarmless } from '../plan/needs.ts'
import type { Manner, Sent } from './attempt.ts'
import type { Setting } from './conduct.ts'
import { isThrough } from './control.ts'
import { sleepAlone, sleepBeside } from './delay-trial.ts'
import { goodDeviation, type Job } from './job.ts'
import { beginLasting } from './lasting.ts'
import { unlessOver } from './over.ts'
import { runSteps } from './steps.ts'
import { exchangeTrial, type Exchanges } from './trial.ts'

/** The exchanges of one job, none where it turns out not to be fit: one that holds a sleep is played by its place among others of its kind, or alone. */
export const runJob = async (job: Job, setting: Setting, place?: number): Promise<readonly Exchanges[]> => {
  const fitness = await job.fitness()
  if (fitness.kind === 'unfit') return []
  if (job.variant.steps !== undefined) return runSteps(job, job.variant.steps, setting)
  const { io, make, features, witness, lessons } = setting
  const unlessEnded = await beginLasting(job.variant.deviation, setting)
  const times = job.planned.case.times ?? 1
  const words = wordsOf(job.variant.expect, features)
  // What is repeated is one request with one token, not several that are alike.
  const first = times > 1 ? job.make() : undefined
  // A DPoP proof is for one use (RFC 9449 section 11.1).
  const same = first?.proofs === undefined ? first : undefined
  const control = {
    make: () => make(goodDeviation(job.route)),
    isThrough: (sent: readonly Sent[]) => isThrough(sent, job.route, setting),
  }
  const harmless = isHarmless(job.variant.deviation, fitness.method)
  const hasWitness = lessons.get(job.route)?.lesson.witnessed === true
  const { makeSleeping } = job
  const trial = (manner: Manner & { readonly closes: boolean }): Promise<Exchanges> => {
    if (makeSleeping === undefined) return exchangeTrial(() => same ?? job.make(), control, io, manner)
    const sleeper = { make: makeSleeping, control, manner }
    return place === undefined ? sleepAlone(sleeper, io) : sleepBeside(sleeper, io, place)
  }
  const all: Exchanges[] = []
  for (let turn = 0; turn < times; turn++) {
    const manner = {
      counting: statusesOf(job.variant.expect, features),
      mayRepeat: (lost: Sent) => harmless || (hasWitness && witness.hitsFor(lost).length === 0),
      newConnection: turn % 2 === 1,
      closes: job.variant.close && !words.includes('accept'),
    }
    const exchanges = unlessOver(
      unlessEnded(await trial(manner)),
      { deviation: job.variant.deviation, words, route: job.route },
      setting,
    )
    all.push({ ...exchanges, notes: [...exchanges.notes, ...(fitness.notes ?? [])] })
  }
  return all
}
