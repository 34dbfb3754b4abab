import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { loadSuites } from '../lib/config/suites.ts'
import { fileURLToPath } from 'node:url'
import { faults, type FaultName } from '../lib/reference/gateway/faults.ts'
import type { Odd } from '../lib/reference/gateway/odd.ts'
import type { Passing } from './front.ts'
import { backends, unalike } from './random-answers.ts'
import { refusals, type Dress } from './random-refusals.ts'
import type { StageOptions } from './stage.ts'

/** A gateway that was drawn by chance, and the cases to send it. */
export type Drawn = {
  /** What it is like, in a line that names its seed. */
  readonly told: string
  readonly options: StageOptions
  /** What the gateway truly decided, by the id of the attempt, once the answer was on its way. */
  readonly truth: ReadonlyMap<string, Decision>
}

export type Decision = {
  readonly letIn: boolean
  /** Whether the answer came through. */
  readonly delivered: boolean
}

/** Numbers from 0 up to 1, the same for the same seed. */
export const dice = (seed: string): (() => number) => {
  let turn = 0
  return () => createHash('sha256').update(`${seed} ${turn++}`).digest().readUInt32BE() / 2 ** 32
}

const pick = <T>(from: readonly T[], roll: () => number): T => {
  const found = from[Math.floor(roll() * from.length)]
  if (found === undefined) throw new Error('nothing to pick from')
  return found
}

const some = <T>(from: readonly T[], count: number, roll: () => number): readonly T[] =>
  from
    .map((one) => [roll(), one] as const)
    .toSorted(([a], [b]) => a - b)
    .slice(0, count)
    .map(([, one]) => one)

const topics = [
  ...['alg', 'audience', 'claims', 'confusion', 'credential', 'encoding', 'header', 'issuer', 'kid'],
  ...['references', 'scope', 'signature', 'time', 'path'],
]

const suite = loadSuites(fileURLToPath(new URL('../suites/', import.meta.url)), [])
const pool = suite.requirements
  .filter(({ topic }) => topics.includes(topic))
  .flatMap(({ cases }) => cases)
  .filter(({ risky, steps, load }) => risky === undefined && steps === undefined && load === undefined)
  .map(({ id }) => id)
const known = new Set(suite.requirements.flatMap(({ cases }) => cases).map(({ id }) => id))

/** The cases that each fault fails, by the kill matrix. */
const failedBy = new Map(
  readFileSync(new URL('kill-matrix.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const [fault = '', ...cases] = line.split(/:? /)
      return [fault, cases.filter((name) => pool.includes(name.split('/')[0] ?? ''))] as const
    }),
)

/** Every fault but those that sleep, that concern key sets, and that say no with a yes. */
const flaws = (Object.keys(faults) as FaultName[]).filter(
  (name) =>
    !/hang|unbounded|^ok-with-error-body$|^kid-executed$|^refuse-all$|^forwards-before|^jwks-/.test(name) &&
    (failedBy.get(name) ?? []).length > 0,
)

/** A gateway of that seed: sound, or with one flaw. */
export const draw = (seed: string, sound: boolean): Drawn => {
  const roll = dice(seed)
  const flaw = sound ? undefined : pick(flaws, roll)
  const [refusalName, dress] = pick(Object.entries(refusals), roll)
  const [backendName, backend] = pick(Object.entries(backends), roll)
  const noise = drawNoise(roll)
  const witness = roll() < 0.4
  const strips = witness && roll() < 0.4
  const ids = new Map<number, string>()
  const truth = new Map<string, Decision>()
  const flawed = flaw === undefined ? [] : some(failedBy.get(flaw) ?? [], 6, roll)
  const others = some(pool, sound ? 16 : 8, roll)
  const include = [...new Set([...flawed, ...others])].filter((name) => known.has(name.split('/')[0] ?? ''))
  return {
    told: [
      `${sound ? 'sound' : 'flawed'} ${seed}:`,
      `${flaw ?? 'no flaw'}; refuses by ${refusalName}; backend ${backendName};`,
      `${witness ? (strips ? 'witness without ids' : 'witness') : 'no witness'}; ${noise.told}; ${include.join(' ')}`,
    ].join(' '),
    truth,
    options: {
      include,
      ...(flaw === undefined ? {} : { faults: [flaw] }),
      ...(witness ? { witness } : {}),
      ...(dress.refused === undefined ? {} : { refused: dress.refused }),
      ...(noise.aheadMs === 0 ? {} : { gatewayAheadMs: noise.aheadMs }),
      odd: {
        ...(strips ? { stripsHeaders: ['x-gateproof-id'] } : {}),
        ...noise.odd,
      },
      target: { timeoutMs: 1000, pace: { concurrency: noise.concurrency } },
      front: {
        fate: ({ headers }, count) => {
          ids.set(count, String(headers['x-gateproof-id']))
          return noise.fate(dice(`${seed} request ${count}`))
        },
        change: (answer, count) => {
          const delivered = !noise.loses(dice(`${seed} answer ${count}`))
          truth.set(ids.get(count) ?? '', { letIn: answer.status < 300, delivered })
          return delivered ? noise.change(dressed(answer, { dress, backend }, count)) : 'drop'
        },
      },
    },
  }
}

