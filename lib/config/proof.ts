import Type from 'typebox'

/** Schema of how the DPoP proof of a request departs from the good one (suites/README.md says what each key means). */

const closed = { additionalProperties: false } as const
/** As in a deviation: an object whose first key begins with `$` is a tagged value. */
const Value = Type.Unknown()

const ProofEdit = Type.Object(
  {
    /** Whose proof it is: the key whose public half stands in `jwk`, and that signs. */
    by: Type.Optional(Type.Enum(['binding', 'other'])),
    header: Type.Optional(Type.Record(Type.String(), Value)),
    claims: Type.Optional(Type.Record(Type.String(), Value)),
    /** Left out: the key in `jwk`. `hmac` takes that key's public half, as PEM, for the secret. */
    sign: Type.Optional(Type.Enum(['other', 'none', 'hmac'])),
    /** Instead of the proof. */
    text: Type.Optional(Value),
    /** So many header fields, each with a proof of its own. */
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 3 })),
    name: Type.Optional(Type.String({ description: 'Name of the header field' })),
  },
  closed,
)
export type ProofEdit = Type.Static<typeof ProofEdit>

export const Proof = Type.Union([Type.Enum(['none']), ProofEdit])
export type Proof = Type.Static<typeof Proof>
