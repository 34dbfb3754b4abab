import Type from 'typebox'
import { Deviation } from './deviation.ts'
import { Expect } from './expect.ts'
import { LoadCase } from './load-case.ts'
import { Step } from './steps.ts'

/** Schemas of the case language (suites/README.md says what each key means), the source of its types. */

export const topics = [
  'controls',
  'credential',
  'alg',
  'confusion',
  'references',
  'kid',
  'header',
  'signature',
  'encoding',
  'jwe',
  'time',
  'issuer',
  'audience',
  'claims',
  'scope',
  'path',
  'hop',
  'replay',
  'pop',
  'jwks',
  'responses',
  'upstream',
  'metadata',
  'load',
] as const
export type Topic = (typeof topics)[number]

export const levels = ['must', 'should', 'may'] as const
export type Level = (typeof levels)[number]

export const severities = ['critical', 'major', 'minor', 'info'] as const
export type Severity = (typeof severities)[number]

const closed = { additionalProperties: false } as const
const text = (description: string) => Type.String({ minLength: 1, description })
const Name = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]*$',
  patternErrorMessage: 'expected a name of small letters, digits and hyphens',
})

const Flaw = Type.Enum(['credential', 'form'])

const Variant = Type.Interface(
  [Deviation],
  {
    steps: Type.Optional(Type.Array(Step, { minItems: 1 })),
    expect: Type.Optional(Expect),
    level: Type.Optional(Type.Enum([...levels])),
    features: Type.Optional(Type.Array(Type.String())),
    close: Type.Optional(Type.Boolean()),
    flaw: Type.Optional(Flaw),
    fault: Type.Optional(Name),
  },
  closed,
)

const Spec = Type.Object(
  { document: text('RFC 6750, OpenID Connect Core 1.0, …'), section: text('3.1') },
  closed,
)
export type Spec = Type.Static<typeof Spec>

const caseKeys = {
  id: Name,
  title: text('What is sent, in a sentence'),
  expect: Expect,
  level: Type.Optional(Type.Enum([...levels])),
  severity: Type.Optional(Type.Enum([...severities])),
  features: Type.Optional(Type.Array(Type.String())),
  risky: Type.Optional(Type.Enum(['flood', 'bomb', 'sleep', 'smuggling'])),
  exclusive: Type.Optional(Type.Boolean()),
  /** Closing the connection is a legitimate refusal of what this case sends. */
  close: Type.Optional(Type.Boolean()),
  flaw: Type.Optional(Flaw),
  fault: Type.Optional(Name),
  why: Type.Optional(Type.String()),
  advisories: Type.Optional(Type.Array(Type.String())),
  spec: Type.Optional(Spec),
} as const

const Case = Type.Object(
  {
    ...caseKeys,
    deviation: Type.Optional(Deviation),
    variants: Type.Optional(Type.Record(Type.String(), Variant, { minProperties: 1 })),
    steps: Type.Optional(Type.Array(Step, { minItems: 1 })),
    load: Type.Optional(LoadCase),
    /** The same request so many times, on one connection and on new ones. */
    times: Type.Optional(Type.Integer({ minimum: 2, maximum: 50 })),
  },
  closed,
)
export type SuiteCase = Type.Static<typeof Case>

export const SuiteFile = Type.Object(
  {
    id: Type.String({
      pattern: '^[a-z]+\\.[a-z0-9][a-z0-9-]*$',
      patternErrorMessage: 'expected TOPIC.NAME, such as audience.exact-match',
    }),
    title: text('The requirement, one normative sentence'),
    spec: Spec,
    level: Type.Enum([...levels]),
    features: Type.Optional(Type.Array(Type.String())),
    why: Type.Optional(Type.String()),
    advisories: Type.Optional(Type.Array(Type.String())),
    cases: Type.Array(Case, { minItems: 1 }),
  },
  closed,
)
export type SuiteFile = Type.Static<typeof SuiteFile>

/** A case as the suite holds it, with what it takes over from its requirement left where it stands. */
export type CatalogueCase = SuiteCase & { readonly digest: string }

/** One normative sentence, and the cases that hold a gateway to it. */
export type Requirement = {
  readonly id: string
  readonly topic: Topic
  readonly title: string
  readonly spec: Spec
  readonly level: Level
  readonly features: readonly string[]
  readonly why?: string
  readonly advisories: readonly string[]
  /** The file that it was read from. */
  readonly file: string
  readonly cases: readonly CatalogueCase[]
}

export type FeatureInfo = {
  readonly kind: 'supply' | 'capability' | 'policy'
  readonly title: string
  /** What the user can do to have it. */
  readonly unlock: string
  readonly value?: 'duration' | 'number' | 'text'
}

export type Suite = {
  readonly version: string
  readonly digest: string
  readonly requirements: readonly Requirement[]
  readonly features: Readonly<Record<string, FeatureInfo>>
}
