import { evaluate, weakness, type Tally } from '../load/evaluate.ts'
import { encodeHistogram } from '../load/histogram-codec.ts'
import { mergeHistograms, mergeSeries } from '../load/merge.ts'
import { parseThresholds } from '../load/thresholds.ts'
import type { Load, Phase } from './report.ts'

type Run = NonNullable<Load['run']>
type Class = Phase['classes'][number]
type Part = { readonly load: Load; readonly run: Run }

/** So much of the time of a phase may lie between the first shard's start and the last one's. */
const mostSkew = 0.05
const mostOffenders = 10

/** Joins the load of all shards, which belong together: what was counted is added, histograms bucket by bucket. */
export const mergeLoads = (parts: readonly Part[]): Load => {
  const loads = parts.map(({ load }) => load)
  const phases = (loads[0]?.phases ?? []).flatMap((_phase, at) => {
    const [first, ...more] = loads.flatMap((load) => load.phases[at] ?? [])
    return first === undefined ? [] : [mergePhases([first, ...more])]
  })
  const validation = loads.flatMap((load) => load.validation ?? [])[0]
  const run = mergeRuns(parts)
  const held = holdThresholds(phases, validation, run)
  const invalid = [
    ...new Set([...loads.flatMap((load) => load.invalid), ...held.weak, ...skewOf(parts, phases)]),
  ]
  return {
    phases,
    results: [],
    ...(validation === undefined ? {} : { validation }),
    run,
    // What stopped a shard before its time stands among its thresholds.
    thresholds: [...loads.flatMap((load) => load.thresholds), ...held.outcomes],
    valid: invalid.length === 0,
    invalid,
  }
}

const mergePhases = (phases: readonly [Phase, ...Phase[]]): Phase => {
  const [first] = phases
  const sum = (of: (phase: Phase) => number): number => phases.reduce((all, phase) => all + of(phase), 0)
  const most = (of: (phase: Phase) => number | null | undefined): number | null => {
    const known = phases.flatMap((phase) => of(phase) ?? [])
    return known.length === 0 ? null : Math.max(...known)
  }
  const ms = Math.max(...phases.map((phase) => phase.ms))
  const judged = sum((phase) => phase.judged ?? phase.requests)
  const histogram = mergeHistograms(phases.map((phase) => phase.histogram).filter((text) => text !== ''))
  const names = [...new Set(phases.flatMap(({ classes }) => classes.map((each) => each.case)))]
  return {
    name: first.name,
    model: first.model,
    connections: sum((phase) => phase.connections),
    rate: first.rate === null ? null : sum((phase) => phase.rate ?? 0),
    ms,
    requests: sum((phase) => phase.requests),
    perSecond: ms === 0 ? 0 : Math.round((judged / ms) * 10_000) / 10,
    sent: sum((phase) => phase.sent),
    answered: sum((phase) => phase.answered),
    lost: sum((phase) => phase.lost),
    judged,
    connectionsMade: sum((phase) => phase.connectionsMade ?? 0),
    latencyMs: histogram.latencyMs(),
    histogram: encodeHistogram(histogram),
    series: mergeSeries(phases.map(({ series }) => series ?? [])),
    classes: names.map((name) =>
      mergeClasses(
        name,
        phases.flatMap(({ classes }) => classes.filter((each) => each.case === name)),
      ),
    ),
    errors: addCounts(phases.map(({ errors }) => errors)),
    loopDelayP99Ms: most((phase) => phase.loopDelayP99Ms),
    latenessP99Ms: most((phase) => phase.latenessP99Ms),
    waited: first.rate === null ? null : sum((phase) => phase.waited ?? 0),
    busy: most((phase) => phase.busy),
    cpuShare: sum((phase) => phase.cpuShare ?? 0),
    ...(phases.some(({ workers }) => workers !== undefined)
      ? { workers: sum((phase) => phase.workers ?? 1) }
      : {}),
    offenders: phases.flatMap(({ offenders }) => offenders).slice(0, mostOffenders),
  }
}

