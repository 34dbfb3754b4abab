import { armNames } from '../load/arms.ts'
import type { ValidationResult } from '../load/differences.ts'
import type { SentRequest } from '../load/evidence.ts'
import type { LoadResult } from '../load/summary.ts'
import type { Redact } from './redact.ts'
import type { Load, Validation } from './report.ts'

/** The load part of report.json. `redact` takes what is secret out of a text. */
export const loadPart = (
  result: LoadResult,
  { redact, run }: { readonly redact: Redact; readonly run?: NonNullable<Load['run']> },
): Load => ({
  phases: result.phases.map((phase) => phasePart(phase, redact)),
  results: [],
  ...(result.validation === undefined ? {} : { validation: validationPart(result.validation) }),
  ...(result.ceiling === undefined ? {} : { ceiling: result.ceiling }),
  ...(run === undefined ? {} : { run }),
  ...(result.witness === undefined ? {} : { witness: result.witness }),
  thresholds: result.thresholds,
  valid: result.valid,
  invalid: result.invalid,
})

export const phasePart = (
  { honesty, classes, ...phase }: LoadResult['phases'][number],
  redact: Redact,
): Load['phases'][number] => ({
  ...phase,
  ...honesty,
  classes: classes.map(({ offenders: _offenders, ...each }) => each),
  offenders: classes.flatMap((each) => offendersOf(each, redact)).slice(0, mostOffenders),
})

const mostOffenders = 10

const offendersOf = (
  { offenders, falseAccepts }: LoadResult['phases'][number]['classes'][number],
  redact: Redact,
): Load['phases'][number]['offenders'] =>
  offenders.map(({ class: id, status, challenge, request }) => ({
    case: id,
    expected: falseAccepts > 0 ? ('refused' as const) : ('let-in' as const),
    status,
    ...(challenge === undefined ? {} : { challenge: redact(challenge) }),
    ...(request === undefined ? {} : { request: redactRequest(request, redact) }),
  }))

const redactRequest = (
  { method, path, token }: SentRequest,
  redact: Redact,
): NonNullable<Load['phases'][number]['offenders'][number]['request']> => ({
  method,
  path: redact(path),
  ...(token === undefined ? {} : { token: { header: redact(token.header), claims: redact(token.claims) } }),
})

export const validationPart = (validation: ValidationResult): Validation => ({
  unit: 'us',
  baseline: validation.relative ? armNames.repeated : armNames.publicWithBytes,
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
export const emptyLoad = (
  { model, connections }: Pick<Load['phases'][number], 'model' | 'connections'>,
  reasons: readonly string[],
): Load => ({
  phases: [
    {
      name: 'constant',
      model,
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
