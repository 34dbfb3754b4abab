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
  | { readonly kind: 'validation' }

export const countNames = ['errors', 'lost', 'misjudged', 'falseAccepts', 'falseRefusals'] as const
export type CountName = (typeof countNames)[number]
/** Errors and losses belong to no class. */
const classCounts = ['misjudged', 'falseAccepts', 'falseRefusals'] as const satisfies readonly CountName[]

const operators = ['<=', '>=', '<', '>', '='] as const
export type Operator = (typeof operators)[number]

/** Microseconds in each unit of time; a share of requests; a plain number. */
export const microsecondsIn = { us: 1, µs: 1, ms: 1e3, s: 1e6 } as const
export type Unit = keyof typeof microsecondsIn | '%' | ''

/** What the expressions may speak of. */
export type ThresholdScope = {
  readonly classes: readonly string[]
  /** Validation is measured, against a public route. */
  readonly validation: boolean
}

/** Reads the expressions; each that makes no sense is a fault, with what would be right. */
export const parseThresholds = (
  expressions: readonly string[],
  scope: ThresholdScope,
): { readonly thresholds: readonly Threshold[]; readonly faults: readonly string[] } => {
  const read = expressions.map((expression) => parse(expression, scope))
  return {
    thresholds: read.filter((each) => typeof each !== 'string'),
    faults: read.filter((each) => typeof each === 'string'),
  }
}

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
  if (name === 'validation.p50')
    return scope.validation ? { kind: 'validation' } : 'validation is measured only with target.routes.public'
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
