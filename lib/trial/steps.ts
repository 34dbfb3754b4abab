import { changesOf, type KeySetChange, type Send, type Step } from '../config/steps.ts'
import type { Deviation } from '../config/deviation.ts'
import type { ForgedRequest } from '../forge/request.ts'
import { ValueError } from '../forge/scene.ts'
import { statusesOf, wordsOf } from '../judge/rule.ts'
import { fetchDetail, mismatch } from '../judge/protocol.ts'
import { isHarmless } from '../plan/needs.ts'
import { aside } from './aside.ts'
import type { Sent } from './attempt.ts'
import type { Setting } from './conduct.ts'
import { isThrough, sendControls } from './control.ts'
import { controlRoute, goodDeviation, routesOfSteps, type Job } from './job.ts'
import { isWellFormed, makeKeys, openStage, type KeySetStage } from './key-set-stage.ts'
import { mostFetches } from './fetch-bound.ts'
import { watchFetches } from './fetch-watch.ts'
import { beginLasting } from './lasting.ts'
import { playLeeway } from './leeway.ts'
import { unlessOver } from './over.ts'
import { putBack } from './put-back.ts'
import { requestMaker } from './request-maker.ts'
import { settleChange } from './take-up.ts'
import { exchangeTrial, type Exchanges } from './trial.ts'
import { unlessLockedOut } from './unless-locked-out.ts'
import { playWait, unplayed } from './wait-step.ts'

/** A case of several steps while it is played. */
export type Play = {
  readonly job: Job
  readonly setting: Setting
  readonly make: (deviation: Deviation) => ForgedRequest
  /** The key set, where the case changes one. */
  readonly stage: KeySetStage | undefined
  readonly requests: Map<string, ForgedRequest>
  /** What those requests were made from. */
  readonly deviations: Map<string, Deviation>
  readonly all: Exchanges[]
}

/** Plays the steps of a case between two accepted controls, and puts back what they changed. */
export const runSteps = async (
  job: Job,
  steps: readonly Step[],
  setting: Setting,
): Promise<readonly Exchanges[]> => {
  const { tools } = setting
  if (tools.spoilt.reason !== undefined) return [unplayed(tools.spoilt.reason)]
  const routes = routesOfSteps(steps)
  if ([...routes].some((route) => !setting.lessons.has(route))) return [unplayed('control-refused')]
  const changes = tools.keySet === undefined ? [] : changesOf(steps)
  if (changes.length > 0) await makeKeys(changes, tools.keys)
  const before = await sendControls(routes, setting)
  if (before !== undefined) return [{ ...unplayed(before.reason), sent: before.sent }]
  const play = openPlay(job, steps, setting)
  for (const [index, step] of steps.entries()) {
    if (setting.signal.aborted) play.all.push(unplayed('interrupted'))
    else await playIfMakable(step, String(index + 1), play)
    if (play.all.some(isFinal)) break
  }
  await putBack(play, routes)
  return play.all
}

/** Nothing that comes after this can be told from what it would be otherwise. */
const isFinal = ({ reason, missing, isLast }: Exchanges): boolean =>
  reason !== undefined || missing !== undefined || isLast === true

const openPlay = (job: Job, steps: readonly Step[], setting: Setting): Play => {
  const { workshop, keySet, keys } = setting.tools
  const requests = new Map<string, ForgedRequest>()
  const changes = steps.some((step) => step.keySet !== undefined)
  const stage =
    keySet === undefined || !changes
      ? undefined
      : openStage(
          { keySet, scene: () => setting.tools.scene(), random: (bytes) => workshop.random(bytes) },
          keys,
        )
  const make = requestMaker({
    ...workshop,
    steps: {
      published: stage?.published ?? new Map(),
      tokenOf: (step) => {
        const token = requests.get(step)?.secrets[0]
        if (token === undefined) throw new ValueError(`the step ${step} sent no token`)
        return token
      },
    },
  })
  return { job, setting, make, stage, requests, deviations: new Map(), all: [] }
}

/** What cannot be made of this target's tokens and keys leaves the case without its deviation, and the key set as it was. */
const playIfMakable = async (step: Step, name: string, play: Play): Promise<void> => {
  try {
    await playStep(step, name, play)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    play.all.push({ sent: [], missing: 'distinct-deviation', notes: [error.message] })
  }
}

