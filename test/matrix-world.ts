import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadSuites } from '../lib/config/suites.ts'
import { openExchange } from '../lib/exchange/exchange.ts'
import { faults as table, type FaultName } from '../lib/reference/gateway/faults.ts'
import { startGateway } from '../lib/reference/gateway/gateway.ts'
import { runConformance } from '../lib/run.ts'
import { startKeySet } from '../lib/serve/key-set.ts'
import { startListener } from '../lib/serve/listener.ts'
import { startUpstream } from '../lib/serve/upstream.ts'
import type { JudgedCase } from '../lib/trial/settle.ts'
import { issuer, publishedKey, signingKey, type Standing } from './worlds/standing.ts'
import { plans, type World } from './worlds/worlds.ts'

/** The suites that come with gateproof. */
export const suite = loadSuites(fileURLToPath(new URL('../suites/', import.meta.url)), [])

export const faultNames = Object.keys(table) as FaultName[]

/**
 * Faults that no case can notice yet: their cases need a listener, a key set that changes, a step before, or a policy that
 * this world does not declare. Each is proved by a test of the gateway's own, and the whole matrix tells when one is noticed.
 */
export const awaiting: readonly FaultName[] = [
  'authorization-stripped',
  'claim-array-contains',
  'claim-case',
  'claim-dots-descend',
  'claim-empty-passes',
  'claim-missing-passes',
  'claim-object-passes',
  'claim-substring',
  'claim-unchecked',
  'cnf-ignored',
  'cnf-malformed-ignored',
  'cnf-unknown-ignored',
  'connection-strips-headers',
  'exp-inclusive',
  'identity-headers-kept',
  'identity-underscores-kept',
  'issuer-followed',
  'jku-prefix-allowed',
  'jti-non-string-accepted',
  'jwe-header-skips-signature',
  'jwks-key-ops-ignored',
  'jwks-kid-missing-any',
  'jwks-oct-used',
  'jwks-use-ignored',
  'kid-url-followed',
  'malformed-as-401',
  'max-forwards-unguarded',
  'query-token-forwarded',
  'rsa-1024-accepted',
  'rsa-exponent-unchecked',
  'scope-array-accepted',
  'scope-cached-cross-route',
  'scope-last-ignored',
  'scope-method-ignored',
  'sub-non-string-accepted',
  'sub-type-crash',
  'verdict-cached',
  'x5u-followed',
]

/** Wrong in every way at once: what they fail proves nothing about a case. */
export const bluntFaults: readonly FaultName[] = ['accept-all', 'refuse-all', 'no-challenge']

export { worlds, type World } from './worlds/worlds.ts'

/** It sleeps for longer than a quick test may take, and only where cases may be risky. */
export const sleeping: FaultName = 'kid-executed'

export type MatrixWorld = {
  /** Runs the named cases against the gateway with these faults; all that the world is there for, where none is named. */
  judge(
    faults: readonly FaultName[],
    include: readonly string[],
    world: World,
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
  const listener = await startListener(local, now)
  const standing: Standing = { folder, keys, keySetFile, upstream, keySet, listener }
  return {
    judge: (faults, include, world) => judgeOnce({ faults, include, world }, standing),
    close: async () => {
      await Promise.all([upstream.close(), keySet.close(), listener.close()])
      await rm(folder, { recursive: true })
    },
  }
}

type Once = {
  readonly faults: readonly FaultName[]
  readonly include: readonly string[]
  readonly world: World
}

const judgeOnce = async (
  { faults, include, world }: Once,
  standing: Standing,
): Promise<readonly JudgedCase[]> => {
  const plan = plans[world]
  const selected = selection(include, plan.topics)
  if (selected === undefined) return []
  const now = () => Date.now()
  const gateway = await startGateway({ ...plan.gateway(standing), faults, now })
  const config = plan.config(gateway.origin, standing)
  const exchanger = openExchange(config.target, { now, attemptHeader: 'x-gateproof-id' })
  try {
    const run = await runConformance(
      config,
      suite,
      { include: selected, exclude: [], risky: faults.includes(sleeping) },
      {
        exchanger,
        upstream: standing.upstream,
        ...(config.serve.jwks === undefined ? {} : { keySet: standing.keySet }),
        ...(config.serve.listener === undefined ? {} : { listener: standing.listener }),
        now,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
        newId: () => randomUUID(),
        random: (bytes) => randomBytes(bytes),
        signal: new AbortController().signal,
        onEvent: () => undefined,
      },
    )
    return run.cases
  } finally {
    await exchanger.close()
    await gateway.close()
  }
}

/** What is judged of a selection in a world that is there for some topics alone; undefined where that is nothing. */
const selection = (include: readonly string[], topics: readonly string[]): readonly string[] | undefined => {
  if (topics.length === 0) return include
  if (include.length === 0) return ['controls', ...topics]
  const kept = include.filter((name) => topics.includes(topicNamed(name)))
  return kept.length === 0 ? undefined : ['controls', ...kept]
}

/** The topic of what a selection names: a topic, a requirement, a case or a CASE/VARIANT. */
const topicNamed = (name: string): string => {
  const id = name.replace(/\/.*$/, '')
  const found = suite.requirements.find(
    (one) => one.topic === id || one.id === id || one.cases.some((each) => each.id === id),
  )
  return found?.topic ?? id
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
