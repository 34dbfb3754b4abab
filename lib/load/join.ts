import type { EngineEnd } from './engine.ts'
import { Histogram } from './histogram.ts'
import { mergeSeries } from './merge.ts'
import type { PhaseResult, PhaseSettings } from './phase.ts'
import { mostOffenders, type ClassRecord, type Offender } from './record.ts'

type Parts = readonly [PhaseResult, ...PhaseResult[]]

/**
 * What several threads saw of one phase as what a single one would have seen: counts are added, histograms bucket by
 * bucket, and of what strains a generator the worst stands. `settings` are those of the whole.
 */
export const joinResults = (parts: Parts, settings: PhaseSettings): PhaseResult => {
  const [first] = parts
  const sum = (of: (part: PhaseResult) => number): number => parts.reduce((all, part) => all + of(part), 0)
  const doubts = parts.flatMap((part) => part.doubts ?? [])
  return {
    name: settings.name,
    model: first.model,
    ...(settings.open === undefined ? {} : { open: settings.open }),
    keepAlive: settings.keepAlive,
    connections: settings.connections,
    maxConnections: settings.maxConnections,
    seed: settings.seed,
    ...(parts.length > 1 ? { workers: parts.length } : {}),
    end: endOf(parts),
    connected: sum(({ connected }) => connected),
    ms: Math.max(...parts.map(({ ms }) => ms)),
    sent: sum(({ sent }) => sent),
    answered: sum(({ answered }) => answered),
    judged: sum(({ judged }) => judged),
    lost: sum(({ lost }) => lost),
    waited: sum(({ waited }) => waited),
    classes: first.classes.map((_class, at) =>
      joinClasses(parts.flatMap(({ classes }) => classes[at] ?? [])),
    ),
    errors: addCounts(parts.map(({ errors }) => errors)),
    service: joinHistograms(parts.map(({ service }) => service)),
    lateness: joinHistograms(parts.map(({ lateness }) => lateness)),
    series: mergeSeries(parts.map(({ series = [] }) => series)),
    loopDelayP99Ms: most(parts.map((part) => part.loopDelayP99Ms)),
    busy: most(parts.map(({ busy }) => busy)),
    ...(doubts.length === 0 ? {} : { doubts }),
  }
}

/** Whoever found nobody to talk to says so for all. */
const endOf = (parts: Parts): PhaseResult['end'] => {
  const ends = parts.map(({ end }) => end)
  return (
    ends.find((end): end is EngineEnd => end.kind === 'unreachable' || end.kind === 'untrusted') ??
    ends.find(({ kind }) => kind === 'interrupted') ?? { kind: 'finished' }
  )
}

const joinClasses = (records: readonly ClassRecord[]): ClassRecord => {
  const [first] = records
  if (first === undefined) throw new RangeError('there is no class to join')
  const sum = (of: (record: ClassRecord) => number): number =>
    records.reduce((all, record) => all + of(record), 0)
  return {
    name: first.name,
    expect: first.expect,
    // Where each thread has some of the requests for itself; all have all of them where they are too few for that.
    pool: first.isShared === true ? first.pool : sum(({ pool }) => pool),
    taken: sum(({ taken }) => taken),
    sent: sum(({ sent }) => sent),
    judged: sum(({ judged }) => judged),
    falseAccepts: sum(({ falseAccepts }) => falseAccepts),
    falseRefusals: sum(({ falseRefusals }) => falseRefusals),
    latency: joinHistograms(records.map(({ latency }) => latency)),
    offenders: inTurn(records.map(({ offenders }) => offenders)).slice(0, mostOffenders),
    ...(first.isShared === true
      ? {}
      : {
          spread: {
            distinct: sum(({ taken, pool }) => Math.min(taken, pool)),
            timesEach: Math.max(...records.map(({ taken, pool }) => Math.ceil(taken / pool))),
          },
        }),
  }
}

/** The first of each, then the second of each, and so on. */
const inTurn = (all: readonly (readonly Offender[])[]): readonly Offender[] =>
  Array.from({ length: Math.max(...all.map(({ length }) => length)) }, (_, at) =>
    all.flatMap((some) => some[at] ?? []),
  ).flat()

const joinHistograms = (all: readonly Histogram[]): Histogram => {
  const whole = new Histogram()
  for (const each of all) whole.merge(each)
  return whole
}

const addCounts = (all: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const kind of [...new Set(all.flatMap((each) => Object.keys(each)))].toSorted())
    counts[kind] = all.reduce((sum, each) => sum + (each[kind] ?? 0), 0)
  return counts
}

const most = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}
