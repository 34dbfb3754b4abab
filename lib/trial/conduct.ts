import { readSide, type Lesson } from '../judge/side.ts'
import { answersOf } from './teach.ts'
import { attempt, type Io } from './attempt.ts'
import { goodDeviation, type Job, type MakeRequest } from './job.ts'
import { exchangeTrial, type Exchanges } from './trial.ts'
import type { Witness } from './witness.ts'
import { wordsOf } from '../judge/judge.ts'

/** What the conduct of a run needs to know of it. */
export type Setting = {
  readonly io: Io
  readonly make: MakeRequest
  readonly witness: Witness
  readonly lessons: ReadonlyMap<Job['route'], Lesson>
  readonly features: ReadonlySet<string>
  readonly signal: AbortSignal
  onDone(done: number, of: number): void
}

/** The exchanges of each job; more than one where the case is repeated. */
export type Conducted = {
  readonly exchanges: ReadonlyMap<Job, readonly Exchanges[]>
  readonly lockOuts: number
}

/** At most so many exchanges of a route lie between two good controls. */
const mostBetweenControls = 25
const lockOutPausesMs = [1_000, 3_000, 8_000]

/** Runs every job between two accepted controls; what a lock-out may have refused is run again, one at a time. */
export const conduct = async (jobs: readonly Job[], setting: Setting): Promise<Conducted> => {
  const exchanges = new Map<Job, readonly Exchanges[]>()
  let lockOuts = 0
  for (const batch of batches(jobs)) {
    if (setting.signal.aborted || lockOuts >= 2) {
      const reason = lockOuts >= 2 ? 'locked-out' : 'interrupted'
      for (const job of batch) exchanges.set(job, [{ sent: [], reason, notes: [] }])
      continue
    }
    const results = await Promise.all(batch.map(async (job) => [job, await runJob(job, setting)] as const))
    for (const [job, result] of results) exchanges.set(job, result)
    if (!(await controlsAccepted(batch, setting))) lockOuts += await runAgain(batch, setting, exchanges)
    setting.onDone(exchanges.size, jobs.length)
  }
  return { exchanges, lockOuts }
}

/** One after the other between their own controls: for what could not be judged at first. */
export const conductAgain = async (jobs: readonly Job[], setting: Setting): Promise<Conducted> => {
  const exchanges = new Map<Job, readonly Exchanges[]>()
  for (const job of jobs) {
    if (setting.signal.aborted) break
    if (!(await controlsAccepted([job], setting))) continue
    const result = await runJob(job, setting)
    if (await controlsAccepted([job], setting)) exchanges.set(job, result)
  }
  return { exchanges, lockOuts: 0 }
}

const weightOf = ({ planned }: Job): number => planned.case.times ?? 1

const batches = (jobs: readonly Job[]): readonly (readonly Job[])[] => {
  const made: Job[][] = []
  let current: Job[] = []
  let weight = 0
  for (const job of jobs) {
    const alone = job.planned.case.exclusive === true
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

const runJob = async (job: Job, { io, make, features }: Setting): Promise<readonly Exchanges[]> => {
  const { case: one } = job.planned
  const times = one.times ?? 1
  const words = wordsOf(job.variant.expect, features)
  // What is repeated is one request with one token, not several that are alike.
  const same = times > 1 ? job.make() : undefined
  const all: Exchanges[] = []
  for (let turn = 0; turn < times; turn++) {
    const manner = {
      busyCounts: lists(job, [429, 503]),
      repeatable: isSafe(job.method),
      newConnection: turn % 2 === 1,
      closes: job.variant.close && !words.includes('accept'),
    }
    all.push(
      await exchangeTrial(
        () => same ?? job.make(),
        () => make(goodDeviation(job.route)),
        io,
        manner,
      ),
    )
  }
  return all
}

const lists = ({ variant }: Job, statuses: readonly number[]): boolean =>
  typeof variant.expect === 'object' &&
  'status' in variant.expect &&
  variant.expect.status.some((status) => statuses.includes(status))

const isSafe = (method: string): boolean => ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(method)

const controlsAccepted = async (batch: readonly Job[], setting: Setting): Promise<boolean> => {
  const routes = [...new Set(batch.map(({ route }) => route))]
  const accepted = await Promise.all(routes.map((route) => controlAccepted(route, setting)))
  return accepted.every(Boolean)
}

const controlAccepted = async (
  route: Job['route'],
  { io, make, witness, lessons }: Setting,
): Promise<boolean> => {
  const lesson = lessons.get(route)
  if (lesson === undefined) return true
  const manner = { busyCounts: false, repeatable: true, newConnection: false }
  const { sent } = await attempt(() => make(goodDeviation(route)), io, manner)
  const answer = answersOf(sent).at(-1)
  if (answer === undefined) return false
  return readSide(answer, sent.flatMap((one) => witness.hitsFor(one)).length, lesson).side === 'let-in'
}

/** @returns 1 where the gateway locked us out for good, 0 where it only did for a while. */
const runAgain = async (
  batch: readonly Job[],
  setting: Setting,
  exchanges: Map<Job, readonly Exchanges[]>,
): Promise<number> => {
  const lockedOut = (jobs: readonly Job[]) => {
    for (const job of jobs) exchanges.set(job, [{ sent: [], reason: 'locked-out', notes: [] }])
    return 1
  }
  if (!(await acceptedAgain(batch, setting))) return lockedOut(batch)
  let locked = 0
  for (const [index, job] of batch.entries()) {
    if (setting.signal.aborted) return lockedOut(batch.slice(index))
    const result = await runJob(job, setting)
    exchanges.set(job, result)
    if (await controlsAccepted([job], setting)) continue
    locked = lockedOut([job])
    if (!(await acceptedAgain([job], setting))) return lockedOut(batch.slice(index))
  }
  return locked
}

const acceptedAgain = async (batch: readonly Job[], setting: Setting): Promise<boolean> => {
  for (const pause of lockOutPausesMs) {
    if (setting.signal.aborted) return false
    await setting.io.sleep(pause)
    if (await controlsAccepted(batch, setting)) return true
  }
  return false
}
