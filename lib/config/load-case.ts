import Type from 'typebox'
import { duration } from './duration.ts'

/** Schemas of a case that takes a load phase (suites/README.md says what each key means). */

const closed = { additionalProperties: false } as const

/** What a mix can hold beside the ids of cases. */
export const loadRoles = ['valid', 'next', 'withdrawn', 'ending', 'oversized'] as const
export type LoadRole = (typeof loadRoles)[number]

const PhaseTime = Type.Union([
  duration('How long it is measured'),
  Type.Object(
    {
      $policy: Type.Enum(['keySet.maxAge', 'clockSkew']),
      plus: duration('In addition to what the policy declares'),
    },
    closed,
  ),
])
export type PhaseTime = Type.Static<typeof PhaseTime>

const LoadCasePhase = Type.Object(
  {
    model: Type.Optional(Type.Enum(['closed', 'open'])),
    connections: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    /** Requests a second in the open model, or so many times what the closed model reaches before. */
    rate: Type.Optional(
      Type.Union([
        Type.Number({ exclusiveMinimum: 0 }),
        Type.Object({ capacity: Type.Number({ exclusiveMinimum: 0, maximum: 5 }) }, closed),
      ]),
    ),
    duration: Type.Optional(PhaseTime),
    /** Distinct tokens of each kind. */
    tokens: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
    /** `both`: a phase with kept connections, then one with a new connection for each request. */
    keepAlive: Type.Optional(Type.Union([Type.Boolean(), Type.Literal('both')])),
    /** What happens to the key set half a second into the phase. */
    keySet: Type.Optional(Type.Enum(['add', 'remove', 'refresh'])),
    /** The good requests by themselves first, at their share of the rate. */
    alone: Type.Optional(Type.Boolean()),
  },
  closed,
)
export type LoadCasePhase = Type.Static<typeof LoadCasePhase>

export const plainChecks = [
  'no-false-accept',
  'no-false-refusal',
  'identity-isolated',
  'stops-with-token',
  'stops-with-key',
  'reports-latency',
  'reports-refreshes',
] as const
export type PlainCheck = (typeof plainChecks)[number]

const bound = { atMost: Type.Number({ exclusiveMinimum: 1 }) } as const
const one = { ...closed, minProperties: 1, maxProperties: 1 } as const

const LoadCheck = Type.Union([
  Type.Enum([...plainChecks]),
  Type.Object(
    {
      /** How many times as long one arm of the validation measurement takes as another: medians. */
      'bounded-cost': Type.Optional(
        Type.Object({ of: Type.String(), from: Type.String(), ...bound }, closed),
      ),
      /** How many times as long good requests take beside the rest as alone: 95th percentiles. */
      'bounded-slowdown': Type.Optional(Type.Object(bound, closed)),
      /** Differences of the validation measurement, by their names; `*` stands for any text. */
      'reports-difference': Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    },
    one,
  ),
])
export type LoadCheck = Type.Static<typeof LoadCheck>

export const LoadCase = Type.Object(
  {
    phase: Type.Optional(LoadCasePhase),
    /** A role, or the id of a case or CASE/VARIANT, to its weight. */
    mix: Type.Optional(
      Type.Record(Type.String(), Type.Number({ exclusiveMinimum: 0 }), { minProperties: 1 }),
    ),
    check: Type.Array(LoadCheck, { minItems: 1 }),
  },
  closed,
)
export type LoadCase = Type.Static<typeof LoadCase>

/** Whether the checks look at what validation costs, which is measured once a run. */
export const asksCost = ({ check }: LoadCase): boolean =>
  check.some(
    (each) =>
      typeof each === 'object' &&
      (each['bounded-cost'] !== undefined || each['reports-difference'] !== undefined),
  )

export const isRole = (name: string): name is LoadRole => loadRoles.some((role) => role === name)
