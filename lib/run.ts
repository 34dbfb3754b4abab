import type { Config } from './config/config.ts'
import type { Suite, Word } from './config/suite.ts'
import type { ClockOffset } from './exchange/clock.ts'
import type { Speech } from './judge/protocol.ts'
import { featuresOf } from './plan/features.ts'
import { plan, type PlannedCase, type Selection } from './plan/plan.ts'
import type { Sent } from './trial/attempt.ts'
import type { Setback } from './trial/control.ts'
import { conduct, conductAgain, isUnrepeatable, type Setting } from './trial/conduct.ts'
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
  | { readonly kind: 'locked-out' | 'token-expired' }

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
    const interrupted = io.signal.aborted
    const overall = interrupted ? 'interrupted' : trouble.kind
    const cases = settle(first, { ...emptyFindings(config, suite, known), overall })
    return { ...base, cases, interrupted, ...(interrupted ? {} : { trouble }) }
  }
  if (gathered.kind === 'failed') return nothing({ kind: 'no-token', message: gathered.message })

  const shop = openShop(config, gathered, io)
  const school = await attendSchool(config, first, shop, io)
  const { home } = school
  if (home.kind === 'trouble') return nothing({ kind: home.trouble, sent: home.sent })
  io.onEvent({ kind: 'taught' })

  const features = provenFeatures(known, school)
  const planned = planFor(features)
  const { jobs, unfit } = await prepare(planned, shop.workshop, features)
  const setting = settingOf(school, shop, features, io)
  const { exchanges, ended } = await conduct(jobs, setting)
  const findings: Findings = {
    ...emptyFindings(config, suite, features),
    exchanges,
    unfit,
    lessons: school.lessons,
    style: school.style,
    witness: school.witness,
  }
  const cases = await (ended === undefined ? settleTwice : settleOnce)(planned, findings, setting)
  const trouble = ended === undefined ? undefined : troubleOf(ended)
  return {
    cases,
    features: [...features].sort(),
    style: school.style,
    witness: school.witness,
    clock: school.clock,
    interrupted: io.signal.aborted,
    ...(trouble === undefined ? {} : { trouble }),
    secrets: [
      ...Object.values(gathered.issued.others),
      ...(gathered.issued.good === undefined ? [] : [gathered.issued.good]),
    ],
  }
}

/** What only the controls could show: whether the upstream is ours, and whether side effects can reach anything else. */
const provenFeatures = (known: ReadonlySet<string>, { lessons }: School): ReadonlySet<string> => {
  const features = new Set(known)
  if (lessons.get('protected')?.lesson.witnessed !== true) features.delete('upstream')
  if ([...lessons].every(([name, { lesson }]) => lesson.witnessed || name === 'public'))
    features.add('unsafe-methods')
  if (lessons.get('public')?.lesson.witnessed === false) features.add('public-elsewhere')
  return features
}

const troubleOf = ({ reason, sent }: Setback): RunTrouble | undefined => {
  switch (reason) {
    case 'interrupted':
      return undefined
    case 'control-lost':
      return { kind: 'no-answer', sent }
    case 'unreachable':
    case 'rate-limited':
      return { kind: reason, sent }
    default:
      return { kind: reason }
  }
}

/** A hit may come after the answer: the upstream is read once more before a refusal is believed. */
const settleOnce = async (
  planned: readonly PlannedCase[],
  findings: Findings,
  { io }: Setting,
): Promise<readonly JudgedCase[]> => {
  if (findings.witness !== noWitness) await io.sleep(lateHitsMs)
  return settle(planned, findings)
}

const lateHitsMs = 150

/** What could not be judged is tried once more, one at a time, before it is called inconclusive. */
const settleTwice = async (
  planned: readonly PlannedCase[],
  findings: Findings,
  setting: Setting,
): Promise<readonly JudgedCase[]> => {
  const settled = await settleOnce(planned, findings, setting)
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
  const again = await conductAgain(jobs, setting)
  const exchanges = new Map([...findings.exchanges, ...again.exchanges])
  return settleOnce(planned, { ...findings, exchanges }, setting)
}

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
  lessons: school.lessons,
  now: shop.workshop.now,
  features,
  signal: run.signal,
  onDone: (done, of) => run.onEvent({ kind: 'progress', done, of }),
})
