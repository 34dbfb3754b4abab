import Type from 'typebox'
import { Encrypt } from './encrypt.ts'
import { Proof } from './proof.ts'
import { RequestEdit } from './request-edit.ts'
import { Value } from './value.ts'

/** Schemas of a deviation: how the request of a case departs from the good one (suites/README.md says what each key means). */

const closed = { additionalProperties: false } as const

const Segment = Type.Enum(['header', 'payload', 'signature'])
const Base64 = Type.Enum(['url', 'padded', 'standard', 'noncanonical', 'none'])

const RawText = Type.Object(
  {
    text: Type.Optional(Value),
    members: Type.Optional(Type.Record(Type.String(), Value)),
    duplicate: Type.Optional(Type.Record(Type.String(), Type.Array(Value, { minItems: 2 }))),
    rename: Type.Optional(Type.Record(Type.String(), Type.String())),
    pretty: Type.Optional(Type.Boolean()),
    replace: Type.Optional(Type.Array(Type.Tuple([Type.String(), Type.String()]))),
    before: Type.Optional(Value),
    after: Type.Optional(Value),
    charset: Type.Optional(Type.Enum(['utf-8', 'utf-16le', 'latin1', 'utf-8-bom'])),
    deflate: Type.Optional(Type.Boolean()),
    base64: Type.Optional(Base64),
    insert: Type.Optional(Type.Object({ text: Value, at: Type.Enum(['start', 'middle', 'end']) }, closed)),
  },
  closed,
)
export type RawText = Type.Static<typeof RawText>

export const publicForms = [
  'spki-pem-lf',
  'spki-pem-nolf',
  'spki-pem-crlf',
  'spki-pem-space',
  'spki-pem-tab',
  'spki-pem-leading-lf',
  'spki-pem-oneline',
  'spki-base64',
  'pkcs1-pem',
  'pkcs1-der',
  'certificate-pem',
  'certificate-der',
  'spki-der',
  'jwk-served',
  'jwk-canonical',
  'modulus',
  'modulus-base64url',
  'ec-point',
  'ec-point-compressed',
  'ec-xy',
  'x-base64url',
  'okp-raw',
  'openssh',
] as const
export type PublicForm = (typeof publicForms)[number]

export const shapes = [
  'zero',
  'ff',
  'random',
  'rsa-zero',
  'rsa-one',
  'rsa-modulus',
  'rsa-modulus-minus-one',
  'rsa-plus-modulus',
  'leading-zero',
  'trailing-zero',
  'ecdsa-der',
  'ecdsa-zero-der',
  'ecdsa-high-s',
  'ecdsa-padded',
  'ecdsa-stripped',
  'eddsa-plus-order',
  'eddsa-small-order',
  'mac-10',
  'mac-16',
] as const
export type Shape = (typeof shapes)[number]

export const paddings = [
  'garbage-after',
  'short-filling',
  'other-filling',
  'block-type',
  'no-digest-info',
  'other-digest',
  'garbage-parameters',
] as const
export type Padding = (typeof paddings)[number]

const EdgeNumber = Type.Enum(['zero', 'one', 'order-less-one', 'order'])
export type EdgeNumber = Type.Static<typeof EdgeNumber>

const Secret = Type.Union([
  Type.Enum(['empty', 'random']),
  Type.Object({ public: Type.Enum([...publicForms]) }, closed),
  Type.Object({ text: Value }, closed),
  Type.Object({ zeros: Type.Integer({ minimum: 1, maximum: 256 }) }, closed),
])

const Sign = Type.Union([
  Type.Enum(['issuer', 'attacker', 'none', 'keep']),
  Type.Object(
    {
      key: Type.Optional(
        Type.Enum(['issuer', 'attacker', 'second', 'hmac', 'other-provider', 'same-kid-provider']),
      ),
      /** The key that a step before this one published under that name; the header names it. */
      as: Type.Optional(Type.String()),
      /** A JWS algorithm or a tagged `$alg`. Left out: the header's where the key can do it, else the baseline's. */
      alg: Type.Optional(Value),
      secret: Type.Optional(Secret),
      pss: Type.Optional(
        Type.Object(
          {
            saltLength: Type.Optional(
              Type.Union([Type.Integer({ minimum: 0 }), Type.Enum(['max', 'less-one'])]),
            ),
            mask: Type.Optional(Type.Enum(['sha1'])),
          },
          closed,
        ),
      ),
      padding: Type.Optional(Type.Enum([...paddings])),
      shape: Type.Optional(Type.Enum([...shapes])),
      numbers: Type.Optional(Type.Object({ r: EdgeNumber, s: EdgeNumber }, closed)),
    },
    closed,
  ),
])
export type Sign = Type.Static<typeof Sign>

