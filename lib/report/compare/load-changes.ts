import { formatMicros, formatMs, formatRate } from '../numbers.ts'
import type { Load, Phase, Validation } from '../report.ts'
import type { Change } from './change.ts'
import {
  differenceOf,
  histogramOf,
  hull,
  quantileInterval,
  ratioOf,
  throughputInterval,
  type Interval,
} from './noise.ts'

/** How a load run stands to the runs of a baseline: phase by phase, then what validation costs. */
export const loadChanges = (
  baselines: readonly (Load | undefined)[],
  now: Load | undefined,
  tolerance: number,
): readonly Change[] => {
  const base = baselines.flatMap((load) => load ?? [])
  const [first] = base
  if (first === undefined) return []
  if (now === undefined) return [unsure('load', 'the baseline was measured under load, and this run was not')]
  const invalid = [...base, now].flatMap((load) => (load.valid ? [] : load.invalid))
  const doubts = invalid.map((reason) => unsure('load', `a measurement is not valid: ${reason}`))
  if (doubts.length > 0) return [...doubts, ...misjudgedChange(base, now)]
  const other = base.find((load) => isOtherProtocol(load, now))
  if (other !== undefined) {
    const detail = `not the same protocol: HTTP/${other.run?.http} before, HTTP/${now.run?.http} now`
    return [unsure('load', detail), ...misjudgedChange(base, now)]
  }
  return [
    ...misjudgedChange(base, now),
    ...first.phases.flatMap(({ name }) => phaseChanges(name, { base, now, tolerance })),
    ...validationChanges(base, now, tolerance),
  ]
}

type Runs = { readonly base: readonly Load[]; readonly now: Load; readonly tolerance: number }

const unsure = (what: string, detail: string): Change => ({ kind: 'unsure', what, detail })

/** Whether both say which version of HTTP they spoke, and not the same. */
const isOtherProtocol = (one: Load, other: Load): boolean => {
  const [first, second] = [one.run?.http, other.run?.http]
  return first !== undefined && second !== undefined && first !== second
}

const misjudgedChange = (base: readonly Load[], now: Load): readonly Change[] => {
  const [count, before] = [misjudgedIn(now), Math.max(...base.map(misjudgedIn))]
  if (count === 0) return []
  return before === 0
    ? [{ kind: 'worse', what: 'misjudged under load', detail: `none before, ${count} now` }]
    : [{ kind: 'held', what: 'misjudged under load', detail: `${before} before, ${count} now` }]
}

const misjudgedIn = ({ phases }: Load): number =>
  phases.flatMap(({ classes }) => classes).reduce((sum, { misjudged }) => sum + misjudged, 0)

const phaseChanges = (name: string, { base, now, tolerance }: Runs): readonly Change[] => {
  const phases = base.map((load) => phaseOf(load, name))
  const later = phaseOf(now, name)
  const before = phases.flatMap((phase) => phase ?? [])
  const label = `phase ${name}`
  if (later === undefined || before.length < base.length)
    return [unsure(label, 'not every one of the runs has this phase')]
  const other = before.find((phase) => setupOf(phase) !== setupOf(later))
  if (other !== undefined)
    return [unsure(label, `not the same load: ${setupOf(other)} before, ${setupOf(later)} now`)]
  return measures
    .filter(({ models }) => models.includes(later.model))
    .map((measure) => {
      const what = `${label}: ${measure.name}`
      const bounds = [...before, later].map((phase) => measureOf(phase, measure))
      const known = bounds.flatMap((one) => one ?? [])
      if (known.length < bounds.length) return unsure(what, 'too few samples for its noise to be known')
      return weigh(what, measure, { intervals: known, tolerance })
    })
}

const phaseOf = ({ phases }: Load, name: string): Phase | undefined =>
  phases.find((phase) => phase.name === name)

/** What must be equal for two phases to be comparable. */
const setupOf = ({ model, connections, rate, classes }: Phase): string =>
  [
    `${model} model`,
    ...(model === 'closed' ? [`${connections} connections`] : []),
    ...(rate === null ? [] : [formatRate(rate)]),
    classes
      .map((each) => each.case)
      .toSorted()
      .join(' and '),
  ].join(', ')

type Measure = {
  readonly name: string
  readonly models: readonly Phase['model'][]
  /** Undefined for throughput. */
  readonly quantile?: 0.5 | 0.99
  readonly isBetterHigh: boolean
  readonly format: (value: number) => string
}

