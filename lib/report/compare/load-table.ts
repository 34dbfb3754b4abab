import { formatCount, formatMicros, formatMs, formatRate } from '../numbers.ts'
import type { Load, Phase } from '../report.ts'
import type { Contestant } from './comparison.ts'
import { histogramOf, quantileInterval, throughputInterval } from './noise.ts'

/** A table of figures, its first column naming the report. */
export type Figures = {
  readonly title: string
  /** What must be known before two of its rows are compared. */
  readonly note: string
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** Throughput and latency by phase, then what validation costs, of all reports that were measured. */
export const loadTables = (contestants: readonly Contestant[]): readonly Figures[] => {
  const measured = contestants.filter(({ report }) => report.load !== undefined)
  const phases = new Set(
    measured.flatMap(({ report }) => (report.load?.phases ?? []).map(({ name }) => name)),
  )
  return [...[...phases].map((name) => phaseTable(name, measured)), ...validationTable(measured)]
}

const phaseTable = (phaseName: string, measured: readonly Contestant[]): Figures => {
  const entries = measured.flatMap(({ name, report: { load } }) => {
    const phase = load?.phases.find((each) => each.name === phaseName)
    return phase === undefined || load === undefined
      ? []
      : [{ name, phase, setup: setupOf(phase, load.run), valid: load.valid }]
  })
  const setups = new Set(entries.map(({ setup: each }) => each))
  const [setup = ''] = setups
  return {
    title: `Phase ${phaseName}`,
    note:
      setups.size === 1
        ? `${setup}. In brackets: the 99 % interval.`
        : 'Not the same load on each, so the rows are not to be compared. In brackets: the 99 % interval.',
    heads: [
      'report',
      ...(setups.size === 1 ? [] : ['load']),
      'rate',
      'p50',
      'p99',
      'p99.9',
      'lost',
      'misjudged',
      'valid',
    ],
    rows: entries.map(({ name, phase, setup: each, valid }) => [
      name,
      ...(setups.size === 1 ? [] : [each]),
      ...figuresOf(phase),
      valid ? 'yes' : 'no',
    ]),
  }
}

const setupOf = ({ model, connections, rate }: Phase, run: Load['run']): string => {
  const version = run?.http === '2' ? ' over HTTP/2' : ''
  return `${model} model, ${rate === null ? `${formatCount(connections)} connections` : formatRate(rate)}${version}`
}

const figuresOf = (phase: Phase): readonly string[] => {
  const histogram = histogramOf(phase)
  const rate = histogram && throughputInterval(phase, histogram)
  const misjudged = phase.classes.reduce((sum, each) => sum + each.misjudged, 0)
  return [
    rate === undefined || phase.model === 'open'
      ? formatRate(phase.perSecond)
      : `${formatRate(phase.perSecond)} (± ${(((rate.high - rate.low) / 2 / rate.value) * 100).toFixed(1)} %)`,
    ...([0.5, 0.99, 0.999] as const).map((q) => quantileText(phase, q)),
    formatCount(phase.lost),
    formatCount(misjudged),
  ]
}

const keys = { 0.5: 'p50', 0.99: 'p99', 0.999: 'p99.9' } as const

const quantileText = (phase: Phase, q: keyof typeof keys): string => {
  const histogram = histogramOf(phase)
  const bounds = histogram && quantileInterval(phase, histogram, q)
  const value = formatMs(phase.latencyMs[keys[q]])
  return bounds === undefined ? value : `${value} (${formatMs(bounds.low)} … ${formatMs(bounds.high)})`
}

const validationTable = (measured: readonly Contestant[]): readonly Figures[] => {
  const rows = measured.flatMap(({ name, report: { load } }) =>
    (load?.validation?.differences ?? []).map((each) => [
      name,
      each.name,
      formatMicros(each.median, 'signed'),
      `${formatMicros(each.low, 'signed')} … ${formatMicros(each.high, 'signed')}`,
      load?.validation?.valid === true ? 'yes' : 'no',
    ]),
  )
  return rows.length === 0
    ? []
    : [
        {
          title: 'What validating a token costs',
          note: 'Paired differences with 95 % intervals.',
          heads: ['report', 'variant', 'difference', '95 % interval', 'valid'],
          rows: rows.toSorted(([, one = ''], [, other = '']) => (one < other ? -1 : one > other ? 1 : 0)),
        },
      ]
}
