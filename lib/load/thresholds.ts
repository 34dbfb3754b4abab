import { isDeepStrictEqual } from 'node:util'

/** A bound that a run must keep, read from an expression such as `p99 < 50ms`. */
export type Threshold = {
  readonly expression: string
  readonly metric: Metric
  readonly operator: Operator
  /** In the unit that the expression names. */
  readonly limit: number
  readonly unit: Unit
}

export type Metric =
  | {
      readonly kind: 'latency'
      readonly of: 'max' | 'mean' | { readonly quantile: number }
      readonly class?: string
    }
  | { readonly kind: 'count'; readonly of: CountName; readonly class?: string }
  | { readonly kind: 'perSecond' }
  /** Of tokens that are signed with another algorithm than the first, where one is named. */
  | { readonly kind: 'validation'; readonly algorithm?: string }

export const countNames = ['errors', 'lost', 'misjudged', 'falseAccepts', 'falseRefusals'] as const
export type CountName = (typeof countNames)[number]
/** Errors and losses belong to no class. */
const classCounts = ['misjudged', 'falseAccepts', 'falseRefusals'] as const satisfies readonly CountName[]

const operators = ['<=', '>=', '<', '>', '='] as const
export type Operator = (typeof operators)[number]

/** Microseconds in each unit of time; a share of requests; a plain number. */
export const microsecondsIn = { us: 1, µs: 1, ms: 1e3, s: 1e6 } as const
export type Unit = keyof typeof microsecondsIn | '%' | ''

/** So many samples a percentile needs: ten lie beyond it, so that a single outlier doesn't decide. */
export const samplesFor = (quantile: number): number => Math.round(10 / (1 - quantile))

/** What the expressions may speak of. */
export type ThresholdScope = {
  readonly classes: readonly string[]
  /** Validation is measured, against a public route. */
  readonly validation: boolean
  /** Other algorithms than the first for which it is. */
  readonly algorithms?: readonly string[]
  /** Requests a second that are planned, where a clock says so. */
  readonly rate?: number
  /** Requests of a class, or of all, that are planned, where a clock says so. */
  readonly planned?: (name: string | undefined) => number
}

/** Reads the expressions; each that makes no sense is a fault, with what would be right. */
export const parseThresholds = (
  expressions: readonly string[],
  scope: ThresholdScope,
): { readonly thresholds: readonly Threshold[]; readonly faults: readonly string[] } => {
  const read = expressions.map((expression) => parse(expression, scope))
  const thresholds = read.filter((each) => typeof each !== 'string')
  return {
    thresholds,
    faults: [
      ...read.filter((each) => typeof each === 'string'),
      ...thresholds.flatMap((each) => {
        const reason = neverHolds(each, scope) ?? restsOnTooLittle(each, scope)
        return reason === undefined ? [] : [`threshold "${each.expression}": ${reason}`]
      }),
      ...contradictions(thresholds),
    ],
  }
}

const neverHolds = ({ operator, limit, unit, metric }: Threshold, { rate }: ThresholdScope) => {
  if (limit === 0 && operator === '<') return 'nothing is less than 0, so it can never hold'
  if (unit === '%' && (limit > 100 || (limit === 100 && operator === '>')))
    return 'a share is at most 100%, so it says nothing'
  if (metric.kind === 'perSecond' && rate !== undefined && operator.startsWith('>') && limit > rate)
    return `only ${rate} a second are sent (load.rate), so it can never hold`
  return undefined
}

const restsOnTooLittle = ({ metric }: Threshold, { planned }: ThresholdScope): string | undefined => {
  if (planned === undefined || metric.kind !== 'latency' || typeof metric.of === 'string') return undefined
  const [few, needed] = [Math.floor(planned(metric.class)), samplesFor(metric.of.quantile)]
  return few < needed ? `it needs ${needed} samples, and ${few} requests are planned` : undefined
}

/** Pairs that no measurement can meet. */
const contradictions = (thresholds: readonly Threshold[]): readonly string[] =>
  thresholds.flatMap((upper, at) =>
    thresholds.flatMap((lower, other) =>
      at !== other &&
      upper.operator.startsWith('<') &&
      lower.operator.startsWith('>') &&
      isDeepStrictEqual(upper.metric, lower.metric) &&
      (upper.unit === '%') === (lower.unit === '%') &&
      inBase(upper) < inBase(lower)
        ? [`thresholds "${lower.expression}" and "${upper.expression}" can never hold together`]
        : [],
    ),
  )

