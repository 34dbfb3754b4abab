import Type from 'typebox'

/** Schema of an OCI API Gateway deployment specification: the part of it that this gateway models. */

const closed = { additionalProperties: false } as const
const Text = Type.String({ minLength: 1 })
const Flag = Type.Boolean()
const FieldName = Type.String({
  pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$",
  description: 'a name of a header (RFC 9110 section 5.1)',
})
const FieldValue = Type.String({
  pattern: '^[\\x20-\\x7e]*$',
  description: 'printable ASCII text without `${…}`, which is not modelled',
  notTemplated: true,
})
const HttpUrl = Type.String({
  httpUrl: true,
  notTemplated: true,
})

/** A union that is told apart by its member `type`, so that a fault is told for the member that was meant. */
const tagged = <Members extends readonly Type.TSchema[]>(tag: string, ...members: Members) =>
  Type.Unsafe<Type.Static<Members[number]>>({
    type: 'object',
    required: [tag],
    discriminator: { propertyName: tag },
    oneOf: members,
  })

export const algorithms = ['RS256', 'RS384', 'RS512'] as const

const JsonWebKey = Type.Object(
  {
    format: Type.Literal('JSON_WEB_KEY'),
    kid: Text,
    kty: Type.Literal('RSA'),
    use: Type.Optional(Type.Literal('sig')),
    key_ops: Type.Optional(Type.Array(Type.String(), { holdsVerify: true })),
    alg: Type.Optional(Type.Enum([...algorithms])),
    n: Type.String({ rsaModulus: true }),
    e: Type.String({ rsaExponent: true }),
  },
  closed,
)
const PemKey = Type.Object(
  { format: Type.Literal('PEM'), kid: Text, key: Type.String({ rsaPem: true }) },
  closed,
)
const StaticKey = tagged('format', JsonWebKey, PemKey)
export type StaticKey = Type.Static<typeof JsonWebKey> | Type.Static<typeof PemKey>

const keys = Type.Array(StaticKey, { minItems: 1, maxItems: 10, uniqueKids: true })
const remoteJwks = {
  type: Type.Literal('REMOTE_JWKS'),
  uri: HttpUrl,
  isSslVerifyDisabled: Type.Optional(Flag),
  maxCacheDurationInHours: Type.Optional(Type.Integer({ minimum: 1, maximum: 24 })),
} as const

const Claim = Type.Object(
  {
    key: Text,
    values: Type.Optional(Type.Array(Type.String())),
    isRequired: Type.Optional(Flag),
  },
  closed,
)
const Issuers = Type.Array(Text, { minItems: 1, maxItems: 5 })
const Audiences = Type.Array(Text, { minItems: 1, maxItems: 5 })
const VerifyClaims = Type.Array(Claim, { maxItems: 10 })

const tokenFields = {
  isAnonymousAccessAllowed: Type.Optional(Flag),
  tokenHeader: Type.Optional(FieldName),
  tokenQueryParam: Type.Optional(Text),
  tokenAuthScheme: Type.Optional(FieldName),
  maxClockSkewInSeconds: Type.Optional(Type.Number({ minimum: 0, maximum: 120 })),
} as const

const JwtAuthentication = Type.Object(
  {
    type: Type.Literal('JWT_AUTHENTICATION'),
    ...tokenFields,
    issuers: Issuers,
    audiences: Audiences,
    verifyClaims: Type.Optional(VerifyClaims),
    publicKeys: tagged(
      'type',
      Type.Object({ type: Type.Literal('STATIC_KEYS'), keys }, closed),
      Type.Object(remoteJwks, closed),
    ),
  },
  { ...closed, oneTokenPlace: true },
)

const AdditionalValidation = Type.Object(
  {
    issuers: Type.Optional(Issuers),
    audiences: Type.Optional(Audiences),
    verifyClaims: Type.Optional(VerifyClaims),
  },
  closed,
)
const additionalValidationPolicy = Type.Optional(AdditionalValidation)

