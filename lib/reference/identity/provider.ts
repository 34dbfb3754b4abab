import type { EventEmitter } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { AccessToken, Adapter, ClientMetadata, ClientCredentials } from 'oidc-provider'
import type { Configuration, JWTStructured, Provider } from 'oidc-provider'
import type { Client } from '../../config/applications.ts'
import { paths } from './discovery.ts'
import type { Library } from './library.ts'
import { signingKeyId, type DomainKey } from './signing-key.ts'

/** A client with the secret that its application was given, or got at start. */
export type RegisteredClient = Client & { readonly clientSecret: string }

export type ProviderSettings = {
  readonly issuer: string
  readonly tenant: string
  readonly clients: readonly RegisteredClient[]
  readonly key: DomainKey
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** The authorization server that does the protocol work, as yet without a grant. */
export function createProvider(library: Library, settings: ProviderSettings): Provider {
  const provider = new library.Provider(settings.issuer, configurationOf(settings))
  crashOnOwnMistakes(provider)
  return provider
}

/** The library would answer 500 to a mistake of ours and say no more, but print a stack for each client that hangs up. */
function crashOnOwnMistakes(provider: Provider): void {
  provider.on('server_error', (_context, error) => {
    throw error
  })
  const emitter: EventEmitter = provider
  emitter.on('error', (error: Error, { req }: { req: IncomingMessage }) => {
    const clientLeft = !req.complete || req.socket.destroyed
    if (!clientLeft) throw error
  })
}

/** Some of it is here only because the library's default for it prints advice. */
function configurationOf(settings: ProviderSettings): Configuration {
  const signingKey = settings.key.privateKey.export({ format: 'jwk' })
  return {
    adapter: () => keepsNothing,
    clients: settings.clients.filter(({ active }) => active).map(metadataOf),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    clientBasedCORS: () => false,
    features: { devInteractions: { enabled: false } },
    formats: { customizers: { jwt: (_context, token, parts) => shapeToken(token, parts, settings) } },
    jwks: { keys: [{ ...signingKey, kid: signingKeyId, alg: 'RS256', use: 'sig' }] },
    renderError: (context, error) => {
      context.body = error
    },
    routes: { token: paths.token },
  }
}

function metadataOf(client: RegisteredClient): ClientMetadata {
  return {
    client_id: client.clientId,
    client_name: client.name,
    client_secret: client.clientSecret,
    grant_types: client.grants,
    redirect_uris: [],
    response_types: [],
  }
}

/** Gives a token the domain's header, which has no `typ`, its own claims, and its clock. */
function shapeToken(
  token: AccessToken | ClientCredentials,
  parts: JWTStructured,
  settings: ProviderSettings,
): void {
  const [{ x5t, 'x5t#S256': x5tS256 }] = settings.key.jwks.keys
  const iat = Math.floor(settings.now() / 1000)
  parts.header = { typ: undefined, x5t, 'x5t#S256': x5tS256 }
  Object.assign(parts.payload, {
    client_name: token.client?.clientName,
    tok_type: 'AT',
    sub_type: 'client',
    tenant: settings.tenant,
    iat,
    exp: iat + token.expiration,
  })
}

/** Clients are fixed and access tokens stand for themselves: nothing is kept, so nothing is found. */
const keepsNothing: Adapter = {
  upsert: () => Promise.resolve(),
  find: () => Promise.resolve(),
  findByUid: () => Promise.resolve(),
  findByUserCode: () => Promise.resolve(),
  consume: () => Promise.resolve(),
  destroy: () => Promise.resolve(),
  revokeByGrantId: () => Promise.resolve(),
}
