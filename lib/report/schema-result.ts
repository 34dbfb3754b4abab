import Type from 'typebox'
import { words } from '../config/expect.ts'
import { levels, severities, topics } from '../config/suite.ts'
import type { MismatchKind } from '../judge/verdict.ts'
import { mismatchKinds } from '../judge/verdict.ts'

export const closed = { additionalProperties: false } as const
export const Count = Type.Integer({ minimum: 0 })
export const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()])
export const Digest = Type.String({ minLength: 8 })
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]*$' })
const Level = Type.Enum([...levels])
const Notes = Type.Array(Type.String())

/** A tuple in the words of 2020-12; the builder writes them in those of earlier drafts. */
const Pair = Type.Unsafe<[name: string, value: string]>({
  type: 'array',
  items: { type: 'string' },
  minItems: 2,
  maxItems: 2,
})
const Headers = Type.Array(Pair, {
  description: 'Name and value, in the order of the wire, repetitions kept',
})

/** Written down once, under `$defs`, and referred to. */
const HeadersRef = Type.Unsafe<Type.Static<typeof Headers>>({ $ref: '#/$defs/headers' })

const Mismatch = Type.Object(
  {
    kind: Type.Unsafe<MismatchKind>({ type: 'string', enum: Object.keys(mismatchKinds) }),
    safety: Type.Enum(['fails-open', 'fails-closed', 'protocol']),
    level: Level,
    detail: Type.String(),
  },
  closed,
)
const Mismatches = Type.Array(Mismatch, { minItems: 1 })

const Verdict = Type.Union([
  Type.Object({ status: Type.Enum(['pass']), notes: Notes }, closed),
  Type.Object({ status: Type.Enum(['fail', 'warn']), mismatches: Mismatches, notes: Notes }, closed),
  Type.Object(
    { status: Type.Enum(['observed']), mismatches: Type.Optional(Mismatches), notes: Notes },
    closed,
  ),
  Type.Object({ status: Type.Enum(['inconclusive']), reason: Type.String(), notes: Notes }, closed),
  Type.Object(
    {
      status: Type.Enum(['not-applicable']),
      missing: Type.Array(Type.String()),
      unlock: Type.String(),
      notes: Notes,
    },
    closed,
  ),
])

const VerdictRef = Type.Unsafe<Type.Static<typeof Verdict>>({ $ref: '#/$defs/verdict' })

const Contact = Type.Object(
  {
    protocol: Type.Enum(['tcp', 'http', 'tls', 'https', 'ldap']),
    serverName: Type.Optional(Type.String({ description: 'The name that a TLS client asked for' })),
    requests: Type.Array(Type.Object({ method: Type.String(), path: Type.String() }, closed)),
    firstBytes: Type.Optional(Type.String({ description: 'Where no request came: at most 64, as Latin-1' })),
  },
  closed,
)

const Evidence = Type.Object(
  {
    step: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.String()])),
    variant: Type.Optional(Type.String()),
    attempt: Type.Integer({ minimum: 1 }),
    request: Type.Object(
      {
        method: Type.String(),
        target: Type.String(),
        headers: HeadersRef,
        bodyBytes: Count,
        token: Type.Optional(
          Type.Object(
            {
              recipe: Type.String(),
              header: Type.Optional(Type.Unknown()),
              claims: Type.Optional(Type.Unknown()),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
    response: Type.Union([
      Type.Object(
        {
          status: Type.Integer({ minimum: 100, maximum: 999 }),
          headers: HeadersRef,
          bodyExcerpt: Type.String({ description: 'At most 2 KiB' }),
          truncated: Type.Boolean(),
        },
        closed,
      ),
      Type.Object({ error: Type.String() }, closed),
    ]),
    hits: Type.Array(
      Type.Object({ method: Type.String(), target: Type.String(), headers: HeadersRef }, closed),
    ),
    contacts: Type.Optional(
      Type.Array(Contact, { description: 'Who came to the listener because of this request' }),
    ),
  },
  closed,
)

const EvidenceRef = Type.Unsafe<Type.Static<typeof Evidence>>({ $ref: '#/$defs/evidence' })

const Observed = Type.Object(
  {
    status: Type.Union([Type.Integer(), Type.Null()], { description: 'null where no answer came' }),
    challenge: Type.Union([Type.String(), Type.Null()], { description: 'WWW-Authenticate, as it came' }),
    reachedUpstream: Type.Union([Type.Boolean(), Type.Null()], { description: 'null without a witness' }),
    ms: Type.Union([Type.Number({ minimum: 0 }), Type.Null()]),
    measured: Type.Optional(
      Type.Record(Type.String(), Scalar, {
        description: 'What an observing case found out: seconds, counts',
      }),
    ),
  },
  closed,
)

const ObservedRef = Type.Unsafe<Type.Static<typeof Observed>>({ $ref: '#/$defs/observed' })

const Variant = Type.Object(
  {
    name: Type.String(),
    verdict: VerdictRef,
    observed: Type.Optional(ObservedRef),
    evidence: Type.Optional(Type.Array(EvidenceRef)),
  },
  closed,
)

const Word = Type.Enum([...words])
const Expected = Type.Union([
  Word,
  Type.Array(Word, { minItems: 1 }),
  Type.Record(Type.String(), Type.Unknown()),
])

const Result = Type.Object(
  {
    case: Id,
    requirement: Type.String(),
    topic: Type.Enum([...topics]),
    title: Type.String(),
    requirementTitle: Type.Optional(Type.String({ description: 'The normative sentence' })),
    level: Level,
    severity: Type.Enum([...severities]),
    spec: Type.Object({ document: Type.String(), section: Type.String() }, closed),
    why: Type.Optional(Type.String({ description: 'What goes wrong where the requirement is broken' })),
    advisories: Type.Optional(Type.Array(Type.String())),
    digest: Digest,
    verdict: VerdictRef,
    variants: Type.Optional(Type.Array(Variant)),
    expected: Type.Optional(Expected),
    observed: Type.Optional(ObservedRef),
    evidence: Type.Optional(Type.Array(EvidenceRef)),
    waived: Type.Optional(
      Type.Array(
        Type.Object(
          { kind: Type.String(), reason: Type.String(), until: Type.Optional(Type.String()) },
          closed,
        ),
      ),
    ),
  },
  closed,
)

/** One case's result, under `conformance` and under `load` alike. */
export const ResultRef = Type.Unsafe<Type.Static<typeof Result>>({ $ref: '#/$defs/result' })

export const resultDefinitions = {
  headers: Headers,
  verdict: Verdict,
  evidence: Evidence,
  observed: Observed,
  result: Result,
}