const HeaderItem = Type.Object({ name: FieldName }, closed)
const HeaderTransformations = Type.Object(
  {
    setHeaders: Type.Optional(
      Type.Object(
        {
          items: Type.Array(
            Type.Object(
              {
                name: FieldName,
                values: Type.Array(FieldValue, { minItems: 1 }),
                ifExists: Type.Optional(Type.Enum(['OVERWRITE', 'APPEND', 'SKIP'])),
              },
              closed,
            ),
          ),
        },
        closed,
      ),
    ),
    renameHeaders: Type.Optional(
      Type.Object({ items: Type.Array(Type.Object({ from: FieldName, to: FieldName }, closed)) }, closed),
    ),
    filterHeaders: Type.Optional(
      Type.Object({ type: Type.Enum(['ALLOW', 'BLOCK']), items: Type.Array(HeaderItem) }, closed),
    ),
  },
  { ...closed, distinctHeaders: true },
)
export type HeaderTransformations = Type.Static<typeof HeaderTransformations>

const ModifyResponse = Type.Object(
  {
    type: Type.Literal('MODIFY_RESPONSE'),
    responseCode: Type.Optional(
      Type.String({
        pattern: '^[2-5]\\d\\d$',
        description: 'a status code from "200" to "599"; `${…}` is not modelled',
      }),
    ),
    responseMessage: Type.Optional(Type.String({ notTemplated: true })),
    responseHeaderTransformations: Type.Optional(HeaderTransformations),
  },
  closed,
)
export type ModifyResponse = Type.Static<typeof ModifyResponse>

const TokenAuthentication = Type.Object(
  {
    type: Type.Literal('TOKEN_AUTHENTICATION'),
    ...tokenFields,
    validationPolicy: tagged(
      'type',
      Type.Object(
        { type: Type.Literal('STATIC_KEYS'), keys: Type.Optional(keys), additionalValidationPolicy },
        closed,
      ),
      Type.Object({ ...remoteJwks, additionalValidationPolicy }, closed),
    ),
    validationFailurePolicy: Type.Optional(tagged('type', ModifyResponse)),
  },
  { ...closed, oneTokenPlace: true },
)
export type Authentication = Type.Static<typeof JwtAuthentication> | Type.Static<typeof TokenAuthentication>

const Authorization = tagged(
  'type',
  Type.Object({ type: Type.Literal('ANY_OF'), allowedScope: Type.Array(Text, { minItems: 1 }) }, closed),
  Type.Object({ type: Type.Literal('AUTHENTICATION_ONLY') }, closed),
  Type.Object({ type: Type.Literal('ANONYMOUS') }, closed),
)

const StockResponse = Type.Object(
  {
    type: Type.Literal('STOCK_RESPONSE_BACKEND'),
    status: Type.Integer({ minimum: 200, maximum: 599 }),
    body: Type.Optional(Type.String({ maxBytes: 4096 })),
    headers: Type.Optional(Type.Array(Type.Object({ name: FieldName, value: FieldValue }, closed))),
  },
  closed,
)
const HttpBackend = Type.Object({ type: Type.Literal('HTTP_BACKEND'), url: HttpUrl }, closed)
export type Backend = Type.Static<typeof StockResponse> | Type.Static<typeof HttpBackend>

export const methods = ['HEAD', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

const Route = Type.Object(
  {
    path: Type.String({
      pattern: "^/[A-Za-z0-9._~!$&'()*+,=:@/-]*$",
      description: 'a path that begins with a slash; path parameters and wildcards are not modelled',
    }),
    methods: Type.Optional(Type.Array(Type.Enum(['ANY', ...methods]), { minItems: 1 })),
    backend: tagged('type', StockResponse, HttpBackend),
    requestPolicies: Type.Optional(Type.Object({ authorization: Type.Optional(Authorization) }, closed)),
  },
  closed,
)
export type Route = Type.Static<typeof Route>

/** Where a deployment begins; the slash alone is the whole gateway. */
export const PathPrefix = Type.String({
  pattern: '^(/|(/[A-Za-z0-9._~$@=-]+)+)$',
  description: 'a path that begins with a slash and does not end with one',
})

export const Specification = Type.Object(
  {
    requestPolicies: Type.Optional(
      Type.Object(
        { authentication: Type.Optional(tagged('type', JwtAuthentication, TokenAuthentication)) },
        closed,
      ),
    ),
    routes: Type.Array(Route, { minItems: 1, maxItems: 50 }),
  },
  { ...closed, authorizationFits: true, distinctRoutes: true },
)
export type Specification = Type.Static<typeof Specification>
