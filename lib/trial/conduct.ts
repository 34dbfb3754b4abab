import { setImmediate as nextTurn } from 'node:timers/promises'
import { changesTarget } from '../config/steps.ts'
import { namesListener } from '../forge/bait.ts'
import { wordsOf } from '../judge/rule.ts'
import { readSide } from '../judge/side.ts'
import { batches, sleepingBatches } from './batches.ts'
import { sendControls, type ControlSetting, type Setback } from './control.ts'
import type { Job } from './job.ts'
import { runJob } from './run-job.ts'
import type { StepTools } from './step-tools.ts'
import type { Exchanges } from './trial.ts'

/** What the conduct of a run needs to know of it. */
export type Setting = ControlSetting & {
  readonly features: ReadonlySet<string>
  readonly signal: AbortSignal
  /** What cases of several steps are played with. */
  readonly tools: StepTools
  onDone(done: number, of: number): void
}

/** The exchanges of each job; more than one where the case is repeated. */
export type Conducted = {
  readonly exchanges: ReadonlyMap<Job, readonly Exchanges[]>
  /** Why the run ended before everything was sent. */
  readonly ended?: Setback
}

/** What is waited for good requests to be let in again, before a setback is believed to last: about twelve seconds. */
const recoveryPausesMs = [1_000, 3_000, 8_000]
/** After so many setbacks the run ends. */
const mostSetbacks = 2

type Log = { readonly exchanges: Map<Job, readonly Exchanges[]>; readonly setbacks: Setback[] }

/** Runs every job between two accepted controls; what a lock-out may have refused is run again, one at a time. */
export const conduct = async (jobs: readonly Job[], setting: Setting): Promise<Conducted> => {
  const log: Log = { exchanges: new Map(), setbacks: [] }
  const judgeable = jobs.filter(({ route }) => setting.lessons.has(route))
  const unlearned = setting.signal.aborted ? 'interrupted' : 'control-refused'
  for (const job of jobs) if (!setting.lessons.has(job.route)) log.exchanges.set(job, unsent(unlearned))
  const stepped = judgeable.filter(({ variant }) => variant.steps !== undefined)
  const isAlone = ({ planned, variant }: Job): boolean =>
    planned.case.exclusive === true || changesTarget(variant.steps ?? [])
  // Whoever waits does so beside the others.
  const beside = Promise.all(
    stepped.filter((job) => !isAlone(job)).map(async (job) => [job, await runJob(job, setting)] as const),
  )
  const [sleeping, others] = parted(judgeable.filter(({ variant }) => variant.steps === undefined))
  const stage = { of: jobs.length, setting, log }
  const queue = batches(listenerFirst(others))
  for (const [at, batch] of queue.entries()) await playBatch(batch, queue[at + 1] ?? [], stage)
  for (const [job, result] of await beside) log.exchanges.set(job, result)
  for (const batch of sleepingBatches(sleeping)) await playBatch(batch, [], stage)
  for (const job of sleeping.filter((one) => isDoubtful(one, setting, log))) {
    const before = log.exchanges.get(job) ?? []
    await playBatch([job], [], stage)
    log.exchanges.set(job, joined(before, log.exchanges.get(job) ?? []))
  }
  for (const job of stepped.filter(isAlone).toSorted(controlsLast)) {
    const ended = endOf(log, setting)
    log.exchanges.set(job, ended === undefined ? await runAlone(job, setting) : unsent(ended.reason))
    setting.onDone(log.exchanges.size, jobs.length)
  }
  return finished(log, setting)
}

/** Those that hold a sleep, and the others. */
const parted = (jobs: readonly Job[]): readonly [readonly Job[], readonly Job[]] => [
  jobs.filter(({ makeSleeping }) => makeSleeping !== undefined),
  jobs.filter(({ makeSleeping }) => makeSleeping === undefined),
]

