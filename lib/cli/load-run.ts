import { createHash } from 'node:crypto'
import { cpus, release, totalmem, type as systemName } from 'node:os'
import { resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import type { Suite } from '../config/suite.ts'
import { parseAbortOn } from '../load/abort.ts'
import { parseShard, parseStartAt, shareOf, startOf, type Shard } from '../load/shard.ts'
import type { Threshold } from '../load/thresholds.ts'
import type { Load } from '../report/report.ts'
import type { RunOptions } from './program.ts'
import { UsageError, type Terminal } from './terminal.ts'

/** The options of `gateproof load` beyond those of every run. */
export type LoadOptions = RunOptions & {
  readonly shard?: string
  readonly startAt?: string
  readonly abortOn?: readonly string[]
  readonly tokenCache?: string
  /** The load cases of the suites, instead of the phases. */
  readonly cases?: boolean
  /** As it was typed. */
  readonly command?: string
}

/** What a load run is told on the command line. */
export type LoadCall = {
  /** The configuration, with this process's share of the load. */
  readonly config: Config
  readonly shard?: Shard
  readonly startAt?: number
  readonly abortOn: readonly Threshold[]
  readonly tokenCache?: string
}

/** Reads the options; what makes no sense is told at once. Throws UsageError. */
export const readCall = (
  config: Config,
  { shard: part, startAt: start, abortOn: conditions = [], tokenCache }: LoadOptions,
  { cwd, now }: Pick<Terminal, 'cwd' | 'now'>,
): LoadCall => {
  const shard = part === undefined ? undefined : sound(parseShard(part))
  const load = shard === undefined ? config.load : sound(shareOf(config.load, shard))
  const startAt = start === undefined ? undefined : sound(parseStartAt(start, now()))
  const abortOn = parseAbortOn(conditions)
  if (abortOn.faults.length > 0) throw new UsageError(abortOn.faults.join('\n           '))
  return {
    config: { ...config, load },
    abortOn: abortOn.conditions,
    ...(shard === undefined ? {} : { shard }),
    ...(startAt === undefined
      ? {}
      : { startAt: shard === undefined ? startAt : startOf(startAt, load, shard) }),
    ...(tokenCache === undefined ? {} : { tokenCache: resolve(cwd, tokenCache) }),
  }
}

const sound = <Read extends object | number>(read: Read | string): Read => {
  if (typeof read === 'string') throw new UsageError(read)
  return read
}

export type RunFacts = {
  readonly shard?: Shard
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly command: string
  /** The version that was spoken; absent where nothing was fired. */
  readonly http?: '1.1' | '2' | undefined
}

/** What the numbers of a run rest on. `whole` is the configuration before it was shared. */
export const describeRun = (
  whole: Config,
  suite: Suite,
  { shard, startedAt, command, http }: RunFacts,
): NonNullable<Load['run']> => ({
  command,
  startedAt: new Date(startedAt).toISOString(),
  suite: suite.digest,
  settings: settingsOf(whole),
  mix: whole.load.mix,
  thresholds: [...whole.thresholds],
  ...(http === undefined ? {} : { http }),
  ...(shard === undefined ? {} : { shard }),
  machine: {
    node: process.version,
    system: `${systemName()} ${release()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 2 ** 20),
  },
})

/** Of all that two runs must have in common for their numbers to be of one thing: not on how many threads it was sent. */
const settingsOf = ({ load: { workers: _threads, ...load }, policy, thresholds, target }: Config): string => {
  const { algorithms, issuers, audiences, clockSkewSeconds } = policy
  const { method, path } = target.routes.protected
  const told = [load, thresholds, { algorithms, issuers, audiences, clockSkewSeconds }, { method, path }]
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16)
}
