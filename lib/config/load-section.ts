import Type from 'typebox'
import type { LoadSettings } from './load-settings.ts'
import { duration, milliseconds } from './duration.ts'
import type { Tell } from './fault-list.ts'
import { closed } from './fields.ts'
import { CeilingSection, PhaseSection, resolveCeiling, resolvePhases } from './load-phases.ts'
import { child } from './pointer.ts'

const defaults = {
  model: 'closed',
  connections: 50,
  maxConnections: 1000,
  arrivals: 'poisson',
  keepAlive: true,
  workers: 1,
  warmup: '2s',
  duration: '10s',
  mix: { valid: 100 },
  tokens: 1000,
} as const

const count = (description: string, bounds: { readonly maximum: number; readonly default?: number }) =>
  Type.Integer({ minimum: 1, description, ...bounds })

export const LoadSection = Type.Object(
  {
    model: Type.Optional(
      Type.Enum(['closed', 'open'], {
        description:
          'closed: a connection sends when its last answer is there; open: requests go by the clock (rate)',
        default: defaults.model,
      }),
    ),
    engine: Type.Optional(
      Type.Enum(['autocannon', 'native'], {
        description:
          'What sends: autocannon, for the closed model; native, our own client, faster, for both. Default: autocannon where the model is closed and connections are kept',
      }),
    ),
    connections: Type.Optional(
      count('Connections, or over HTTP/2 streams at once; in the open model those made at the start', {
        maximum: 10_000,
        default: defaults.connections,
      }),
    ),
    maxConnections: Type.Optional(
      count('Connections, or streams, that the open model makes at most, where answers take long', {
        maximum: 10_000,
        default: defaults.maxConnections,
      }),
    ),
    rate: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'Requests a second, which the open model needs' }),
    ),
    arrivals: Type.Optional(
      Type.Enum(['poisson', 'uniform'], {
        description:
          'poisson: requests come as those of independent users do, now and then many at once; uniform: evenly spaced',
        default: defaults.arrivals,
      }),
    ),
    keepAlive: Type.Optional(
      Type.Boolean({
        description: 'Many requests over each connection; false: a new connection for each',
        default: defaults.keepAlive,
      }),
    ),
    workers: Type.Optional(
      count('Threads that send, each with its share of all this', { maximum: 64, default: defaults.workers }),
    ),
    warmup: Type.Optional(
      duration('Before the measurement, and before each phase of one', { default: defaults.warmup }),
    ),
    duration: Type.Optional(
      duration('Of the measurement, where no phases are named', { default: defaults.duration }),
    ),
    phases: Type.Optional(
      Type.Array(PhaseSection, { minItems: 1, maxItems: 50, description: 'What is measured one by one' }),
    ),
    ceiling: Type.Optional(CeilingSection),
    mix: Type.Optional(
      Type.Record(Type.String(), Type.Number({ minimum: 0 }), {
        description: 'What is sent: `valid`, or the id of a case, to its weight',
        default: defaults.mix,
        minProperties: 1,
      }),
    ),
    tokens: Type.Optional(
      count('Distinct tokens of each kind', { maximum: 1_000_000, default: defaults.tokens }),
    ),
  },
  { ...closed, description: 'What `load` sends' },
)

export const resolveLoad = (at: string, input: Type.Static<typeof LoadSection>, tell: Tell): LoadSettings => {
  const model = input.model ?? defaults.model
  const keepAlive = input.keepAlive ?? defaults.keepAlive
  const connections = input.connections ?? defaults.connections
  const settings = {
    model,
    engine: input.engine ?? (model === 'closed' && keepAlive ? 'autocannon' : 'native'),
    connections,
    maxConnections: Math.max(connections, input.maxConnections ?? defaults.maxConnections),
    arrivals: input.arrivals ?? defaults.arrivals,
    keepAlive,
    workers: input.workers ?? defaults.workers,
    warmupMs: milliseconds(input.warmup ?? defaults.warmup),
    mix: input.mix ?? defaults.mix,
    tokens: input.tokens ?? defaults.tokens,
  }
  checkModel(at, input, tell)
  if (settings.engine === 'autocannon' && (model === 'open' || !keepAlive))
    tell(
      child(at, 'engine'),
      'autocannon has the closed model alone, and keeps its connections',
      'set `engine: native`',
    )
  const durationMs = milliseconds(input.duration ?? defaults.duration)
  if (durationMs === 0) tell(child(at, 'duration'), 'nothing is measured in no time')
  if (Object.values(settings.mix).every((weight) => weight === 0))
    tell(child(at, 'mix'), 'at least one weight must be more than 0')
  return {
    ...settings,
    phases: resolvePhases(child(at, 'phases'), input.phases, {
      model,
      connections,
      durationMs,
      ...(input.rate === undefined ? {} : { rate: input.rate }),
      tell,
    }),
    ...(input.ceiling === undefined
      ? {}
      : { ceiling: resolveCeiling(child(at, 'ceiling'), input.ceiling, tell) }),
  }
}

/** The keys of one model say nothing in the other. */
const checkModel = (at: string, input: Type.Static<typeof LoadSection>, tell: Tell): void => {
  if (input.model === 'open') {
    if (input.rate === undefined && input.phases === undefined && input.ceiling === undefined)
      tell(child(at, 'rate'), 'the open model needs a `rate`, in requests a second')
    if (input.ceiling !== undefined && input.phases !== undefined)
      tell(child(at, 'ceiling'), 'either phases or a search for the ceiling')
    return
  }
  for (const name of ['rate', 'arrivals', 'maxConnections', 'ceiling'] as const)
    if (input[name] !== undefined)
      tell(child(at, name), `a \`${name}\` is for the open model`, 'set `model: open`')
}