/** What a URL at the listener leads to may come late: the others give it time. */
const listenerFirst = (jobs: readonly Job[]): readonly Job[] => {
  const isNaming = ({ variant }: Job): boolean => namesListener(variant.deviation)
  return [...jobs.filter(isNaming), ...jobs.filter((job) => !isNaming(job))]
}

type Stage = { readonly of: number; readonly setting: Setting; readonly log: Log }

/** Sends them at once and a good request after them; meanwhile the `next` are forged. */
const playBatch = async (
  batch: readonly Job[],
  next: readonly Job[],
  { of, setting, log }: Stage,
): Promise<void> => {
  const ended = endOf(log, setting)
  if (ended !== undefined) {
    for (const job of batch) log.exchanges.set(job, unsent(ended.reason))
    return
  }
  const isAlone = batch.length === 1
  const turn = openTurns()
  const playing = batch.map(async (job, at) => {
    await turn()
    log.exchanges.set(job, await runJob(job, setting, isAlone ? undefined : at))
  })
  // All at once: threads that sign are woken once for all of them.
  const forging = async () => {
    await turn()
    await Promise.all(next.map((job) => job.fitness()))
  }
  const played = async () => {
    await Promise.all(playing)
    return sendControls(routesOf(batch), setting)
  }
  const [setback] = await Promise.all([played(), forging()])
  if (setback !== undefined) await runAgain(batch, setback, setting, log)
  setting.onDone(log.exchanges.size, of)
}

/** Each has a turn of the event loop, so that one is on its way while the next is forged. */
const openTurns = (): (() => Promise<void>) => {
  let last: Promise<unknown> = Promise.resolve()
  return async () => {
    const mine = last.then(() => nextTurn())
    last = mine
    await mine
  }
}

/** What came to nothing beside others; what was let in there was let in. */
const isDoubtful = (job: Job, setting: Setting, { exchanges }: Log): boolean => {
  const all = exchanges.get(job) ?? []
  return all.some((one) => one.isDoubtful === true) && !stands(job, all, setting)
}

/** Every attempt counts, and what was noted of it, though the later ones decide. */
const joined = (before: readonly Exchanges[], after: readonly Exchanges[]): readonly Exchanges[] =>
  after.map((one, turn) => ({
    ...one,
    sent: [...(before[turn]?.sent ?? []), ...one.sent],
    notes: [...new Set([...(before[turn]?.notes ?? []), ...one.notes])],
  }))

/** Plays a case once good requests get in, and once more where a lock-out came in between: of earlier cases, perhaps. */
const runAlone = async (job: Job, setting: Setting): Promise<readonly Exchanges[]> => {
  const setback = await sendControls(routesOf([job]), setting)
  const lasting = setback && (await recovered([job], setback, setting))
  if (lasting !== undefined) return unsent(lasting.reason)
  const first = await runJob(job, setting)
  if (!first.some(({ reason }) => reason === 'locked-out')) return first
  const locked = await recovered([job], { reason: 'locked-out', sent: [] }, setting)
  return locked === undefined ? runJob(job, setting) : first
}

/** The controls among the cases stand for all of the run. */
const controlsLast = (one: Job, other: Job): number => Number(isControl(one)) - Number(isControl(other))

const isControl = ({ planned }: Job): boolean => planned.requirement.topic === 'controls'

/** One after the other between their own controls: for what could not be judged at first. */
export const conductAgain = async (jobs: readonly Job[], setting: Setting): Promise<Conducted> => {
  const log: Log = { exchanges: new Map(), setbacks: [] }
  for (const job of jobs) {
    if (endOf(log, setting) !== undefined) break
    const before = await sendControls(routesOf([job]), setting)
    if (before !== undefined && (await recovered([job], before, setting)) !== undefined) break
    const result = await runJob(job, setting)
    const after = await sendControls(routesOf([job]), setting)
    if (after === undefined) log.exchanges.set(job, result)
    else log.setbacks.push(after)
  }
  return finished(log, setting)
}

