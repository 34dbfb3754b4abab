import type { Config, Route } from './config/config.ts'
import type { Word } from './config/expect.ts'
import { routeNamed } from './config/route-name.ts'
import type { Suite } from './config/suite.ts'
import type { ClockOffset } from './exchange/clock.ts'
import type { Speech } from './judge/protocol.ts'
import { featuresOf } from './plan/features.ts'
import { openPlan, type PlannedCase, type Selection } from './plan/plan.ts'
import { waitsOf } from './plan/step-needs.ts'
import type { Sent } from './trial/attempt.ts'
import type { Setback } from './trial/control.ts'
import { conduct, type Setting } from './trial/conduct.ts'
import { compareGood, compareOnRoute } from './trial/compare-good.ts'
import type { Misfit } from './trial/misfit.ts'
import { gather } from './trial/gather.ts'
import { announceEnd, awaitEnd } from './trial/lasting.ts'
import { metadataFactsOf } from './trial/metadata-facts.ts'
import { prepare, unfitAmong } from './trial/prepare.ts'
import { openStepTools } from './trial/step-tools.ts'
import { attendSchool, schemeOf, type School } from './trial/school.ts'
import { settle, type Findings, type JudgedCase } from './trial/settle.ts'
import { settleOnce, settleTwice } from './trial/settle-late.ts'
import type { Trouble, Untaught } from './trial/teach.ts'
import { noLookout, watchListener, type Lookout } from './trial/lookout.ts'
import { noWitness, type Witness } from './trial/witness.ts'
import { openShop, type Shop } from './trial/workshop.ts'
import type { World } from './trial/world.ts'

/** What a conformance run came to. */
export type ConformanceRun = {
  readonly cases: readonly JudgedCase[]
  readonly features: readonly string[]
  readonly style: Readonly<Partial<Record<Word, Speech>>>
  readonly witness: Witness
  readonly lookout: Lookout
  readonly clock: ClockOffset | undefined
  readonly interrupted: boolean
  /** Why nothing, or not everything, could be judged. */
  readonly trouble?: RunTrouble
  /** The routes beside the protected one that nothing can be judged on. */
  readonly untaught?: readonly UntaughtRoute[]
  /** Every token that was got or made and may stand in an answer. */
  readonly secrets: readonly string[]
}

export type RunTrouble =
  | {
      readonly kind: Trouble
      readonly sent: readonly Sent[]
      /** Where the good token differs from what it is to be let in by, as far as anybody knows. */
      readonly misfits?: readonly Misfit[]
    }
  | { readonly kind: 'no-token'; readonly message: string }
  | { readonly kind: 'locked-out' | 'token-expired' }

export type UntaughtRoute = Untaught & { readonly route: Route; readonly misfits: readonly Misfit[] }

