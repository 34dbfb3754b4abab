import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from '../lib/config/config.ts'
import type { Suite } from '../lib/config/suite.ts'
import { loadSuites } from '../lib/config/suites.ts'
import { openExchange } from '../lib/exchange/exchange.ts'
import { faults as table, type FaultName } from '../lib/reference/gateway/faults.ts'
import { startGateway } from '../lib/reference/gateway/gateway.ts'
import { variantsOf } from '../lib/plan/plan.ts'
import { runConformance } from '../lib/run.ts'
import { startKeySet } from '../lib/serve/key-set.ts'
import { startListener } from '../lib/serve/listener.ts'
import { startUpstream } from '../lib/serve/upstream.ts'
import type { JudgedCase } from '../lib/trial/settle.ts'
import { readMembers } from '../lib/forge/good.ts'
import { issuer, localCertificate, publishedKey, signingKey, type Standing } from './worlds/standing.ts'
import { plans, type World, type WorldPlan } from './worlds/worlds.ts'

/** The suites that come with gateproof. */
export const suite = loadSuites(fileURLToPath(new URL('../suites/', import.meta.url)), [])

export const faultNames = Object.keys(table) as FaultName[]

/** Wrong in every way at once: what they fail proves nothing about a case. */
export const bluntFaults: readonly FaultName[] = ['accept-all', 'refuse-all', 'no-challenge']

export { worlds, type World } from './worlds/worlds.ts'

/** It sleeps for longer than a quick test may take, and only where cases may be risky. */
export const sleeping: FaultName = 'kid-executed'

/** What takes many seconds to be proved: left to the slow tests. */
export const slowFaults: readonly FaultName[] = [
  sleeping,
  'jwks-fetch-unbounded',
  'jwks-oversize-hang',
  'jwks-bad-key-fatal',
]

/** What only cases notice that are off until asked for, and the topic of those. */
export const riskyFaults: Readonly<Partial<Record<FaultName, string>>> = {
  'kid-executed': 'kid',
  'jwks-oversize-hang': 'jwks',
  'jwks-flood-evicts': 'jwks',
  'jwe-p2c-unbounded': 'jwe',
  'jwe-zip-unbounded': 'jwe',
  'two-lengths-smuggle': 'path',
  'two-lengths-forwarded': 'path',
}

/** What only load cases notice, which `test` leaves out: test/load-cases.test.ts proves them. */
export const loadFaults: readonly FaultName[] = [
  'claims-cache-collides',
  'clock-stops-when-busy',
  'fails-open-when-busy',
  'jwks-cleared-on-refresh',
  'jwks-cleared-on-rotation',
  'refusal-costly',
  'refuses-after-refusals',
  'verdict-cache-collides',
  'withdrawn-key-kept-while-used',
]

/** How a run departs from what its world has. */
export type Change = {
  readonly config?: (config: Config) => Config
  readonly signal?: AbortSignal
  /** Instead of the suites that come with gateproof. */
  readonly suite?: Suite
}

export type MatrixWorld = {
  /** Runs the named cases against the gateway with these faults; all that the world is there for, where none is named. */
  judge(
    faults: readonly FaultName[],
    include: readonly string[],
    world: World,
    change?: Change,
  ): Promise<readonly JudgedCase[]>
  close(): Promise<void>
}

/** An upstream, a listener, a key set and two signing keys, and a gateway made anew for each run. */
export const openMatrixWorld = async (): Promise<MatrixWorld> => {
  const now = () => Date.now()
  const local = { host: '127.0.0.1', port: 0 }
  const keys = await Promise.all([signingKey('gateproof'), signingKey('gateproof-2')])
  const published = keys.map(publishedKey)
  const folder = await mkdtemp(join(tmpdir(), 'matrix-'))
  const keySetFile = join(folder, 'jwks.json')
  await writeFile(keySetFile, JSON.stringify({ keys: published }))
  const upstream = await startUpstream({ ...local, idHeader: 'x-gateproof-id' }, { now })
  const keySet = await startKeySet(local, { issuer, keys: published }, now)
  const { authority, certificate } = localCertificate()
  const safeKeySet = await startKeySet(
    { ...local, tls: certificate },
    { issuer, keys: published.map((key) => ({ ...key, alg: 'RS256' })) },
    now,
  )
  const listener = await startListener({ host: 'localhost', port: 0 }, now)
  const standing: Standing = {
    folder,
    keys,
    keySetFile,
    upstream,
    keySet,
    safeKeySet,
    authority,
    certificate,
    listener,
  }
  return {
    judge: (faults, include, world, change = {}) => judgeOnce({ faults, include, world, change }, standing),
    close: async () => {
      await Promise.all([upstream.close(), keySet.close(), safeKeySet.close(), listener.close()])
      await rm(folder, { recursive: true })
    },
  }
}

/** Whether the cases of that world may wait. */
export const takesTime = (world: World): boolean => {
  const plan: WorldPlan = plans[world]
  return plan.waits === true
}

type Once = {
  readonly faults: readonly FaultName[]
  readonly include: readonly string[]
  readonly world: World
  readonly change: Change
}