/** Why nothing more is sent, or undefined. */
const endOf = ({ setbacks }: Log, { signal }: Setting): Setback | undefined => {
  if (signal.aborted) return { reason: 'interrupted', sent: [] }
  const last = setbacks.at(-1)
  return setbacks.length >= mostSetbacks || last?.reason === 'token-expired' ? last : undefined
}

const finished = (log: Log, setting: Setting): Conducted => {
  const ended = endOf(log, setting)
  return { exchanges: log.exchanges, ...(ended === undefined ? {} : { ended }) }
}

const unsent = (reason: string): readonly Exchanges[] => [{ sent: [], reason, notes: [] }]

const routesOf = (jobs: readonly Job[]): ReadonlySet<Job['route']> => new Set(jobs.map(({ route }) => route))

/** Runs again, one at a time, what the setback may have refused; what was let in stands whatever came after it. */
const runAgain = async (batch: readonly Job[], first: Setback, setting: Setting, log: Log): Promise<void> => {
  const doubtful = batch.filter((job) => !stands(job, log.exchanges.get(job) ?? [], setting))
  const giveUp = (jobs: readonly Job[], setback: Setback) => {
    log.setbacks.push(setback)
    for (const job of jobs) log.exchanges.set(job, voided(log.exchanges.get(job), setback))
  }
  const lasting = await recovered(batch, first, setting)
  if (lasting !== undefined) {
    giveUp(doubtful, lasting)
    return
  }
  for (const [index, job] of doubtful.entries()) {
    log.exchanges.set(job, await runJob(job, setting))
    const again = await sendControls(routesOf([job]), setting)
    if (again === undefined) continue
    giveUp([job], again)
    const end = endOf(log, setting) ?? (await recovered(batch, again, setting))
    if (end !== undefined) {
      giveUp(doubtful.slice(index + 1), end)
      return
    }
  }
}

/** Waits for good requests to be let in again; the last setback where they are not. */
const recovered = async (
  batch: readonly Job[],
  first: Setback,
  setting: Setting,
): Promise<Setback | undefined> => {
  let setback: Setback | undefined = first
  for (const pause of recoveryPausesMs) {
    if (setback.reason === 'interrupted') return setback
    if (setback.reason === 'token-expired' && !setting.lasting.isRenewable('good')) return setback
    if (setback.reason !== 'token-expired' || !(await setting.lasting.renew())) await setting.io.sleep(pause)
    setback = await sendControls(routesOf(batch), setting)
    if (setback === undefined) return undefined
  }
  return setback
}

/** What cannot be judged for that reason; what it sent may still tell. */
const voided = (exchanges: readonly Exchanges[] | undefined, { reason }: Setback): readonly Exchanges[] =>
  exchanges === undefined ? unsent(reason) : exchanges.map(({ sent, notes }) => ({ sent, reason, notes }))

/** Whether a request may have arrived that must not be sent again. */
export const isUnrepeatable = (exchanges: readonly Exchanges[]): boolean =>
  exchanges.some(({ reason }) => reason === 'lost')

/** A request that was let in, or that proved to break the gateway, was no victim of a lock-out. */
const stands = (
  { route, variant }: Job,
  exchanges: readonly Exchanges[],
  { lessons, witness, features }: Setting,
): boolean => {
  const lesson = lessons.get(route)?.lesson
  if (lesson === undefined || isUnrepeatable(exchanges)) return true
  const isIn = ({ sent, proven, executed }: Exchanges): boolean =>
    proven !== undefined ||
    executed === true ||
    sent.some((one) => {
      const hits = witness.hitsFor(one).length
      return one.answer.kind === 'answered' ? readSide(one.answer, hits, lesson).side === 'let-in' : hits > 0
    })
  return wordsOf(variant.expect, features).includes('accept') ? exchanges.every(isIn) : exchanges.some(isIn)
}
