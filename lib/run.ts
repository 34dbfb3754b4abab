import type { Config } from './config/config.ts'
import type { Suite, Word } from './config/suite.ts'
import type { ClockOffset } from './exchange/clock.ts'
import type { Speech } from './judge/protocol.ts'
import { featuresOf } from './plan/features.ts'
import { plan, type PlannedCase, type Selection } from './plan/plan.ts'
import type { Sent } from './trial/attempt.ts'
import { conduct, conductAgain, type Setting } from './trial/conduct.ts'
import { gather } from './trial/gather.ts'
import { prepare } from './trial/prepare.ts'
import { attendSchool, schemeOf, type School } from './trial/school.ts'
import { settle, type Findings, type JudgedCase } from './trial/settle.ts'
import type { Trouble } from './trial/teach.ts'
import { noWitness, type Witness } from './trial/witness.ts'
import { openShop, type Shop } from './trial/workshop.ts'
import type { World } from './trial/world.ts'

/** What a conformance run came to. */
export type ConformanceRun = {
  readonly cases: readonly JudgedCase[]
  readonly features: readonly string[]
  readonly style: Readonly<Partial<Record<Word, Speech>>>
  readonly witness: Witness
  readonly clock: ClockOffset | undefined
  readonly interrupted: boolean
  /** Why nothing, or not everything, could be judged. */
  readonly trouble?: RunTrouble
  /** Every token that was got or made and may stand in an answer. */
  readonly secrets: readonly string[]
}

export type RunTrouble =
  | { readonly kind: Trouble; readonly sent: readonly Sent[] }
  | { readonly kind: 'no-token'; readonly message: string }
  | { readonly kind: 'locked-out' }

/** The conformance pipeline: tokens, plan, controls, cases, verdicts. */
export const runConformance = async (
  config: Config,
  suite: Suite,
  selection: Selection & { readonly risky: boolean },
  io: World,
): Promise<ConformanceRun> => {
  const gathered = await gather(config, io)
  const known = featuresOf(config, gathered.facts)
  const planFor = (features: ReadonlySet<string>) =>
    plan(suite, selection, { target: config.target, features, risky: selection.risky })
  const first = planFor(known)
  const applicable = first.filter(({ variants }) => variants.some(({ missing }) => missing.length === 0))
  io.onEvent({ kind: 'planned', cases: first.length, applicable: applicable.length })
  const base = {
    features: [...known].sort(),
    style: {},
    witness: noWitness,
    clock: undefined,
    secrets: [],
  }
  const nothing = (trouble: RunTrouble): ConformanceRun => {
    const findings = { ...emptyFindings(config, suite, known), overall: trouble.kind }
    return { ...base, cases: settle(first, findings), interrupted: io.signal.aborted, trouble }
  }
  if (gathered.kind === 'failed') return nothing({ kind: 'no-token', message: gathered.message })

  const shop = openShop(config, gathered, io)
  const school = await attendSchool(config, first, shop, io)
  const { home } = school
  if (home.kind === 'trouble') return nothing({ kind: home.trouble, sent: home.sent })
  io.onEvent({ kind: 'taught' })

  const features = ownsUpstream(school) ? new Set([...known, 'unsafe-methods']) : known
  const planned = planFor(features)
  const { jobs, unfit } = await prepare(planned, shop.workshop, features)
  const setting = settingOf(school, shop, features, io)
  const conducted = await conduct(jobs, setting)
  const findings: Findings = {
    ...emptyFindings(config, suite, features),
    exchanges: conducted.exchanges,
    unfit,
    lessons: school.lessons,
    style: school.style,
    witness: school.witness,
    ...(conducted.lockOuts >= 2 ? { overall: 'locked-out' } : {}),
  }
  const settled = await settleTwice(planned, findings, setting)
  return {
    cases: settled,
    features: [...features].sort(),
    style: school.style,
    witness: school.witness,
    clock: school.clock,
    interrupted: io.signal.aborted,
    ...(conducted.lockOuts >= 2 ? { trouble: { kind: 'locked-out' as const } } : {}),
    secrets: [
      ...Object.values(gathered.issued.others),
      ...(gathered.issued.good === undefined ? [] : [gathered.issued.good]),
    ],
  }
}

/** Methods with side effects may be sent where all that they can reach is the witness. */
const ownsUpstream = ({ lessons }: School): boolean =>
  [...lessons].every(([name, { lesson }]) => lesson.witnessed || name === 'public')

/** What could not be judged is tried once more, one at a time, before it is called inconclusive. */
const settleTwice = async (
  planned: readonly PlannedCase[],
  findings: Findings,
  setting: Setting,
): Promise<readonly JudgedCase[]> => {
  // A hit may come after the answer: the upstream is read once more before a refusal is believed.
  if (findings.witness !== noWitness) await setting.io.sleep(lateHitsMs)
  const settled = settle(planned, findings)
  if (setting.signal.aborted) return settled
  const doubtful = new Set(
    settled.flatMap(({ variants }) =>
      variants.filter(({ verdict }) => verdict.status === 'inconclusive').map(({ variant }) => variant),
    ),
  )
  const jobs = [...findings.exchanges.keys()].filter(
    (job) =>
      doubtful.has(job.variant) &&
      findings.exchanges.get(job)?.some(({ reason }) => reason === 'locked-out') !== true,
  )
  if (jobs.length === 0) return settled
  const again = await conductAgain(jobs, setting)
  return settle(planned, { ...findings, exchanges: new Map([...findings.exchanges, ...again.exchanges]) })
}

const lateHitsMs = 150

const emptyFindings = (config: Config, suite: Suite, features: ReadonlySet<string>): Findings => ({
  exchanges: new Map(),
  unfit: new Map(),
  lessons: new Map(),
  style: {},
  witness: noWitness,
  features,
  info: suite.features,
  scheme: schemeOf(config),
})

const settingOf = (school: School, shop: Shop, features: ReadonlySet<string>, run: World): Setting => ({
  io: school.io,
  make: shop.make,
  witness: school.witness,
  lessons: new Map([...school.lessons].map(([name, { lesson }]) => [name, lesson])),
  features,
  signal: run.signal,
  onDone: (done, of) => run.onEvent({ kind: 'progress', done, of }),
})