type Look = { readonly dress: Dress; readonly backend: (answer: Passing) => Passing }

/** What the reference gateway decided, said as this one says it. */
const dressed = (answer: Passing, { dress, backend }: Look, count: number): Passing => {
  if (answer.status < 300) return unalike(backend(answer), count)
  const kind = kindOf(answer)
  const said = kind === undefined ? undefined : (dress[kind] ?? dress.invalid)
  return said === undefined ? answer : said(answer, count)
}

const kindOf = ({ status, headers }: Passing): Exclude<keyof Dress, 'refused'> | undefined => {
  switch (status) {
    case 400:
      return 'malformed'
    case 401:
      return headers.some((value) => value.includes('error=')) ? 'invalid' : 'none'
    case 403:
      return 'scope'
    case 404:
      return 'unrouted'
    default:
      return undefined
  }
}

type Noise = {
  readonly told: string
  readonly aheadMs: number
  readonly odd: Odd
  readonly concurrency: number
  readonly fate: (roll: () => number) => 'pass' | 'drop' | 'hang' | Passing
  readonly loses: (roll: () => number) => boolean
  readonly change: (answer: Passing) => Passing
}

const drawNoise = (roll: () => number): Noise => {
  const rare = (chance: number, share: number) => (roll() < chance ? share : 0)
  const drop = rare(0.35, pick([0.02, 0.05, 0.15], roll))
  const lose = rare(0.25, 0.03)
  const hang = rare(0.1, 0.004)
  const busy = rare(0.35, pick([0.05, 0.2], roll))
  const busyStatus = roll() < 0.5 ? 429 : 503
  const retryAfter = roll() < 0.5 ? ['Retry-After', '1'] : []
  const closes = roll() < 0.2
  const lockOut =
    roll() < 0.12 ? { after: 5 + Math.floor(roll() * 50), seconds: 2 + Math.floor(roll() * 30) } : undefined
  const aheadMs = pick([0, 0, 0, 3_600_000, -3_600_000, 90_000], roll)
  const dateless = roll() < 0.1
  const endsAll = roll() < 0.2
  const concurrency = pick([1, 1, 4, 8], roll)
  const told = [
    ...(drop > 0 ? [`drops ${drop}`] : []),
    ...(lose > 0 ? [`loses answers ${lose}`] : []),
    ...(hang > 0 ? [`hangs ${hang}`] : []),
    ...(busy > 0 ? [`${busyStatus} ${busy}${retryAfter.length > 0 ? ' with Retry-After' : ''}`] : []),
    ...(closes ? ['closes after a refusal'] : []),
    ...(lockOut === undefined ? [] : [`locks out for ${lockOut.seconds} s after ${lockOut.after}`]),
    ...(aheadMs === 0 ? [] : [`clock ${aheadMs / 1000} s ahead`]),
    ...(dateless ? ['no Date'] : []),
    ...(endsAll ? ['Connection: close'] : []),
    `${concurrency} at a time`,
  ].join(', ')
  return {
    told,
    aheadMs: dateless ? 0 : aheadMs,
    odd: {
      ...(closes ? { closesAfterRefusal: true } : {}),
      ...(lockOut === undefined ? {} : { lockOut }),
    },
    concurrency,
    loses: (chance) => chance() < lose,
    fate: (chance) => {
      const at = chance()
      if (at < drop) return 'drop'
      if (at < drop + hang) return 'hang'
      return at < drop + hang + busy
        ? { status: busyStatus, headers: retryAfter, body: Buffer.from('later') }
        : 'pass'
    },
    change: (answer) => ({
      ...answer,
      headers: [
        ...answer.headers.flatMap((name, at) =>
          at % 2 === 0 && !(dateless && name.toLowerCase() === 'date')
            ? [name, answer.headers[at + 1] ?? '']
            : [],
        ),
        ...(endsAll ? ['Connection', 'close'] : []),
      ],
    }),
  }
}
