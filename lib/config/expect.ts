import Type from 'typebox'

/** Schemas of what a case expects (suites/README.md says what each key means). */

const closed = { additionalProperties: false } as const

export const words = [
  'accept',
  'challenge',
  'reject',
  'forbid',
  'bad-request',
  'refuse',
  'keep-out',
  'observe',
] as const
const Word = Type.Enum([...words])
export type Word = (typeof words)[number]

const Outcome = Type.Union([Word, Type.Array(Word, { minItems: 1 })])

/** A header of the answer: its value, a regular expression that its value matches, or null where it must not be there. */
const ExpectedHeader = Type.Union([
  Type.String(),
  Type.Object({ pattern: Type.String({ minLength: 1 }) }, closed),
  Type.Null(),
])
export type ExpectedHeader = Type.Static<typeof ExpectedHeader>

const Expectation = Type.Object(
  {
    is: Type.Optional(Outcome),
    same: Type.Optional(Type.String({ description: 'The same side as this case, this step, or `baseline`' })),
    consistent: Type.Optional(Type.Enum(['variants', 'repeat'])),
    declared: Type.Optional(Type.String({ description: 'A feature; with `then` and `otherwise`' })),
    then: Type.Optional(Outcome),
    otherwise: Type.Optional(Outcome),
    status: Type.Optional(Type.Array(Type.Integer({ minimum: 100, maximum: 599 }), { minItems: 1 })),
    /** An error code, several that are tolerated, or none. */
    error: Type.Optional(
      Type.Union([Type.String(), Type.Null(), Type.Array(Type.String(), { minItems: 1 })]),
    ),
    check: Type.Optional(
      Type.Array(Type.String(), { description: 'Named checks of the answer (judge/checks.ts)', minItems: 1 }),
    ),
    /** Headers of the answer, by their names. */
    header: Type.Optional(Type.Record(Type.String(), ExpectedHeader, { minProperties: 1 })),
    /** So often at most is the key set fetched that we serve, from the request to its answer. */
    fetches: Type.Optional(Type.Integer({ minimum: 0 })),
    /** What reaches the upstream; `any` where the gateway may answer by itself. */
    hits: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Enum(['any'])])),
  },
  closed,
)
export const Expect = Type.Union([Outcome, Expectation])
export type Expect = Type.Static<typeof Expect>

/** Whether it asks how often the key set is fetched. */
export const countsFetches = (expect: Expect | undefined): boolean =>
  typeof expect === 'object' && !Array.isArray(expect) && expect.fetches !== undefined
