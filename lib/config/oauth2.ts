import Type from 'typebox'
import type { SigningKey } from './config.ts'
import type { OAuth2Client } from './token-source.ts'
import { closed, text } from './fields.ts'
import { child } from './pointer.ts'
import { proxy, resolveProxy } from './proxy.ts'
import { readSigningKeys, signingKeys, type KeysInput } from './signing-key.ts'
import type { Source } from './source.ts'
import { resolveTls, TlsSection } from './tls.ts'
import { httpUrl, parseUrl } from './url.ts'

const defaults = { auth: 'client_secret_basic', grant: 'client_credentials' } as const

export const OAuth2Section = Type.Object(
  {
    tokenEndpoint: Type.Optional(httpUrl('The token endpoint of the identity provider')),
    issuer: Type.Optional(httpUrl('The issuer, whose discovery document names the token endpoint')),
    clientId: Type.Optional(text('Client id')),
    clientSecret: Type.Optional(text('Client secret: from the environment, "${CLIENT_SECRET}"')),
    auth: Type.Optional(
      Type.Enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'tls_client_auth'], {
        description: 'How the client authenticates',
        default: defaults.auth,
      }),
    ),
    clientKey: Type.Optional(signingKeys('The private key for private_key_jwt')),
    grant: Type.Optional(
      Type.Enum(['client_credentials', 'jwt_assertion'], {
        description: 'How the token is asked for',
        default: defaults.grant,
      }),
    ),
    assertionKey: Type.Optional(signingKeys('The private key for jwt_assertion')),
    assertionClaims: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Claims of the assertion, beside those it must have',
      }),
    ),
    scope: Type.Optional(text('Scopes to ask for, with spaces between them, in the provider’s spelling')),
    resource: Type.Optional(text('The resource to ask for (RFC 8707)')),
    parameters: Type.Optional(
      Type.Record(Type.String(), Type.String(), {
        description: 'More parameters of the request, such as audience',
      }),
    ),
    tls: Type.Optional(TlsSection),
    proxy: Type.Optional(proxy()),
  },
  { ...closed, description: 'An identity provider signs' },
)
type OAuth2Input = Type.Static<typeof OAuth2Section>

/** Settings of one client, and for each the node where it stands or would stand. */
export type OAuth2Settings = {
  readonly input: OAuth2Input
  /** The settings that say where tokens are asked for: all of one place, so that one kind can replace the other. */
  readonly endpoint: Pick<OAuth2Input, 'tokenEndpoint' | 'issuer'>
  readonly at: (key: keyof OAuth2Input) => string
}

/** The settings at `at`, over those of `base`. */
export const settingsOf = (at: string, own: OAuth2Input, base?: OAuth2Settings): OAuth2Settings => ({
  input: { ...base?.input, ...own },
  endpoint: own.tokenEndpoint === undefined && own.issuer === undefined ? (base?.endpoint ?? {}) : own,
  at: (key) => (key in own || base === undefined ? child(at, key) : base.at(key)),
})

/** The client that the settings make; undefined, and told, where they lack what it needs. */
export const resolveOAuth2 = (settings: OAuth2Settings, source: Source): OAuth2Client | undefined => {
  const { input, at } = settings
  const endpoint = resolveEndpoint(settings, source)
  const auth = resolveAuth(settings, source)
  const grant = resolveGrant(settings, source)
  const proxy = resolveProxy(at('proxy'), input.proxy, source.tell)
  const tls = resolveTls(at('tls'), input.tls, source)
  if (input.clientId === undefined) source.tell(at('clientId'), 'an OAuth 2.0 client needs its `clientId`')
  if (endpoint === undefined || auth === undefined || grant === undefined || input.clientId === undefined)
    return undefined
  return {
    endpoint,
    clientId: input.clientId,
    auth,
    grant,
    ...(input.scope !== undefined && { scope: input.scope }),
    ...(input.resource !== undefined && { resource: input.resource }),
    parameters: input.parameters ?? {},
    tls,
    proxy,
  }
}

const resolveEndpoint = (
  { endpoint, at }: OAuth2Settings,
  source: Source,
): OAuth2Client['endpoint'] | undefined => {
  const { tokenEndpoint, issuer } = endpoint
  if ((tokenEndpoint === undefined) === (issuer === undefined)) {
    const how = issuer === undefined ? 'it has neither' : 'it has both'
    source.tell(
      at('tokenEndpoint'),
      `an OAuth 2.0 client needs either \`tokenEndpoint\` or \`issuer\`, and ${how}`,
    )
    return undefined
  }
  const kind = issuer === undefined ? 'tokenEndpoint' : 'issuer'
  const url = issuer ?? tokenEndpoint ?? ''
  return parseUrl(at(kind), url, source.tell) && { kind, url }
}

const resolveAuth = ({ input, at }: OAuth2Settings, source: Source): OAuth2Client['auth'] | undefined => {
  const method = input.auth ?? defaults.auth
  switch (method) {
    case 'client_secret_basic':
    case 'client_secret_post':
      if (input.clientSecret !== undefined) return { method, clientSecret: input.clientSecret }
      source.tell(at('clientSecret'), `\`auth: ${method}\` needs the \`clientSecret\``)
      return undefined
    case 'private_key_jwt': {
      const clientKey = readOneKey(
        at('clientKey'),
        input.clientKey,
        `\`auth: ${method}\` needs the \`clientKey\``,
        source,
      )
      return clientKey && { method, clientKey }
    }
    case 'tls_client_auth':
      if (input.tls?.cert !== undefined) return { method }
      source.tell(`${at('tls')}/cert`, `\`auth: ${method}\` needs \`tls.cert\` and \`tls.key\``)
      return undefined
  }
}

const resolveGrant = ({ input, at }: OAuth2Settings, source: Source): OAuth2Client['grant'] | undefined => {
  const type = input.grant ?? defaults.grant
  if (type === 'client_credentials') return { type }
  const assertionKey = readOneKey(
    at('assertionKey'),
    input.assertionKey,
    `\`grant: ${type}\` needs the \`assertionKey\``,
    source,
  )
  return assertionKey && { type, assertionKey, claims: input.assertionClaims ?? {} }
}

const readOneKey = (
  at: string,
  input: KeysInput | undefined,
  need: string,
  source: Source,
): SigningKey | undefined => {
  if (input !== undefined) return readSigningKeys(at, input, undefined, source)[0]
  source.tell(at, need)
  return undefined
}