const playStep = async (step: Step, name: string, play: Play): Promise<void> => {
  const { all, stage, setting } = play
  if (step.send !== undefined) all.push(await playSend(step.send, step.send.as ?? name, play))
  if (step.keySet !== undefined) all.push(...(await playChange(step.keySet, name, play)))
  if (step.wait !== undefined) all.push(...(await playWait(step.wait, play)))
  if (step.hook !== undefined) {
    const done = await setting.tools.runHook?.(
      step.hook,
      [...play.requests.values()].at(-1)?.secrets[0] ?? '',
    )
    if (done !== true) all.push(unplayed('hook-failed'))
    stage?.countAnew()
  }
  if (step.fetches !== undefined && stage !== undefined) {
    const counted = stage.fetches(step.fetches.of ?? 'keys')
    const most = mostFetches(step.fetches, setting.tools.policy, stage.sinceChangeMs())
    const level = play.job.variant.level ?? play.job.planned.level
    const detail = fetchDetail(counted, step.fetches.atMost)
    if (counted > most)
      all.push(aside(name, { found: [{ ...mismatch('fetches-too-often', detail), level }] }))
  }
  if (step.measure !== undefined)
    all.push(...(await playLeeway({ name, setting, send: (send, as) => playSend(send, as, play) })))
  if (step.repeat !== undefined) await playRepeat(step.repeat, name, play)
}

const playRepeat = async (
  { times, concurrency = 1, steps }: NonNullable<Step['repeat']>,
  name: string,
  play: Play,
): Promise<void> => {
  let turn = 0
  const take = async (): Promise<void> => {
    while (turn < times && !play.setting.signal.aborted) {
      turn += 1
      for (const [index, step] of steps.entries()) await playStep(step, `${name}.${turn}.${index + 1}`, play)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, take))
}

const playSend = async (send: Send, name: string, play: Play): Promise<Exchanges> => {
  const { setting, requests, job } = play
  const { witness, lessons, features, io } = setting
  const deviation = send.deviation ?? {}
  const route = controlRoute(deviation)
  if (send.again !== undefined && !requests.has(send.again)) return unplayed('no-such-step')
  const expect = send.expect ?? job.variant.expect
  // A key set that cannot be had is the gateway's trouble, and 503 its word for it.
  const counting = [...statusesOf(expect, features), ...(play.stage?.isBroken() === true ? [503] : [])]
  const remember = (request: ForgedRequest): ForgedRequest => {
    requests.set(name, request)
    play.deviations.set(name, deviation)
    return request
  }
  const hasWitness = lessons.get(route)?.lesson.witnessed === true
  const unlessEnded = await beginLasting(
    send.again === undefined ? deviation : { token: { step: send.again } },
    setting,
  )
  const fetched = watchFetches(setting.tools)
  const played = await exchangeTrial(
    () => repeated(send, play) ?? remember(play.make(deviation)),
    {
      make: () => setting.make(goodDeviation(route)),
      isThrough: (sent: readonly Sent[]) => isThrough(sent, route, setting),
      isIdle: play.stage !== undefined,
    },
    io,
    {
      counting,
      mayRepeat: (lost: Sent) =>
        isHarmless(deviation, lost.request.method) || (hasWitness && witness.hitsFor(lost).length === 0),
      newConnection: false,
      closes: job.variant.close,
    },
  )
  const asked = { deviation, words: wordsOf(expect, features), route, stage: play.stage }
  const meanwhile = fetched()
  const mayRepeat =
    send.again === undefined && isHarmless(deviation, played.sent.at(-1)?.request.method ?? '')
  const good = {
    ...asked,
    // Beside a case that is alone nobody else sends: what it meets is its own doing.
    isIdle: play.stage !== undefined || job.planned.case.exclusive === true,
    make: mayRepeat ? () => play.make(deviation) : undefined,
  }
  const exchanges = await unlessLockedOut(played, good, setting)
  return {
    ...unlessOver(
      unlessEnded(exchanges),
      send.again === undefined ? asked : { ...asked, words: [] },
      setting,
    ),
    ...meanwhile,
    sent: exchanges.sent.map((one) => ({ ...one, step: name })),
    step: { name, expect, route, counting },
  }
}

/** The request of an earlier step; its token alone is the same where a DPoP proof was for one use (RFC 9449 section 11.1). */
const repeated = (
  { again, proof }: Send,
  { requests, deviations, make }: Play,
): ForgedRequest | undefined => {
  if (again === undefined) return undefined
  const request = requests.get(again)
  const made = deviations.get(again)
  if (request?.proofs === undefined || proof === 'kept' || made === undefined) return request
  return make({
    token: { step: again },
    ...(made.carry === undefined ? {} : { carry: made.carry }),
    ...(made.proof === undefined ? {} : { proof: made.proof }),
    ...(made.request === undefined ? {} : { request: made.request }),
  })
}

const playChange = async (change: KeySetChange, name: string, play: Play): Promise<readonly Exchanges[]> => {
  const { stage } = play
  if (stage === undefined) return [{ ...unplayed('no-key-set'), missing: 'served-key-set' }]
  const until = change.until ?? (isWellFormed(change) ? 'taken-up' : 'fetched')
  const probe = await stage.probe()
  await stage.change(change, until === 'taken-up' ? probe : undefined)
  if (until === 'none') return []
  const settled = await settleChange({ change, until, probe, name }, play)
  if (until === 'taken-up') stage.countAnew()
  return settled
}