/** Throughput under a given rate is that rate: it says something of the gateway in the closed model alone. */
const measures: readonly Measure[] = [
  { name: 'rate', models: ['closed'], isBetterHigh: true, format: formatRate },
  { name: 'p50', models: ['closed', 'open'], quantile: 0.5, isBetterHigh: false, format: formatMs },
  { name: 'p99', models: ['closed', 'open'], quantile: 0.99, isBetterHigh: false, format: formatMs },
]

const measureOf = (phase: Phase, { quantile }: Measure): Interval | undefined => {
  const histogram = histogramOf(phase)
  if (histogram === undefined) return undefined
  return quantile === undefined
    ? throughputInterval(phase, histogram)
    : quantileInterval(phase, histogram, quantile)
}

/** The last of the intervals against all before it. */
const weigh = (
  what: string,
  { isBetterHigh, format }: Pick<Measure, 'isBetterHigh' | 'format'>,
  { intervals, tolerance }: { readonly intervals: readonly Interval[]; readonly tolerance: number },
): Change => {
  const [base, now] = [hull(intervals.slice(0, -1)), intervals.at(-1)]
  if (base === undefined || now === undefined) return unsure(what, 'nothing was measured')
  const ratio = ratioOf(now, base)
  // How much worse it is, at least and at most, as a share of the baseline.
  const worse = (part: number): number => (isBetterHigh ? 1 - part : part - 1)
  const share = worse(ratio.value)
  const [least = share, most = share] = [worse(ratio.low), worse(ratio.high)].toSorted((a, b) => a - b)
  const detail =
    `${format(base.value)} before, ${format(now.value)} now: ${changed(share)}, with noise between ` +
    `${changed(least)} and ${changed(most)}; ${percent(tolerance)} is tolerated`
  return { kind: kindOf({ least, most, tolerance }), what, detail }
}

type Bounds = { readonly least: number; readonly most: number; readonly tolerance: number }

/** Only what lies wholly on one side of what is tolerated is told apart from it. */
const kindOf = ({ least, most, tolerance }: Bounds): Change['kind'] => {
  if (least > tolerance) return 'worse'
  if (most > tolerance) return 'unsure'
  return most < -tolerance ? 'better' : 'held'
}

const changed = (share: number): string => `${percent(Math.abs(share))} ${share > 0 ? 'worse' : 'better'}`

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`

const validationChanges = (base: readonly Load[], now: Load, tolerance: number): readonly Change[] => {
  const before = base.flatMap(({ validation }) => validation ?? [])
  const [first] = before
  if (first === undefined || before.length < base.length) return []
  const what = 'validation cost'
  const { validation } = now
  if (validation === undefined) return [unsure(what, 'it was measured before, and not now')]
  if (![...before, validation].every(({ valid }) => valid))
    return [unsure(what, 'the baseline of a measurement differs from itself')]
  return first.differences.map(({ name }) => {
    const label = `${what}: ${name}`
    const known = [...before, validation].flatMap((one) => costOf(one, name))
    return known.length > before.length
      ? weighCost(label, known, tolerance)
      : unsure(label, 'it was measured before, and not now')
  })
}

const costOf = ({ differences }: Validation, name: string): readonly Interval[] =>
  differences
    .filter((each) => each.name === name)
    .map(({ median, low, high }) => ({ value: median, low, high }))

/** A share of next to nothing is nothing, so a cost may grow by so many microseconds whatever it was. */
const leastMicros = 5

const weighCost = (what: string, intervals: readonly Interval[], tolerance: number): Change => {
  const [base, now] = [hull(intervals.slice(0, -1)), intervals.at(-1)]
  if (base === undefined || now === undefined) return unsure(what, 'nothing was measured')
  const tolerated = Math.max(tolerance * Math.abs(base.value), leastMicros)
  const { low: least, high: most } = differenceOf(now, base)
  const signed = (us: number): string => formatMicros(us, 'signed')
  const detail =
    `${signed(base.value)} before, ${signed(now.value)} now: with noise between ${signed(least)} and ${signed(most)}; ` +
    `${signed(tolerated)} is tolerated`
  return { kind: kindOf({ least, most, tolerance: tolerated }), what, detail }
}