/** The conformance pipeline: tokens, plan, controls, cases, verdicts. */
export const runConformance = async (
  config: Config,
  suite: Suite,
  selection: Selection & { readonly risky: boolean },
  io: World,
): Promise<ConformanceRun> => {
  const gathered = await gather(config, io)
  const askedBefore = io.keySet?.counted('keys') ?? 0
  const known = featuresOf(config, gathered.facts)
  const ground = { target: config.target, risky: selection.risky, waits: waitsOf(config) }
  const planFor = openPlan(suite, selection, ground)
  const first = planFor(known)
  const applicable = first.filter(({ variants }) => variants.some(({ missing }) => missing.length === 0))
  io.onEvent({ kind: 'planned', cases: first.length, applicable: applicable.length })
  const base = {
    features: [...known].sort(),
    style: {},
    witness: noWitness,
    lookout: noLookout,
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
  if (home.kind === 'trouble') {
    const misfits = await compareGood(home, config, io)
    return nothing({ kind: home.trouble, sent: home.sent, misfits })
  }
  io.onEvent({ kind: 'taught' })

  const proven = provenFeatures(known, school, io)
  const asksHttp2 = first.some(({ variants }) => variants.some(({ missing }) => missing.includes('http2')))
  const speaksHttp2 = asksHttp2 && (await io.exchanger.offersHttp2(io.signal))
  const features = speaksHttp2 ? new Set([...proven, 'http2']) : proven
  const planned = planFor(features)
  const { issued } = gathered
  const { now } = shop.workshop
  if (uses(planned, 'expired')) await awaitEnd(config, { lasting: issued, now }, io.sleep)
  const jobs = prepare(planned, shop.workshop, features)
  const { lookout, ...watched } = watchListener({ ...io, ...school }, config.serve, askedBefore)
  const tools = openStepTools(config, shop.workshop, io)
  const setting = { ...settingOf(school, shop, features, io), ...watched, tools, lasting: issued }
  announceEnd({ jobs, config, lasting: issued, now }, home, (event) => io.onEvent(event))
  const { exchanges, ended } = await conduct(jobs, setting)
  const findings: Findings = {
    ...emptyFindings(config, suite, features),
    exchanges,
    unfit: await unfitAmong(jobs),
    lessons: school.lessons,
    style: school.style,
    witness: school.witness,
    lookout,
    metadata: metadataFactsOf(config, shop.workshop.supply.good),
  }
  const cases = await (ended === undefined ? settleTwice : settleOnce)(planned, findings, {
    setting,
    run: io,
  })
  const trouble = ended === undefined ? undefined : troubleOf(ended)
  return {
    cases,
    features: [...features].sort(),
    style: school.style,
    witness: school.witness,
    lookout,
    clock: school.clock,
    interrupted: io.signal.aborted,
    ...(trouble === undefined ? {} : { trouble }),
    untaught: untaughtRoutes(school, config),
    secrets: [...gathered.issued.all],
  }
}

/** Whether anything that will run sends that genuine token. */
const uses = (planned: readonly PlannedCase[], name: string): boolean =>
  planned.some(({ variants }) =>
    variants.some(({ missing, deviation }) => missing.length === 0 && deviation.token === name),
  )

const untaughtRoutes = ({ untaught }: School, config: Config): readonly UntaughtRoute[] =>
  [...untaught].flatMap(([name, one]) => {
    const route = routeNamed(config.target, name)
    return route === undefined ? [] : [{ ...one, route, misfits: compareOnRoute(one, config, route) }]
  })

/** What only the controls could show: whether the upstream is ours, and whether side effects can reach anything else. */
const provenFeatures = (
  known: ReadonlySet<string>,
  { lessons }: School,
  { keySet }: Pick<World, 'keySet'>,
): ReadonlySet<string> => {
  const features = new Set(known)
  if (lessons.get('protected')?.lesson.witnessed !== true) features.delete('upstream')
  if ([...lessons].every(([name, { lesson }]) => lesson.witnessed || name === 'public'))
    features.add('unsafe-methods')
  const open = lessons.get('public')?.lesson.witnessed
  if (open !== undefined) features.add(open ? 'public-at-upstream' : 'public-elsewhere')
  if (lessons.get('optional')?.lesson.witnessed === true) features.add('optional-at-upstream')
  if ((keySet?.counted('discovery') ?? 0) > 0) features.add('served-discovery')
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

const emptyFindings = (config: Config, suite: Suite, features: ReadonlySet<string>): Findings => ({
  exchanges: new Map(),
  unfit: new Map(),
  lessons: new Map(),
  style: {},
  witness: noWitness,
  lookout: noLookout,
  features,
  info: suite.features,
  scheme: schemeOf(config),
  ...(config.policy.forwards === undefined ? {} : { forwards: config.policy.forwards }),
})

const settingOf = (
  school: School,
  shop: Shop,
  features: ReadonlySet<string>,
  run: World,
): Omit<Setting, 'tools' | 'lasting'> => ({
  io: school.io,
  make: shop.make,
  witness: school.witness,
  lessons: school.lessons,
  now: shop.workshop.now,
  features,
  signal: run.signal,
  onDone: (done, of) => run.onEvent({ kind: 'progress', done, of }),
})