const inBase = ({ limit, unit }: Threshold): number =>
  unit === '%' || unit === '' ? limit : limit * microsecondsIn[unit]

const form = /^\s*(.+?)\s*(<=|>=|==|=|<|>)\s*(\d+(?:\.\d+)?)\s*(\S*)\s*$/

const parse = (expression: string, scope: ThresholdScope): Threshold | string => {
  const [, name = '', sign = '', number = '', unitText = ''] = form.exec(expression) ?? []
  if (name === '') return `threshold "${expression}": not of the form "p99 < 50ms"`
  const operator = operators.find((each) => each === sign)
  if (operator === undefined) return `threshold "${expression}": the operators are ${operators.join(' ')}`
  const metric = parseMetric(name, scope)
  if (typeof metric === 'string') return `threshold "${expression}": ${metric}`
  const unit = unitsOf(metric).find((each) => each === unitText)
  if (unit === undefined)
    return `threshold "${expression}": ${unitFault(metric, unitText, { name, sign, number })}`
  return { expression, metric, operator, limit: Number(number), unit }
}

const known = `p50, p90, p99, p99.9, max, mean, perSecond, ${countNames.join(', ')}, class(NAME).p99, validation.p50`

/** A fault where it is a text. */
const parseMetric = (name: string, scope: ThresholdScope): Metric | string => {
  const ofClass = /^class\((.*)\)\.(.+)$/.exec(name)
  if (ofClass !== null) return parseClassMetric(ofClass[1] ?? '', ofClass[2] ?? '', scope)
  if (name === 'perSecond') return { kind: 'perSecond' }
  const ofValidation = /^validation(?:\((.*)\))?\.p50$/.exec(name)
  if (ofValidation !== null) return parseValidation(ofValidation[1], scope)
  const count = countNames.find((each) => each === name)
  if (count !== undefined) return { kind: 'count', of: count }
  const latency = parseLatency(name)
  return latency === undefined
    ? `unknown metric "${name}"; known are ${known}`
    : { kind: 'latency', of: latency }
}

const parseClassMetric = (name: string, rest: string, { classes }: ThresholdScope): Metric | string => {
  if (!classes.includes(name)) return `no class "${name}" in load.mix; there are ${classes.join(', ')}`
  const count = classCounts.find((each) => each === rest)
  if (count !== undefined) return { kind: 'count', of: count, class: name }
  const latency = parseLatency(rest)
  return latency === undefined
    ? `a class has no "${rest}"; it has p50, p90, p99, p99.9, max, mean, ${classCounts.join(', ')}`
    : { kind: 'latency', of: latency, class: name }
}

const parseValidation = (
  algorithm: string | undefined,
  { validation, algorithms = [] }: ThresholdScope,
): Metric | string => {
  if (!validation)
    return 'validation is measured only with target.routes.public and tokens that are signed here'
  if (algorithm === undefined) return { kind: 'validation' }
  return algorithms.includes(algorithm)
    ? { kind: 'validation', algorithm }
    : `validation is not measured for "${algorithm}": beyond the first it is for ${algorithms.length === 0 ? 'none' : algorithms.join(', ')} (a key in tokens.keys that policy.algorithms allows)`
}

const parseLatency = (name: string): 'max' | 'mean' | { quantile: number } | undefined => {
  if (name === 'max' || name === 'mean') return name
  const percent = Number(/^p(\d{1,2}(?:\.\d{1,3})?)$/.exec(name)?.[1] ?? 0)
  return percent > 0 ? { quantile: Math.round(percent * 1000) / 100_000 } : undefined
}

const times: readonly Unit[] = ['ms', 's', 'us', 'µs']

const unitsOf = ({ kind }: Metric): readonly Unit[] => {
  switch (kind) {
    case 'latency':
    case 'validation':
      return times
    case 'count':
      return ['', '%']
    case 'perSecond':
      return ['']
  }
}

const unitFault = (
  metric: Metric,
  unit: string,
  { name, sign, number }: Record<'name' | 'sign' | 'number', string>,
): string => {
  const [right = ''] = unitsOf(metric)
  const what = unit === '' ? 'a unit is missing' : `"${unit}" is not a unit of ${name}`
  return `${what}; right would be "${name} ${sign} ${number}${right}"`
}