const mergeClasses = (name: string, classes: readonly Class[]): Class => {
  const sum = (of: (each: Class) => number): number => classes.reduce((all, each) => all + of(each), 0)
  const histogram = mergeHistograms(classes.flatMap((each) => each.histogram ?? []))
  const tokens = classes.flatMap((each) => each.tokens ?? [])
  return {
    case: name,
    requests: sum(({ requests }) => requests),
    judged: sum((each) => each.judged ?? 0),
    falseAccepts: sum(({ falseAccepts }) => falseAccepts),
    falseRefusals: sum(({ falseRefusals }) => falseRefusals),
    misjudged: sum(({ misjudged }) => misjudged),
    latencyMs: histogram.latencyMs(),
    histogram: encodeHistogram(histogram),
    // Each process signs its own, so that no two have the same token.
    tokens: {
      pool: tokens.reduce((all, { pool }) => all + pool, 0),
      distinct: tokens.reduce((all, { distinct }) => all + distinct, 0),
      timesEach: Math.max(0, ...tokens.map(({ timesEach }) => timesEach)),
    },
  }
}

const addCounts = (all: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const each of all)
    for (const [kind, count] of Object.entries(each)) counts[kind] = (counts[kind] ?? 0) + count
  return counts
}

const mergeRuns = (parts: readonly Part[]): Run => {
  const [first] = parts
  if (first === undefined) throw new RangeError('there is nothing to join')
  const { shard: _shard, ...run } = first.run
  const [http] = parts.flatMap((part) => part.run.http ?? [])
  return {
    ...run,
    ...(http === undefined ? {} : { http }),
    startedAt: parts.map((part) => part.run.startedAt).toSorted()[0] ?? run.startedAt,
    merged: parts.flatMap(({ run: { shard, startedAt }, load }) =>
      shard === undefined
        ? []
        : [{ shard, startedAt, perSecond: load.phases.reduce((sum, { perSecond }) => sum + perSecond, 0) }],
    ),
  }
}

/** Shards that did not run at the same time did not load the target together. */
const skewOf = (parts: readonly Part[], phases: readonly Phase[]): readonly string[] => {
  const starts = parts.map(({ run }) => Date.parse(run.startedAt))
  const skew = Math.max(...starts) - Math.min(...starts)
  const shortest = Math.min(...phases.map(({ ms }) => ms))
  return skew > shortest * mostSkew
    ? [`the shards began up to ${skew} ms apart: give all of them the same --start-at`]
    : []
}

const holdThresholds = (phases: readonly Phase[], validation: Load['validation'], run: Run) => {
  const { thresholds, faults } = parseThresholds(run.thresholds, {
    classes: Object.keys(run.mix),
    validation: true,
    algorithms: (validation?.differences ?? []).flatMap(
      ({ name }) => /^validation, (\w+)$/.exec(name)?.[1] ?? [],
    ),
  })
  const measurement = {
    phases: phases.map(tallyOf),
    ...(validation === undefined ? {} : { validation }),
  }
  return {
    outcomes: [
      ...thresholds.map((each) => evaluate(each, measurement)),
      ...faults.map((expression) => ({ expression, value: null, ok: false })),
    ],
    weak: thresholds.flatMap((each) => weakness(each, measurement) ?? []),
  }
}

const tallyOf = (phase: Phase): Tally => ({
  ms: phase.ms,
  sent: phase.sent,
  judged: phase.judged ?? phase.requests,
  lost: phase.lost,
  errors: phase.errors,
  classes: phase.classes.map(({ case: name, judged = 0, falseAccepts, falseRefusals, histogram }) => ({
    name,
    judged,
    falseAccepts,
    falseRefusals,
    latency: mergeHistograms(histogram === undefined ? [] : [histogram]),
  })),
})
