import type { ValidationResult } from '../load/differences.ts'
import type { LoadResult } from '../load/summary.ts'
import type { Load, Validation } from './report.ts'

/** The load part of report.json. */
export const loadPart = (result: LoadResult): Load => ({
  phases: result.phases.map(({ honesty, classes, ...phase }) => ({
    name: phase.name,
    model: phase.model,
    connections: phase.connections,
    rate: null,
    ms: phase.ms,
    requests: phase.requests,
    perSecond: phase.perSecond,
    sent: honesty.sent,
    answered: honesty.answered,
    lost: honesty.lost,
    latencyMs: phase.latencyMs,
    histogram: phase.histogram,
    classes: classes.map(({ case: id, requests, falseAccepts, falseRefusals, misjudged, latencyMs }) => ({
      case: id,
      requests,
      falseAccepts,
      falseRefusals,
      misjudged,
      latencyMs,
    })),
    errors: phase.errors,
    offenders: classes
      .flatMap(({ offenders, falseAccepts }) =>
        offenders.map((one) => ({
          case: one.class,
          expected: falseAccepts > 0 ? ('refused' as const) : ('let-in' as const),
          status: one.status,
        })),
      )
      .slice(0, 10),
  })),
  results: [],
  ...(result.validation === undefined ? {} : { validation: validationPart(result.validation) }),
  thresholds: result.thresholds,
  valid: result.valid,
  invalid: result.invalid,
})

const validationPart = (validation: ValidationResult): Validation => ({
  unit: 'us',
  baseline: validation.relative ? 'protected repeated' : 'public+bytes',
  blocks: validation.blocks,
  valid: validation.valid,
  aa: { low: validation.aa?.low ?? 0, high: validation.aa?.high ?? 0 },
  variants: Object.entries(validation.variants).map(([name, { p50 }]) => ({
    name,
    p50,
    samples: validation.blocks,
  })),
  differences: validation.differences.map(({ name, median, low, high, significant }) => ({
    name,
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
