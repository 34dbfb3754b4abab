import { describeObserved, statusMarks } from './describe.ts'
import { formatCount, formatDuration, formatMicros, formatMs, formatRate } from './numbers.ts'
import { counted } from './outcome.ts'
import type { Load, Phase, Validation } from './report.ts'
import { fit, indented, type Style } from './wrap.ts'

/**
 * What was found under load, a part each: phases, what validating costs, thresholds, what makes it invalid; of that the
 * reasons that were not told above.
 */
export const loadParts = (
  load: Load,
  told: readonly string[],
  style: Style,
): readonly (readonly string[])[] => [
  load.results.length === 0
    ? []
    : [style.paint('bold', 'Load cases'), ...load.results.flatMap((result) => resultLines(result, style))],
  ...load.phases.map((phase) => phasePart(phase, load.run, style)),
  ...(load.ceiling === undefined ? [] : [ceilingPart(load.ceiling, style)]),
  ...(load.validation === undefined ? [] : [validationPart(load.validation, style)]),
  load.thresholds.length === 0
    ? []
    : [
        style.paint('bold', 'Thresholds'),
        ...load.thresholds.map(({ expression, value, ok }) => {
          const mark = ok ? style.paint('green', '✓') : style.paint('red', '✕')
          return `  ${mark} ${fit(`${expression}   measured ${value ?? 'nothing'}`, style.width - 4)}`
        }),
      ],
  invalidPart(load, told, style),
]

const invalidPart = ({ valid, invalid }: Load, told: readonly string[], style: Style): readonly string[] => {
  if (valid) return []
  const others = invalid.filter((reason) => !told.includes(reason))
  const head = `? The measurement is not valid${others.length === 0 ? ', for the reasons above' : ''}`
  return [style.paint('yellow', head), ...others.flatMap((reason) => indented(reason, 2, style.width))]
}

const resultLines = (
  { case: id, verdict, observed }: Load['results'][number],
  style: Style,
): readonly string[] => {
  const { glyph, word } = statusMarks[verdict.status]
  const why =
    verdict.status === 'inconclusive'
      ? [verdict.reason]
      : verdict.status === 'not-applicable'
        ? [`missing ${verdict.missing.join(', ')}`]
        : observed === undefined
          ? []
          : [describeObserved(observed)]
  return [
    `  ${fit(`${glyph} ${word}  ${id}`, style.width - 2)}`,
    ...why.flatMap((line) => indented(line, 6, style.width)),
  ]
}

const phasePart = (phase: Phase, run: Load['run'], style: Style): readonly string[] => {
  const rate = phase.rate === null ? '' : ` of ${formatRate(phase.rate)} planned`
  const version = run?.http === undefined ? '' : ` over HTTP/${run.http}`
  const threads = phase.workers === undefined ? '' : ` on ${phase.workers} threads`
  const facts =
    `${phase.model} model, ${counted(phase.connections, 'connection')}${version}${threads}, ${formatDuration(phase.ms)}: ` +
    `${formatRate(phase.perSecond)}${rate}; ${formatCount(phase.sent)} sent, ` +
    `${formatCount(phase.answered)} answered, ${formatCount(phase.lost)} lost`
  const rows = phase.classes.map((each) => [
    each.case,
    formatCount(each.requests),
    formatRate(phase.ms === 0 ? 0 : (each.requests / phase.ms) * 1000),
    formatMs(each.latencyMs.p50),
    formatMs(each.latencyMs.p99),
    formatCount(each.misjudged),
  ])
  return [
    style.paint('bold', fit(`Load: ${phase.name}`, style.width)),
    ...indented(facts, 2, style.width),
    ...(rows.length === 0 ? [] : style.table(['class', 'requests', 'rate', 'p50', 'p99', 'misjudged'], rows)),
  ]
}

const ceilingPart = ({ highest, curve }: NonNullable<Load['ceiling']>, style: Style): readonly string[] => [
  style.paint('bold', 'Ceiling'),
  ...indented(
    highest === null
      ? 'the thresholds held at no rate that was tried'
      : `the thresholds held up to ${formatRate(highest)}`,
    2,
    style.width,
  ),
  ...style.table(
    ['rate', 'verdicts/s', 'p50', 'p99', 'errors', 'held'],
    curve.map((step) => [
      formatRate(step.rate),
      formatCount(Math.round(step.perSecond)),
      formatMs(step.p50Ms),
      formatMs(step.p99Ms),
      formatCount(step.errors),
      step.ok ? 'yes' : 'no',
    ]),
  ),
]

const validationPart = (validation: Validation, style: Style): readonly string[] => {
  const rows = validation.differences.map(({ name, median, low, high, significant }) => [
    name,
    formatMicros(median, 'signed'),
    intervalOf({ low, high }),
    significant ? 'no' : 'yes',
  ])
  const control = validation.aa === null ? '' : `; A/A control: ${intervalOf(validation.aa)}`
  const doubt = validation.valid ? '' : ' Not valid: these differences prove nothing.'
  return [
    style.paint('bold', 'Validation cost'),
    ...indented(
      `median of ${counted(validation.blocks, 'paired difference')}${control}.${doubt}`,
      2,
      style.width,
    ),
    ...style.table(['what costs more', 'difference', '95 % interval', 'noise'], rows),
    ...(validation.note === undefined ? [] : indented(validation.note, 2, style.width)),
  ]
}

const intervalOf = ({ low, high }: NonNullable<Validation['aa']>): string =>
  `${formatMicros(low, 'signed')} … ${formatMicros(high, 'signed')}`