const WireEdit = Type.Object(
  {
    /** Rebuilds the token: pieces joined by dots; a piece is literal text or `{ $segment: header }`. */
    join: Type.Optional(Type.Array(Value)),
    text: Type.Optional(Value),
    insert: Type.Optional(
      Type.Object(
        {
          text: Value,
          in: Type.Enum(['header', 'payload', 'signature', 'token']),
          at: Type.Enum(['start', 'middle', 'end']),
        },
        closed,
      ),
    ),
    keep: Type.Optional(
      Type.Object(
        {
          in: Segment,
          characters: Type.Optional(Type.Integer()),
          bytes: Type.Optional(Type.Integer()),
          half: Type.Optional(Type.Boolean()),
        },
        closed,
      ),
    ),
    flip: Type.Optional(Type.Object({ in: Segment, bit: Type.Enum(['first', 'last', 'middle']) }, closed)),
    recode: Type.Optional(
      Type.Object({ in: Segment, as: Type.Enum(['padded', 'standard', 'noncanonical']) }, closed),
    ),
    form: Type.Optional(Type.Enum(['flattened', 'general', 'polyglot'])),
  },
  { ...closed, minProperties: 1, maxProperties: 1 },
)
export type WireEdit = Type.Static<typeof WireEdit>

const Credential = Type.Object(
  {
    in: Type.Optional(
      Type.Enum(['header', 'query', 'cookie', 'form', 'multipart', 'json', 'trailer', 'userinfo']),
    ),
    name: Type.Optional(Value),
    /** Text, or a list of pieces: text, `{ $token: this | good | forged }`, `{ $scheme: as-is | lower | upper | mixed }`. */
    value: Type.Optional(Type.Union([Type.String(), Type.Array(Value)])),
  },
  closed,
)
const Carry = Type.Union([Type.Enum(['none']), Credential, Type.Array(Credential, { minItems: 1 })])
export type Credential = Type.Static<typeof Credential>
export type Carry = Type.Static<typeof Carry>

/** One after the other, in one write, or behind a first with two lengths, by one of which the other is part of it. */
const Connection = Type.Enum(['same', 'pipelined', 'cl-te'])

/** The request that goes first on the connection; empty but for that, it is the good one. */
const First = Type.Object(
  {
    connection: Connection,
    carry: Type.Optional(Carry),
    sign: Type.Optional(Sign),
    request: Type.Optional(RequestEdit),
  },
  closed,
)

export const Deviation = Type.Object(
  {
    header: Type.Optional(Type.Record(Type.String(), Value)),
    claims: Type.Optional(Type.Record(Type.String(), Value)),
    raw: Type.Optional(
      Type.Object({ header: Type.Optional(RawText), claims: Type.Optional(RawText) }, closed),
    ),
    sign: Type.Optional(Sign),
    encrypt: Type.Optional(Encrypt),
    wire: Type.Optional(Type.Array(WireEdit, { minItems: 1 })),
    carry: Type.Optional(Carry),
    proof: Type.Optional(Proof),
    request: Type.Optional(RequestEdit),
    token: Type.Optional(
      Type.Union([
        Type.String({ description: 'A genuine token of tokens.others' }),
        Type.Object(
          { step: Type.String({ description: 'The token that a step before this one sent' }) },
          closed,
        ),
      ]),
    ),
    after: Type.Optional(Type.Union([Type.Enum(['good']), First])),
    /** The good request follows on its connection. */
    before: Type.Optional(Type.Enum(['good'])),
  },
  closed,
)
export type Deviation = Type.Static<typeof Deviation>