const judgeOnce = async (
  { faults, include, world, change }: Once,
  standing: Standing,
): Promise<readonly JudgedCase[]> => {
  const plan: WorldPlan = plans[world]
  const selected = selection(include, plan.topics)
  if (selected === undefined) return []
  const now = () => Date.now()
  const options = { ...plan.gateway(standing), faults, now }
  let gateway = await startGateway(options)
  const restart = async () => {
    const { port } = gateway
    await gateway.close()
    gateway = await startGateway({ ...options, listen: { host: '127.0.0.1', port } })
  }
  const planned = plan.config(gateway.origin, standing)
  const cases = plan.waits === true ? planned.cases : { ...planned.cases, maxWaitMs: 0 }
  const config = (change.config ?? ((own) => own))({ ...planned, cases })
  const exchanger = openExchange(config.target, {
    now,
    attemptHeader: 'x-gateproof-id',
    ...(config.binding === undefined ? {} : { certificates: config.binding }),
  })
  try {
    const run = await runConformance(
      config,
      change.suite ?? suite,
      { include: selected, exclude: [], risky: isRisky(faults, include) },
      {
        exchanger,
        upstream: standing.upstream,
        ...(config.serve.jwks === undefined ? {} : { keySet: standing.safeKeySet }),
        ...(config.serve.listener === undefined ? {} : { listener: standing.listener }),
        runHook: async (name, token) => {
          if (name === 'restart') await restart()
          else options.beyond?.uses?.revoked?.add(idOf(token))
          return true
        },
        now,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        newId: () => randomUUID(),
        random: (bytes) => randomBytes(bytes),
        signal: change.signal ?? new AbortController().signal,
        onEvent: () => undefined,
      },
    )
    return run.cases
  } finally {
    await exchanger.close()
    await gateway.close()
  }
}

const idOf = (token: string): unknown => readMembers(token.split('.')[1] ?? '')?.jti

/** Risky cases run where a fault is there for them, or where they are named one by one. */
const isRisky = (faults: readonly FaultName[], include: readonly string[]): boolean =>
  faults.some((name) => name in riskyFaults) ||
  suite.requirements.some(({ cases }) =>
    cases.some(({ id, risky }) => risky !== undefined && include.includes(id)),
  )

/** What is judged of a selection in a world that is there for some topics alone; undefined where that is nothing. */
const selection = (include: readonly string[], topics: readonly string[]): readonly string[] | undefined => {
  if (topics.length === 0) return include
  if (include.length === 0) return ['controls', ...topics]
  const wholes = topics.filter((topic) => include.includes(topic.replace(/\..*$/, '')))
  const parts = include.filter((name) => namesAround(name).some((around) => topics.includes(around)))
  const kept = [...new Set([...wholes, ...parts])]
  return kept.length === 0 ? undefined : ['controls', ...kept]
}

/** The topic and the requirement of what a selection names, which may be a CASE/VARIANT. */
const namesAround = (name: string): readonly string[] => {
  const id = name.replace(/\/.*$/, '')
  return suite.requirements
    .filter((one) => one.topic === id || one.id === id || one.cases.some((each) => each.id === id))
    .flatMap((one) => (one.topic === id ? [id] : [one.topic, one.id]))
}

/** Names of the cases, or CASE/VARIANT, with one of these verdicts, sorted. */
export const named = (cases: readonly JudgedCase[], ...statuses: readonly string[]): readonly string[] =>
  namesWhere(cases, ({ status }) => statuses.includes(status))

/** Names of those with something to hold against the gateway: of any level, since some cases ask what only may be. */
export const mismatched = (cases: readonly JudgedCase[]): readonly string[] =>
  namesWhere(cases, (verdict) => 'mismatches' in verdict && (verdict.mismatches ?? []).length > 0)

const namesWhere = (
  cases: readonly JudgedCase[],
  test: (verdict: JudgedCase['verdict']) => boolean,
): readonly string[] =>
  cases
    .flatMap(({ planned, variants }) =>
      variants
        .filter(({ verdict }) => test(verdict))
        .map(({ variant }) =>
          variant.name === undefined ? planned.case.id : `${planned.case.id}/${variant.name}`,
        ),
    )
    .sort()

/** The cases, or CASE/VARIANT, that are there to catch the fault. */
export const catchers = (fault: FaultName): readonly string[] =>
  suite.requirements.flatMap(({ cases }) =>
    cases.flatMap((one) =>
      variantsOf(one).flatMap(({ name }) => {
        const own = name === undefined ? undefined : one.variants?.[name]?.fault
        if ((own ?? one.fault) !== fault) return []
        return [name === undefined ? one.id : `${one.id}/${name}`]
      }),
    ),
  )

/** The topics whose cases name the fault, and the controls; all of them where no case does. */
export const topicsOf = (fault: FaultName): readonly string[] => {
  const topics = suite.requirements
    .filter(({ cases }) =>
      cases.some(
        (one) =>
          one.fault === fault || Object.values(one.variants ?? {}).some((variant) => variant.fault === fault),
      ),
    )
    .map(({ topic }) => topic)
  return topics.length === 0 ? [] : [...new Set(['controls', ...topics])]
}
