import Type from 'typebox'
import type { LoadSettings } from './config.ts'
import { duration, milliseconds } from './duration.ts'
import type { Tell } from './fault-list.ts'
import { closed } from './fields.ts'
import { child } from './pointer.ts'

const defaults = {
  model: 'closed',
  connections: 50,
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
    connections: Type.Optional(count('Connections', { maximum: 10_000, default: defaults.connections })),
    rate: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'Requests a second, which the open model needs' }),
    ),
    workers: Type.Optional(count('Threads that send', { maximum: 64, default: defaults.workers })),
    warmup: Type.Optional(duration('Before the measurement', { default: defaults.warmup })),
    duration: Type.Optional(duration('Of the measurement', { default: defaults.duration })),
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
  const settings = {
    model: input.model ?? defaults.model,
    connections: input.connections ?? defaults.connections,
    ...(input.rate !== undefined && { rate: input.rate }),
    workers: input.workers ?? defaults.workers,
    warmupMs: milliseconds(input.warmup ?? defaults.warmup),
    durationMs: milliseconds(input.duration ?? defaults.duration),
    mix: input.mix ?? defaults.mix,
    tokens: input.tokens ?? defaults.tokens,
  }
  if (settings.model === 'open' && settings.rate === undefined)
    tell(child(at, 'rate'), 'the open model needs a `rate`, in requests a second')
  if (settings.model === 'closed' && settings.rate !== undefined)
    tell(child(at, 'rate'), 'a `rate` is for the open model', 'set `model: open`')
  if (settings.durationMs === 0) tell(child(at, 'duration'), 'nothing is measured in no time')
  if (Object.values(settings.mix).every((weight) => weight === 0))
    tell(child(at, 'mix'), 'at least one weight must be more than 0')
  return settings
}
