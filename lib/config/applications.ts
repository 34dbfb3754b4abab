import Type from 'typebox'
import { checkDocument, DocumentError, type Fault } from './document.ts'

const closed = { additionalProperties: false } as const
const Name = Type.String({ minLength: 1 })
/** The characters that a scope may have (RFC 6749 section 3.3), in an audience too, since the two are asked for as one. */
const ScopePart = Type.String({
  pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$',
  description: 'one or more printable ASCII characters other than space, double quote and backslash',
})
/** RFC 6749 appendix A.1 and A.2. */
const Printable = Type.String({
  pattern: '^[\\x20-\\x7E]+$',
  description: 'one or more printable ASCII characters',
})
const Base64Url = Type.String({ pattern: '^[A-Za-z0-9_-]+$', description: 'base64url without padding' })

const ResourceServer = Type.Object(
  {
    name: Name,
    primaryAudience: ScopePart,
    scopes: Type.Array(ScopePart, { minItems: 1, uniqueItems: true }),
    tokenLifetimeSeconds: Type.Integer({ minimum: 1 }),
  },
  closed,
)
export type ResourceServer = Type.Static<typeof ResourceServer>

/** A public RSA key, which is closed so that no private part gets into the file unseen. */
const AssertionKey = Type.Object(
  {
    kty: Type.Enum(['RSA']),
    kid: Name,
    n: Base64Url,
    e: Base64Url,
    alg: Type.Optional(Type.Enum(['RS256'])),
    use: Type.Optional(Type.Enum(['sig'])),
  },
  closed,
)

export const jwtAssertion = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const Client = Type.Object(
  {
    name: Name,
    clientId: Printable,
    /** Left out, a random one is made at start. */
    clientSecret: Type.Optional(Printable),
    active: Type.Boolean(),
    grants: Type.Array(Type.Enum(['client_credentials', jwtAssertion]), { minItems: 1, uniqueItems: true }),
    /** Primary audience and scope in one, as a token is asked for. */
    allowedScopes: Type.Array(ScopePart, { uniqueItems: true }),
    /** What the client signs its JWT assertions with. */
    assertionKeys: Type.Optional(Type.Object({ keys: Type.Array(AssertionKey, { minItems: 1 }) }, closed)),
  },
  closed,
)
export type Client = Type.Static<typeof Client>

const ApplicationsFile = Type.Object(
  {
    tenant: Name,
    /** Is the signing certificate published to everybody? */
    accessSigningCertificate: Type.Boolean(),
    resourceServers: Type.Array(ResourceServer),
    clients: Type.Array(Client),
  },
  closed,
)
/** The applications of an identity domain: who may ask for a token, and for what. */
export type Applications = Type.Static<typeof ApplicationsFile>

/**
 * The applications in a parsed JSON document. Throws a {@link DocumentError} with every fault: what is not of the
 * schema, or else what contradicts itself.
 */
export function readApplications(document: unknown): Applications {
  const applications = checkDocument('the applications', ApplicationsFile, document)
  const faults = contradictions(applications)
  if (faults.length > 0) throw new DocumentError('the applications', faults)
  return applications
}

function contradictions({ resourceServers, clients }: Applications): Fault[] {
  const askable = resourceServers.flatMap(({ primaryAudience, scopes }) =>
    scopes.map((scope) => primaryAudience + scope),
  )
  return [
    ...repeated(askable).map((asked) => ({
      path: 'resourceServers',
      rule: `${asked} stands for more than one scope when primary audience and scope are written together`,
    })),
    ...repeated(clients.map(({ clientId }) => clientId)).map((clientId) => ({
      path: 'clients',
      rule: `the clientId ${clientId} must belong to one client`,
    })),
    ...clients.flatMap(({ allowedScopes }, client) =>
      allowedScopes.flatMap((asked, scope) =>
        askable.includes(asked)
          ? []
          : [{ path: `clients[${client}].allowedScopes[${scope}]`, rule: unknownScope(asked, askable) }],
      ),
    ),
  ]
}

const unknownScope = (asked: string, askable: readonly string[]): string =>
  `${asked} is no scope of a resource server, written as <primary audience><scope>; these are: ${askable.join(' ')}`

const repeated = (values: readonly string[]): string[] => [
  ...new Set(values.filter((value, index) => values.indexOf(value) !== index)),
]
