import Type from 'typebox'
import type { CeilingSettings, LoadPhase } from './load-settings.ts'
import { duration, milliseconds } from './duration.ts'
import type { Tell } from './fault-list.ts'
import { closed, text } from './fields.ts'
import { child } from './pointer.ts'

const rate = (description: string, extra: { readonly default?: number } = {}) =>
  Type.Number({ exclusiveMinimum: 0, description, ...extra })

export const PhaseSection = Type.Object(
  {
    name: Type.Optional(text('What the report calls it; else constant, ramp or step')),
    duration: Type.Optional(duration('Of the phase, or of each of its steps; else load.duration')),
    rate: Type.Optional(rate('Requests a second, in the open model')),
    to: Type.Optional(rate('The rate that it ends with: a ramp')),
    steps: Type.Optional(
      Type.Integer({ minimum: 2, maximum: 20, description: 'From `rate` to `to` in so many equal steps' }),
    ),
    connections: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        description: 'In the closed model; else load.connections',
      }),
    ),
  },
  { ...closed, description: 'A phase of the measurement' },
)

const ceilingDefaults = { from: 100, upTo: 100_000, step: '5s', within: 5 } as const

export const CeilingSection = Type.Object(
  {
    from: Type.Optional(
      rate('The first rate that is tried, which the gateway should bear easily', {
        default: ceilingDefaults.from,
      }),
    ),
    upTo: Type.Optional(rate('The highest rate that is tried', { default: ceilingDefaults.upTo })),
    step: Type.Optional(duration('How long each rate is measured', { default: ceilingDefaults.step })),
    within: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 50,
        description: 'How near to the ceiling the search comes, in percent of it',
        default: ceilingDefaults.within,
      }),
    ),
  },
  { ...closed, description: 'Searches the highest rate at which the thresholds hold' },
)

/** The phases in their order, steps as a phase each. Never empty. */
export const resolvePhases = (
  at: string,
  input: readonly Type.Static<typeof PhaseSection>[] | undefined,
  base: {
    readonly model: 'closed' | 'open'
    readonly connections: number
    readonly rate?: number
    readonly durationMs: number
    readonly tell: Tell
  },
): readonly LoadPhase[] => {
  const phases = (input ?? [{}]).flatMap((phase, index) => {
    const here = child(at, index)
    const durationMs = phase.duration === undefined ? base.durationMs : milliseconds(phase.duration)
    if (phase.duration !== undefined && durationMs === 0)
      base.tell(child(here, 'duration'), 'nothing is measured in no time')
    return base.model === 'open'
      ? openPhases(here, phase, { ...base, durationMs })
      : [closedPhase(here, phase, { ...base, durationMs })]
  })
  return phases.map(({ name, ...phase }) => ({
    name: phases.filter((each) => each.name === name).length === 1 ? name : numbered(name, phase),
    ...phase,
  }))
}

/** Phases of one name are told apart by what they ask for. */
const numbered = (name: string, { rate: wanted, connections }: Omit<LoadPhase, 'name'>): string =>
  `${name} ${wanted === undefined ? `${connections} connections` : `${Math.round(wanted.to)}/s`}`

type PhaseBase = Omit<Parameters<typeof resolvePhases>[2], 'model'>

const openPhases = (
  at: string,
  phase: Type.Static<typeof PhaseSection>,
  { rate: common, durationMs, connections, tell }: PhaseBase,
): LoadPhase[] => {
  const from = phase.rate ?? common
  if (phase.connections !== undefined)
    tell(child(at, 'connections'), 'the open model makes the connections that it needs', 'a `rate`')
  if (phase.steps !== undefined && phase.to === undefined)
    tell(child(at, 'steps'), '`steps` need the rate at which they end', 'a `to` beside it')
  // Where it is missing altogether is told already.
  const rateFrom = from ?? 1
  if (from === undefined && phase.to !== undefined)
    tell(child(at, 'rate'), 'the phase needs a `rate` to begin with')
  const to = phase.to ?? rateFrom
  const { steps } = phase
  const shared = { durationMs, connections }
  if (steps === undefined)
    return [
      {
        name: phase.name ?? (to === rateFrom ? 'constant' : 'ramp'),
        rate: { from: rateFrom, to },
        ...shared,
      },
    ]
  return Array.from({ length: steps }, (_, index) => {
    const level = rateFrom + ((to - rateFrom) * index) / (steps - 1)
    return { name: phase.name ?? 'step', rate: { from: level, to: level }, ...shared }
  })
}

const closedPhase = (
  at: string,
  phase: Type.Static<typeof PhaseSection>,
  { durationMs, connections, tell }: PhaseBase,
): LoadPhase => {
  for (const name of ['rate', 'to', 'steps'] as const)
    if (phase[name] !== undefined)
      tell(child(at, name), `a \`${name}\` is for the open model`, 'set `model: open`')
  return { name: phase.name ?? 'constant', durationMs, connections: phase.connections ?? connections }
}

export const resolveCeiling = (
  at: string,
  input: Type.Static<typeof CeilingSection>,
  tell: Tell,
): CeilingSettings => {
  const settings = {
    from: input.from ?? ceilingDefaults.from,
    upTo: input.upTo ?? ceilingDefaults.upTo,
    stepMs: milliseconds(input.step ?? ceilingDefaults.step),
    withinPercent: input.within ?? ceilingDefaults.within,
  }
  if (settings.stepMs === 0) tell(child(at, 'step'), 'nothing is measured in no time')
  if (settings.upTo <= settings.from) tell(child(at, 'upTo'), '`upTo` must be more than `from`')
  return settings
}
