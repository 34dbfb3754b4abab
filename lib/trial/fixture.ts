import type { CatalogueCase } from '../config/suite.ts'
import type { Answer } from '../exchange/answer.ts'
import { requestTo } from '../exchange/fixture.ts'
import { answered } from '../judge/fixture.ts'
import type { ForgedRequest } from '../forge/request.ts'
import type { PlannedCase, PlannedVariant } from '../plan/plan.ts'
import type { Lesson } from '../judge/side.ts'
import type { ControlSetting } from './control.ts'
import type { Io, SendOptions } from './io.ts'
import type { Job } from './job.ts'
import { noWitness } from './witness.ts'

/** A way to a target that answers by heart, for tests: `script` says what becomes of each request, in turn. */
export type Rehearsed = Io & {
  readonly sent: readonly { readonly target: string; readonly newConnection: boolean }[]
  /** Pauses that were asked for, by `Retry-After`. */
  readonly pauses: readonly (string | undefined)[]
  readonly slept: readonly number[]
}

export const rehearse = (
  script: (request: ForgedRequest, turn: number) => Answer | 'interrupted',
  patience = Number.POSITIVE_INFINITY,
): Rehearsed => {
  const sent: { target: string; newConnection: boolean }[] = []
  const pauses: (string | undefined)[] = []
  const slept: number[] = []
  let ids = 0
  return {
    sent,
    pauses,
    slept,
    send: (request: ForgedRequest, { newConnection }: SendOptions) => {
      sent.push({ target: request.target, newConnection })
      return Promise.resolve(script(request, sent.length))
    },
    sendTogether: (requests: readonly ForgedRequest[]) => {
      const answers: Answer[] = []
      for (const request of requests) {
        sent.push({ target: request.target, newConnection: true })
        const answer = script(request, sent.length)
        if (answer === 'interrupted') return Promise.resolve(answer)
        answers.push(answer)
      }
      return Promise.resolve(answers)
    },
    slowDown: (retryAfter) => {
      pauses.push(retryAfter)
      return pauses.length < patience
    },
    sleep: (ms) => {
      slept.push(ms)
      return Promise.resolve()
    },
    newId: () => `id-${String(++ids)}`,
  }
}

/** A request as a gateway takes it: `seconds` it is asked to sleep, 0 where it is a good one; `turn` counts its kind. */
type Taken = { readonly seconds: number; readonly turn: number; readonly name: string }
/** For how many milliseconds it is at work on that, or what comes of it instead. */
export type SlowGateway = (taken: Taken) => number | Answer

/**
 * A way to a gateway that takes time, for tests with a clock of their own: good requests get 200 and others 401. Those
 * that it takes one by one wait for each other.
 */
export const openSlowIo = (
  gateway: SlowGateway,
  isOneByOne: (name: string) => boolean = () => false,
): Io & { readonly log: readonly string[] } => {
  const log: string[] = []
  const turns = { good: 0, bad: 0 }
  let free = 0
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
  return {
    ...rehearse(() => 'interrupted'),
    log,
    sleep,
    send: async ({ delaySeconds: seconds = 0, target: name }) => {
      const turn = seconds === 0 ? ++turns.good : ++turns.bad
      log.push(seconds === 0 ? 'good' : String(seconds))
      const outcome = gateway({ seconds, turn, name })
      if (typeof outcome !== 'number') return outcome
      const begun = Date.now()
      if (isOneByOne(name)) free = Math.max(free, begun) + outcome
      await sleep(isOneByOne(name) ? free - begun : outcome)
      return { ...answered(seconds === 0 ? 200 : 401), ms: Date.now() - begun }
    },
  }
}

export const bad = (): ForgedRequest => requestTo('/bad')
export const control = (): ForgedRequest => requestTo('/control')

/** A job of one variant, whose request is `bad`, for tests. */
export const jobOf = (id: string, changes: Partial<CatalogueCase> = {}): Job => {
  const one: CatalogueCase = { id, title: id, expect: 'reject', digest: '', ...changes }
  const variant: PlannedVariant = {
    name: undefined,
    deviation: {},
    expect: one.expect,
    level: undefined,
    form: false,
    close: false,
    missing: [],
  }
  const whole = { spec: { document: 'RFC 8725', section: '3' }, level: 'must', advisories: [] } as const
  const planned: PlannedCase = {
    ...whole,
    requirement: { ...whole, id: 'alg.x', topic: 'alg', title: 'alg', features: [], file: '', cases: [one] },
    case: one,
    severity: 'major',
    variants: [variant],
  }
  return {
    planned,
    variant,
    route: 'protected',
    fitness: () => Promise.resolve({ kind: 'fit', method: 'GET' }),
    make: bad,
  }
}

/** What controls are sent with where the clock stands still, and nobody watches the upstream. */
export const controlSetting = (io: Io, lesson: Lesson): ControlSetting => ({
  io,
  make: control,
  witness: noWitness,
  lessons: new Map([['protected', { lesson }]]),
  now: () => 0,
  lasting: { endOf: () => undefined, isRenewable: () => false, renew: () => Promise.resolve(false) },
})
