import Type from 'typebox'
import { routeNames } from './route-name.ts'
import { Value } from './value.ts'

const closed = { additionalProperties: false } as const

/** Schema of how a request departs from the good one, but for its credentials (suites/README.md says what each key means). */
export const RequestEdit = Type.Object(
  {
    route: Type.Optional(Type.Enum([...routeNames, 'unrouted'])),
    method: Type.Optional(Type.String()),
    /** The request-target in pieces: text and `{ $path: … }`. */
    target: Type.Optional(Type.Array(Value, { minItems: 1 })),
    query: Type.Optional(Type.String()),
    headers: Type.Optional(Type.Array(Type.Object({ name: Value, value: Value }, closed))),
    drop: Type.Optional(Type.Array(Type.String())),
    body: Type.Optional(
      Type.Object({ type: Type.String(), text: Value, chunked: Type.Optional(Type.Boolean()) }, closed),
    ),
    version: Type.Optional(Type.Enum(['1.0', '1.1', '2'])),
    raw: Type.Optional(Type.Boolean()),
    /** The client certificate of the connection: that which good tokens are bound to, the second one, or none. */
    certificate: Type.Optional(Type.Enum(['own', 'other', 'none'])),
    /** The name in TLS is `target.tls.otherServername`. */
    servername: Type.Optional(Type.Enum(['other'])),
    /** Sent to `target.plaintextUrl`. */
    over: Type.Optional(Type.Enum(['plaintext'])),
  },
  closed,
)
export type RequestEdit = Type.Static<typeof RequestEdit>
