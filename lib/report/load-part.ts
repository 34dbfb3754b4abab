import { variantNames, type ValidationResult } from '../load/differences.ts'
import type { LoadResult } from '../load/summary.ts'
import type { Load, Validation } from './report.ts'

/** The load part of report.json. */
export const loadPart = (result: LoadResult): Load => ({
  phases: result.phases.map(phasePart),
  results: [],
  ...(result.validation === undefined ? {} : { validation: validationPart(result.validation) }),
  thresholds: result.thresholds,
  valid: result.valid,
  invalid: result.invalid,
})

const phasePart = ({ honesty, classes, ...phase }: LoadResult['phases'][number]): Load['phases'][number] => ({
  name: phase.name,
  model: phase.model,
  connections: phase.connections,
  rate: null,
  ms: phase.ms,
  requests: phase.requests,
  perSecond: phase.perSecond,
  ...honesty,
  latencyMs: phase.latencyMs,
  histogram: phase.histogram,
  classes: classes.map(({ offenders, ...each }) => each),
  errors: phase.errors,
  offenders: classes.flatMap(offendersOf).slice(0, mostOffenders),
})

const mostOffenders = 10

const offendersOf = ({ offenders, falseAccepts }: LoadResult['phases'][number]['classes'][number]) =>
  offenders.map(({ class: id, status, challenge }) => ({
    case: id,
    expected: falseAccepts > 0 ? ('refused' as const) : ('let-in' as const),
    status,
    ...(challenge === undefined ? {} : { challenge }),
  }))

const validationPart = (validation: ValidationResult): Validation => ({
  unit: 'us',
  baseline: validation.relative ? variantNames.repeated : variantNames.publicWithToken,
  blocks: validation.blocks,
  valid: validation.valid,
  aa: validation.aa === null ? null : { low: validation.aa.low, high: validation.aa.high },
  variants: Object.entries(validation.variants).map(([name, { p50 }]) => ({
    name,
    p50,
    samples: validation.blocks,
  })),
  differences: validation.differences.map(({ name, of, from, median, low, high, significant }) => ({
    name,
    of,
    from,
    median,
    low,
    high,
    significant,
  })),
  ...noteOf(validation),
})

const noteOf = ({ reason, relative, leftOut }: ValidationResult): { note?: string } => {
  const notes = [
    ...(reason === undefined ? [] : [reason]),
    ...(relative
      ? ['there is no public route: what is shown is what a token costs that was not seen before']
      : []),
    ...leftOut.map(({ name, reason: why }) => `${name} was left out: ${why}`),
  ]
  return notes.length === 0 ? {} : { note: notes.join('; ') }
}

/** The load part of a run that measured nothing: one empty phase, and why. */
export const emptyLoad = (connections: number, reasons: readonly string[]): Load => ({
  phases: [
    {
      name: 'constant',
      model: 'closed',
      connections,
      rate: null,
      ms: 0,
      requests: 0,
      perSecond: 0,
      sent: 0,
      answered: 0,
      lost: 0,
      latencyMs: { p50: null, p90: null, p99: null, 'p99.9': null, max: null, mean: null },
      histogram: '',
      classes: [],
      errors: {},
      offenders: [],
    },
  ],
  results: [],
  thresholds: [],
  valid: false,
  invalid: reasons,
})
