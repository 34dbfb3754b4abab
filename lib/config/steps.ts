import Type from 'typebox'
import { Deviation } from './deviation.ts'
import { Expect } from './expect.ts'
import { Measure } from './measure.ts'
import { Value } from './value.ts'

/** Schemas of the steps of a case that takes more than one request (suites/README.md says what each key means). */

const closed = { additionalProperties: false } as const
const Label = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]*$',
  patternErrorMessage: 'expected a name of small letters, digits and hyphens',
})
const Duration = Type.String({
  pattern: '^\\d+(\\.\\d+)?(ms|s|m|h)$',
  patternErrorMessage: 'expected a duration such as 500ms, 5s or 2m',
})

const Send = Type.Object(
  {
    /** What it is called, so that a later step can name its request, its token or its side. */
    as: Type.Optional(Label),
    deviation: Type.Optional(Deviation),
    /** The request of that name once more, byte by byte. */
    again: Type.Optional(Label),
    /** With `again`: its DPoP proof as well, which is otherwise made anew, since it is for one use. */
    proof: Type.Optional(Type.Enum(['kept'])),
    /** Left out: that of the case. */
    expect: Type.Optional(Expect),
  },
  closed,
)
export type Send = Type.Static<typeof Send>

/** Kinds of keys that a step can publish; `fresh` is one that fits the algorithm of the issuer's. */
export const keyKinds = [
  'fresh',
  'RS256',
  'ES256',
  'ES384',
  'ES512',
  'ES256K',
  'EdDSA',
  'Ed448',
  'oct',
  'rsa-1024',
  'rsa-exponent-1',
  'rsa-roca',
  'eddsa-small-order',
  'ec-off-curve',
] as const
export type KeyKind = (typeof keyKinds)[number]

const KeyEntry = Type.Object(
  {
    /** What the key is called in this case: `{ sign: { as: NAME } }` signs with it. */
    as: Type.Optional(Label),
    /** Of this kind, or the issuer's own first or second. */
    key: Type.Optional(Type.Enum([...keyKinds, 'issuer', 'second'])),
    /** A merge into its JWK: null removes. */
    jwk: Type.Optional(Type.Record(Type.String(), Value)),
    /** Instead of a key of a kind: any JSON value. */
    raw: Type.Optional(Value),
    /** Before those that are there, and not after them. */
    first: Type.Optional(Type.Boolean()),
    /** So many of them, each with a kid of its own. */
    times: Type.Optional(Type.Integer({ minimum: 2, maximum: 20_000 })),
  },
  closed,
)
export type KeyEntry = Type.Static<typeof KeyEntry>

const KeySetChange = Type.Object(
  {
    add: Type.Optional(Type.Array(KeyEntry, { minItems: 1 })),
    /** `issuer`, or a name that an earlier step gave. */
    remove: Type.Optional(Type.Array(Label, { minItems: 1 })),
    replace: Type.Optional(Type.Array(KeyEntry)),
    status: Type.Optional(Type.Integer({ minimum: 200, maximum: 599 })),
    delay: Type.Optional(Type.Union([Duration, Type.Literal('never')])),
    body: Type.Optional(Value),
    headers: Type.Optional(Type.Record(Type.String(), Value)),
    /** The connection is closed without an answer. */
    drop: Type.Optional(Type.Boolean()),
    /** Answered with an ETag, and with 304 to whoever has it already. */
    etag: Type.Optional(Type.Boolean()),
    /** Answered with a redirect to the same server under another name. */
    redirect: Type.Optional(Type.Boolean()),
    /** What the discovery document says instead. */
    discovery: Type.Optional(Type.Record(Type.String(), Value)),
    /** Served under a certificate that nobody trusts. */
    untrusted: Type.Optional(Type.Boolean()),
    /**
     * When the step is over: once the gateway trusts a key that was published with the change (`taken-up`), once it has
     * fetched (`fetched`), or at once (`none`). Left out: `taken-up`, or `fetched` where the answer is no key set.
     */
    until: Type.Optional(Type.Enum(['taken-up', 'fetched', 'none'])),
    /** Whether how long that takes is itself what is judged, and of which key. */
    judged: Type.Optional(Type.Enum(['addition', 'removal'])),
  },
  { ...closed, minProperties: 1 },
)
export type KeySetChange = Type.Static<typeof KeySetChange>

const Wait = Type.Union([
  Duration,
  Type.Object(
    { $policy: Type.Enum(['keySet.maxAge', 'keySet.cooldown', 'clockSkew']), plus: Type.Optional(Duration) },
    closed,
  ),
  /** Until the token of that step has ended, and for as much longer. */
  Type.Object({ $expiry: Label, plus: Type.Optional(Duration) }, closed),
])
export type Wait = Type.Static<typeof Wait>

export const hookNames = ['restart', 'revoke'] as const
export type HookName = (typeof hookNames)[number]

const one = { ...closed, minProperties: 1, maxProperties: 1 } as const

const Simple = {
  send: Type.Optional(Send),
  keySet: Type.Optional(KeySetChange),
  wait: Type.Optional(Wait),
  /** How often the key set was fetched since its last change was taken up or a hook ran, or since the case began. */
  fetches: Type.Optional(
    Type.Object(
      {
        atMost: Type.Integer({ minimum: 0 }),
        /** Of the set where it is, or where a redirect led. Left out: `keys`. */
        of: Type.Optional(Type.Enum(['keys', 'moved'])),
      },
      closed,
    ),
  ),
  hook: Type.Optional(Type.Enum([...hookNames])),
} as const

const SimpleStep = Type.Object(Simple, one)

export const Step = Type.Object(
  {
    ...Simple,
    measure: Type.Optional(Measure),
    repeat: Type.Optional(
      Type.Object(
        {
          times: Type.Integer({ minimum: 2, maximum: 1_000 }),
          concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
          steps: Type.Array(SimpleStep, { minItems: 1 }),
        },
        closed,
      ),
    ),
  },
  one,
)
export type Step = Type.Static<typeof Step>

/** What the steps send, repeated ones once. */
export const sendsOf = (steps: readonly Step[]): readonly Send[] =>
  steps.flatMap((step) => [step, ...(step.repeat?.steps ?? [])]).flatMap(({ send }) => send ?? [])

/** The changes of the key set that the steps make, repeated ones once. */
export const changesOf = (steps: readonly Step[]): readonly KeySetChange[] =>
  steps.flatMap((step) => [step, ...(step.repeat?.steps ?? [])]).flatMap(({ keySet }) => keySet ?? [])

/** Whether steps change what other cases meet. */
export const changesTarget = (steps: readonly Step[]): boolean =>
  steps.some(({ keySet, hook }) => keySet !== undefined || hook !== undefined)
